"""A number with its error."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Measured:
    """A value with its standard error.

    Args:
        value: The estimate.
        error: Its standard error, everything included; NaN if there is none.
        replicas: `(replicas,)` bootstrap estimates of the same quantity. Two numbers
            measured on the same events with the same bootstrap seed have paired
            replicas, so that what is common cancels in `minus` and `over`.
        training_error: The part of `error` from repeating the training with other
            seeds, which no replica of the test events holds.
    """

    value: float
    error: float
    replicas: NDArray[np.float64] | None = field(
        default=None, compare=False, repr=False
    )
    training_error: float = field(default=0.0, compare=False, repr=False)

    @classmethod
    def from_replicas(
        cls,
        value: float,
        replicas: NDArray[np.float64],
        training_error: float = 0.0,
    ) -> "Measured":
        """`value` with the spread of the finite `replicas` as its error."""
        finite = replicas[np.isfinite(replicas)]
        spread = float(np.std(finite, ddof=1)) if len(finite) > 1 else math.nan
        error = math.hypot(spread, training_error)
        return cls(float(value), error, replicas, training_error)

    @classmethod
    def from_dict(cls, content: Mapping[str, float | None]) -> "Measured":
        """Reads `{"value": ..., "error": ...}`; `null` becomes NaN."""
        value, error = (content.get(name) for name in ("value", "error"))
        return cls(
            math.nan if value is None else float(value),
            math.nan if error is None else float(error),
        )

    def to_dict(self) -> dict[str, float]:
        """`{"value": ..., "error": ...}`."""
        return {"value": self.value, "error": self.error}

    def minus(self, other: "Measured") -> "Measured":
        """Difference; paired where both have replicas, else in quadrature."""
        return _combine(self, other, lambda a, b: a - b, (1.0, -1.0))

    def over(self, other: "Measured") -> "Measured":
        """Quotient; paired where both have replicas, else in quadrature."""
        if other.value == 0.0:
            return Measured(math.nan, math.nan)
        slopes = (1.0 / other.value, -self.value / other.value**2)
        return _combine(self, other, lambda a, b: a / b, slopes)

    def __str__(self) -> str:
        """For example `0.9123 ± 0.0012`: the error with two significant digits."""
        if not math.isfinite(self.value):
            return "undefined" if math.isnan(self.value) else "unbounded"
        if not math.isfinite(self.error):
            return f"{self.value:.4g} ± unknown"
        if self.error == 0.0:
            return f"{self.value:.4g} ± 0"
        digits = max(0, 1 - math.floor(math.log10(self.error)))
        return f"{self.value:.{digits}f} ± {self.error:.{digits}f}"


def mean_and_standard_error(values: Sequence[float]) -> Measured:
    """Mean of independent repetitions and its standard error.

    Args:
        values: For example one AUC a training seed. The error of a single value is
            unknown: NaN.
    """
    if len(values) == 0:
        raise ValueError("`values` must hold at least one number. Received: none.")
    if len(values) == 1:
        return Measured(float(values[0]), math.nan)
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return Measured(float(np.mean(values)), error)


def mean_of(numbers: Sequence[Measured]) -> Measured:
    """Mean of different quantities, such as the AUC over masses.

    Replicas carry what the quantities have in common (the same background events);
    without replicas the errors are taken as fully correlated, which is conservative.
    """
    if not numbers:
        raise ValueError("`numbers` must hold at least one Measured. Received: none.")
    value = float(np.mean([number.value for number in numbers]))
    stacked = _stacked(numbers)
    if stacked is None:
        return Measured(value, float(np.mean([number.error for number in numbers])))
    training = math.hypot(*(n.training_error for n in numbers)) / len(numbers)
    return Measured.from_replicas(value, stacked.mean(axis=0), training)


def mean_over_seeds(numbers: Sequence[Measured]) -> Measured:
    """Mean of one quantity over trainings, evaluated on the same events.

    The error is the standard error over the trainings and, in quadrature, the error
    from the test events, which all trainings share and which does not average out.
    """
    if len(numbers) == 1:
        return numbers[0]
    seeds = mean_and_standard_error([number.value for number in numbers])
    stacked = _stacked(numbers)
    if stacked is None:
        events = float(np.mean([number.error for number in numbers]))
        error = math.hypot(seeds.error, events)
        return Measured(seeds.value, error, None, seeds.error)
    return Measured.from_replicas(seeds.value, stacked.mean(axis=0), seeds.error)


def _stacked(numbers: Sequence[Measured]) -> NDArray[np.float64] | None:
    replicas = [number.replicas for number in numbers if number.replicas is not None]
    lengths = {len(values) for values in replicas}
    if len(replicas) != len(numbers) or len(lengths) != 1:
        return None
    return np.stack(replicas)


def _combine(
    first: Measured,
    second: Measured,
    operation: Callable[..., float],
    slopes: tuple[float, float],
) -> Measured:
    value = operation(first.value, second.value)
    stacked = _stacked((first, second))
    if stacked is None:
        errors = (first.error, second.error)
    else:
        errors = (first.training_error, second.training_error)
    error = math.hypot(slopes[0] * errors[0], slopes[1] * errors[1])
    if stacked is None:
        return Measured(value, error)
    with np.errstate(divide="ignore", invalid="ignore"):
        replicas = np.asarray(operation(stacked[0], stacked[1]), "float64")
    return Measured.from_replicas(value, replicas, error)
