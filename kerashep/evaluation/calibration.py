"""Whether scores are probabilities: the reliability curve and its distance from it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.bootstrap import event_multiplicities
from kerashep.evaluation.measured import Measured
from kerashep.evaluation.ranked import check_scores, refuse_negative_weights

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Calibration:
    """Share of signal against score, in bins of equal weight.

    Args:
        mean_score: `(bins,)` weighted mean score.
        signal_share: `(bins,)` weighted share of signal.
        share_error: `(bins,)` binomial error with effective numbers of events.
        distance: Mean over the events of |share - score| of their bin: the expected
            calibration error.
        brier: Weighted mean of (score - label)^2.
    """

    mean_score: Array
    signal_share: Array
    share_error: Array
    distance: Measured
    brier: Measured


def calibration(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    bins: int = 10,
    replicas: int = 100,
    seed: int = 0,
) -> Calibration:
    """Compares scores with the share of signal.

    A score is a probability for one composition: that of the weights of its training.
    The distance is positive for a perfect score too, by the noise in the bins.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` in [0, 1].
        weight: `(events,)` weights as in the loss, ones by default; negative ones are
            refused.
        bins: Number of bins of equal weight; fewer, where scores are tied.
        replicas: Bootstrap replicas of the errors.
        seed: Same seed, same errors.

    Raises:
        ValueError: If a score is not in [0, 1].
    """
    signal, flat, weights = check_scores(label, score, weight)
    refuse_negative_weights(weights, "Calibration")
    if flat.min() < 0 or flat.max() > 1:
        raise ValueError(
            "`score` must be in [0, 1], as probabilities are. "
            f"Received: {flat.min():g} to {flat.max():g}."
        )
    place, count = _bins(flat, weights, bins)
    sums = _Sums(place, count, signal, flat.astype("float64"))
    total, shares, means = sums.of(weights)
    squares = np.bincount(place, weights**2, count)
    error = np.sqrt(shares * (1 - shares) * squares) / total
    drawn = [
        sums.numbers(weights * multiplicity)
        for multiplicity in event_multiplicities(
            len(flat), replicas=replicas, seed=seed
        )
    ]
    distances, briers = np.array(drawn).T
    distance, brier = sums.numbers(weights)
    return Calibration(
        means,
        shares,
        error,
        Measured.from_replicas(distance, distances),
        Measured.from_replicas(brier, briers),
    )


class _Sums:
    """Weighted sums by bin, for any weights."""

    def __init__(
        self,
        place: NDArray[np.intp],
        count: int,
        signal: NDArray[np.bool_],
        score: Array,
    ) -> None:
        self.place, self.count = place, count
        self.signal, self.score = signal, score
        self.squares = (score - signal) ** 2

    def of(self, weight: Array) -> tuple[Array, Array, Array]:
        """Weight, share of signal and mean score of each bin; 0 in an empty one."""
        total: Array = np.bincount(self.place, weight, self.count).astype("float64")
        divisor = np.where(total > 0, total, 1)
        shares = np.bincount(self.place, weight * self.signal, self.count) / divisor
        means = np.bincount(self.place, weight * self.score, self.count) / divisor
        return total, shares, means

    def numbers(self, weight: Array) -> tuple[float, float]:
        """Distance and Brier score."""
        total, shares, means = self.of(weight)
        distance = float(total @ np.abs(shares - means) / total.sum())
        return distance, float(weight @ self.squares / weight.sum())


def _bins(
    score: NDArray[np.floating], weight: Array, bins: int
) -> tuple[NDArray[np.intp], int]:
    """Bin of each event, by the middle of its score's weight; none is empty."""
    values, group = np.unique(score, return_inverse=True)
    group = group.reshape(-1)
    by_value = np.bincount(group, weight, len(values))
    middle = np.cumsum(by_value) - by_value / 2
    place = np.minimum((middle / by_value.sum() * bins).astype("int"), bins - 1)
    weighty = by_value > 0
    used, numbered = np.unique(place[weighty], return_inverse=True)
    number = np.zeros(len(values), np.intp)
    number[weighty] = numbered.reshape(-1)
    return number[group], len(used)
