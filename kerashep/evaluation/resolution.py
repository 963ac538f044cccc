"""Relative resolution and bias of a regression, with their errors."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.bootstrap import event_multiplicities
from kerashep.evaluation.measured import Measured
from kerashep.evaluation.ranked import refuse_negative_weights

Array = NDArray[np.float64]

LEVELS = (0.16, 0.5, 0.84)


def resolution(
    prediction: ArrayLike,
    truth: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    replicas: int = 100,
    seed: int = 0,
) -> Measured:
    """Half the width between the 16 % and 84 % quantiles over the median.

    Of prediction over truth: `(q84 - q16) / (2 q50)`, with weighted quantiles as of
    `weighted_quantiles`. An overall factor on the predictions does not change it. The
    error is that of a bootstrap of the events; two predictions of the same events with
    the same seed have paired replicas.

    Reference: Rieger et al., Lorentz Boost Networks, IML workshop, 2018.

    Args:
        prediction: `(events,)`.
        truth: `(events,)`, positive.
        weight: `(events,)` event weights, ones by default; negative ones are refused.
        replicas: Number of bootstrap replicas.
        seed: Same seed, same error.

    Raises:
        ValueError: If lengths differ, a truth is not positive, a prediction is not
            finite, or the weights are negative or sum to zero.
    """
    ratio, weights = checked_response(prediction, truth, weight)
    return _bootstrapped(_resolution_of_sorted, ratio, weights, replicas, seed)


def median_response(
    prediction: ArrayLike,
    truth: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    replicas: int = 100,
    seed: int = 0,
) -> Measured:
    """Weighted median of prediction over truth: 1 without bias.

    Args:
        prediction: `(events,)`.
        truth: `(events,)`, positive.
        weight: As for `resolution`.
        replicas: Number of bootstrap replicas.
        seed: Same seed, same error; paired as of `resolution`.

    Raises:
        ValueError: As `resolution`.
    """
    ratio, weights = checked_response(prediction, truth, weight)
    return _bootstrapped(_median_of_sorted, ratio, weights, replicas, seed)


def weighted_quantiles(
    values: ArrayLike, weight: ArrayLike | None, levels: Sequence[float]
) -> Array:
    """Quantiles of weighted values.

    Each value stands at the middle of its weight in the cumulative sum; between two of
    them it is straight. For equal weights that is NumPy's method `hazen`.

    Args:
        values: `(events,)`.
        weight: `(events,)`, not negative; ones by default.
        levels: In [0, 1].
    """
    ratio = np.asarray(values, "float64")
    weights = np.ones(len(ratio)) if weight is None else np.asarray(weight, "float64")
    order = np.argsort(ratio, kind="stable")
    return _quantiles_of_sorted(ratio[order], weights[order], levels)


def _quantiles_of_sorted(
    values: Array, weight: Array, levels: Sequence[float]
) -> Array:
    kept = weight > 0.0
    values, weight = values[kept], weight[kept]
    upper = np.cumsum(weight)
    return np.asarray(np.interp(levels, (upper - weight / 2) / upper[-1], values))


def _bootstrapped(
    statistic: Callable[[Array, Array], float],
    ratio: Array,
    weights: Array,
    replicas: int,
    seed: int,
) -> Measured:
    order = np.argsort(ratio, kind="stable")
    ratio, weights = ratio[order], weights[order]
    draws = event_multiplicities(len(ratio), replicas=replicas, seed=seed)
    # Drawn for the events as they were given, so that replicas of two predictions pair.
    values = [statistic(ratio, weights * counts[order]) for counts in draws]
    return Measured.from_replicas(statistic(ratio, weights), np.array(values))


def _median_of_sorted(ratio: Array, weight: Array) -> float:
    if not np.any(weight > 0.0):
        return float("nan")
    return float(_quantiles_of_sorted(ratio, weight, (0.5,))[0])


def _resolution_of_sorted(ratio: Array, weight: Array) -> float:
    if not np.any(weight > 0.0):
        return float("nan")
    q16, q50, q84 = _quantiles_of_sorted(ratio, weight, LEVELS)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float((q84 - q16) / (2.0 * q50))


def checked_response(
    prediction: ArrayLike, truth: ArrayLike, weight: ArrayLike | None
) -> tuple[Array, Array]:
    """Prediction over truth, and the weights, of events that have both.

    Args:
        prediction: `(events,)`.
        truth: `(events,)`, positive.
        weight: As for `resolution`.

    Raises:
        ValueError: As `resolution`.
    """
    given = np.ravel(np.asarray(prediction, "float64"))
    true = np.ravel(np.asarray(truth, "float64"))
    weights = np.ones(len(true)) if weight is None else np.ravel(weight)
    weights = np.asarray(weights, "float64")
    lengths = {"prediction": len(given), "truth": len(true), "weight": len(weights)}
    if len(set(lengths.values())) != 1 or not len(true):
        raise ValueError(
            "`prediction`, `truth` and `weight` must have one length of at least 1. "
            f"Received: {lengths}."
        )
    for name, bad, wanted in (
        ("truth", ~(np.isfinite(true) & (true > 0.0)), "positive"),
        ("prediction", ~np.isfinite(given), "finite"),
        ("weight", ~np.isfinite(weights), "finite"),
    ):
        if bad.any():
            raise ValueError(
                f"`{name}` must be {wanted}. Received: {np.count_nonzero(bad)} of "
                f"{len(bad)} are not, the first in row {int(np.argmax(bad))}. Leave "
                "such events out."
            )
    refuse_negative_weights(weights, "A resolution")
    if not weights.sum() > 0.0:
        raise ValueError("The weights must have a positive sum. Received: 0.")
    return given / true, weights
