"""Which parameter values (mass hypotheses) background events are given."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.events import Events

DISTRIBUTIONS = ("identical", "uniform", "binned")
ASSIGNMENTS = ("fixed", "sampled")
_UNIT_FACTOR = 10.0
_RANDOM_STREAM = 0x6D617373  # apart from other uses of the same seed


@dataclass(frozen=True, eq=False)
class BackgroundMass:
    """Rule by which background events, which have no mass, receive one.

    The parameters of a signal event are those it was generated with. For the
    background a parametric network needs values as well (paper 002, section 4.2):

    - `identical`: one of the parameter sets of the signal, each distinct set with
      equal probability, whatever its number of signal events. With several
      parameters a whole set is drawn, so that only generated combinations occur.
    - `uniform`: uniform between the smallest and the largest signal value,
      independently for each parameter.
    - `binned`: the signal value nearest to a reconstructed mass of the same event.
      For one parameter only; the same every time it is asked for.

    `fixed` assigns once; `sampled` draws anew for each batch inside the pipeline.

    Args:
        distribution: `identical`, `uniform` or `binned`.
        assignment: `fixed` or `sampled`. `binned` leaves nothing to sample and can
            only be `fixed`.
        parameter_sets: `(sets, parameters)` distinct parameters of the signal, in
            the units of `Events.parameters` (GeV for a mass).
        reconstructed: For `binned`, the feature that holds the reconstructed mass,
            in the unit of the parameter.

    Raises:
        ValueError: If an option is unknown or the options cannot act together.
    """

    distribution: str
    assignment: str
    parameter_sets: NDArray[np.float32]
    reconstructed: str | None = None

    def __post_init__(self) -> None:
        _check_option("distribution", self.distribution, DISTRIBUTIONS)
        _check_option("assignment", self.assignment, ASSIGNMENTS)
        sets = np.asarray(self.parameter_sets, "float32")
        object.__setattr__(self, "parameter_sets", sets)
        if sets.ndim != 2 or not sets.size or not np.isfinite(sets).all():
            raise ValueError(
                "`parameter_sets` must have shape (sets, parameters), with at least "
                f"one of each, and be finite. Received: {_shown(sets)}."
            )
        if self.distribution == "binned":
            self._check_binned()
        elif self.reconstructed is not None:
            raise ValueError(
                "`reconstructed` only acts with distribution='binned'. Received: "
                f"distribution='{self.distribution}', "
                f"reconstructed='{self.reconstructed}'."
            )

    @classmethod
    def for_events(
        cls,
        events: Events,
        distribution: str = "identical",
        assignment: str = "sampled",
        *,
        reconstructed: str | None = None,
    ) -> "BackgroundMass":
        """The rule with the parameter sets found among the signal of `events`.

        Args:
            events: Training events; only their signal is read.
            distribution: See the class.
            assignment: See the class.
            reconstructed: See the class.

        Raises:
            ValueError: If there is no parameter or no signal, or a signal event has
                an undefined parameter.
        """
        if not events.parameter_names:
            raise ValueError(
                "A background mass needs events with at least one parameter. "
                "Received: none. Declare the parameter in the column map, or train a "
                "model without parameters and leave the background mass out."
            )
        if reconstructed is not None:
            events.column(reconstructed)
        signal = events.parameters[events.label == 1]
        sets, _ = distinct_parameter_sets(signal)
        return cls(distribution, assignment, sets, reconstructed)

    def assign(self, events: Events, seed: int) -> Events:
        """`events` with the parameters of each background event replaced.

        For a `sampled` rule this is one such draw (for a validation sample, say).

        Args:
            events: Events with as many parameters as the rule; raw units.
            seed: Seed of the draw; `binned` does not use it.
        """
        if len(events.parameter_names) != self.parameter_sets.shape[1]:
            raise ValueError(
                f"The background mass has {self.parameter_sets.shape[1]} parameters. "
                f"Received: events with {len(events.parameter_names)} "
                f"{events.parameter_names}."
            )
        background = events.label == 0
        parameters = events.parameters.copy()
        if self.distribution == "binned":
            parameters[background, 0] = self._nearest(events.take(background))
        else:
            rng = np.random.default_rng((seed, _RANDOM_STREAM))
            parameters[background] = self.draw(rng, (int(background.sum()),))
        return events.with_columns(parameters=parameters)

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...]
    ) -> NDArray[np.float32]:
        """Random parameters for `shape` background events.

        Values are drawn one event after the other: two calls with shapes `(2, 8)` and
        `(1, 8)` give the same numbers as one call with `(3, 8)`.

        Returns:
            `(*shape, parameters)` float32.
        """
        sets = self.parameter_sets
        drawn: NDArray[np.float32]
        if self.distribution == "identical":
            rows = rng.integers(0, len(sets), shape)
            drawn = sets.take(rows, axis=0, mode="clip")
            return drawn
        if self.distribution == "uniform":
            low, high = sets.min(axis=0), sets.max(axis=0)
            unit = rng.random((*shape, sets.shape[1]), dtype="float32")
            drawn = low + (high - low) * unit
            return drawn.clip(low, high, out=drawn)
        raise ValueError(
            "distribution='binned' follows from the event and cannot be drawn; use "
            "`assign(events, seed)`."
        )

    def _check_binned(self) -> None:
        if self.reconstructed is None:
            raise ValueError(
                "distribution='binned' needs `reconstructed`, the feature that holds "
                "the reconstructed mass. Received: reconstructed=None."
            )
        if self.assignment == "sampled":
            raise ValueError(
                "distribution='binned' follows from the event, so there is nothing to "
                "sample. Received: assignment='sampled'. Use assignment='fixed'."
            )
        if self.parameter_sets.shape[1] != 1:
            raise ValueError(
                "distribution='binned' is defined for one parameter. Received: "
                f"{self.parameter_sets.shape[1]} parameters."
            )

    def _nearest(self, background: Events) -> NDArray[np.float32]:
        name = str(self.reconstructed)
        values = background.column(name)
        missing = int(np.isnan(values).sum())
        if missing:
            raise ValueError(
                f"Feature '{name}' is missing in {missing} background events, which "
                "therefore fall into no mass bin. Remove them or use another feature."
            )
        centres = np.unique(self.parameter_sets[:, 0])
        if len(values):
            _check_unit(name, values, centres)
        edges = (centres[1:] + centres[:-1]) / 2
        return centres[np.searchsorted(edges, values, side="right")]


def distinct_parameter_sets(
    parameters: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The distinct rows of signal parameters, sorted, and each event's row number.

    Args:
        parameters: `(events, parameters)`, at least one event, finite.

    Returns:
        `(sets, parameters)` distinct rows and `(events,)` index into them.

    Raises:
        ValueError: If there are no events or a parameter is NaN.
    """
    if not len(parameters):
        raise ValueError("No signal event, so no signal parameters. Received: none.")
    undefined = int(np.isnan(parameters).any(axis=1).sum())
    if undefined:
        raise ValueError(
            f"{undefined} signal events have an undefined parameter (NaN). Every "
            "signal event needs the parameters it was generated with: repair the "
            "column or correct the column map."
        )
    code = np.zeros(len(parameters), "int64")
    for column in parameters.T:
        values, inverse = np.unique(column, return_inverse=True)
        _, code = np.unique(code * len(values) + inverse, return_inverse=True)
    _, first = np.unique(code, return_index=True)
    return parameters[first], code


def _check_option(name: str, value: str, options: tuple[str, ...]) -> None:
    if value not in options:
        raise ValueError(
            f"`{name}` must be one of {options}. Received: {name}='{value}'."
            + did_you_mean(value, options)
        )


def _check_unit(name: str, values: NDArray[Any], centres: NDArray[Any]) -> None:
    typical = float(np.median(values))
    if not centres[0] / _UNIT_FACTOR <= typical <= centres[-1] * _UNIT_FACTOR:
        raise ValueError(
            f"Feature '{name}' has median {typical:.4g} in the background, but the "
            f"signal parameters lie between {centres[0]:.4g} and {centres[-1]:.4g}: "
            "another unit, or already scaled. Give raw values in the parameter's unit."
        )


def _shown(array: NDArray[Any]) -> str:
    return f"shape {array.shape} with {int((~np.isfinite(array)).sum())} not finite"
