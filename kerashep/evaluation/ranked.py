"""Scores ranked once, and the weighted yields that pass each cut."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Yields:
    """Weighted yields of the events with `score >= cut`.

    Args:
        cut: `(cuts,)` falling; each is a score that occurs.
        signal: `(cuts,)` sum of signal weights that pass.
        background: `(cuts,)` sum of background weights that pass.
    """

    cut: Array
    signal: Array
    background: Array

    @property
    def has_both_classes(self) -> bool:
        """Whether both totals are positive; a replica of few events may lack one."""
        return bool(self.signal[-1] > 0.0 and self.background[-1] > 0.0)

    @property
    def signal_efficiency(self) -> Array:
        """`(cuts,)` share of the signal that passes."""
        return np.asarray(self.signal / self.signal[-1])

    @property
    def background_efficiency(self) -> Array:
        """`(cuts,)` share of the background that passes."""
        return np.asarray(self.background / self.background[-1])

    def with_ratio(self, signal_background_ratio: float | None) -> "Yields":
        """The same yields with the background scaled to a total of `S / ratio`.

        Args:
            signal_background_ratio: Signal total over background total; None leaves
                the yields as the weights give them.
        """
        if signal_background_ratio is None:
            return self
        scale = self.signal[-1] / (self.background[-1] * signal_background_ratio)
        return Yields(self.cut, self.signal, self.background * scale)


@dataclass(frozen=True, eq=False)
class RankedScores:
    """Events grouped by their score: one sort, then any number of reweightings.

    Args:
        cut: `(groups,)` falling distinct scores.
        bin_index: `(events,)` group of each event; background events come after all
            groups of the signal.
        weight: `(events,)` event weights.
    """

    cut: Array
    bin_index: NDArray[np.intp]
    weight: Array

    @classmethod
    def from_scores(
        cls, label: ArrayLike, score: ArrayLike, weight: ArrayLike | None = None
    ) -> "RankedScores":
        """Checks and ranks `(events,)` labels (0, 1), scores and weights.

        Raises:
            ValueError: If lengths differ, a label is neither 0 nor 1, a score is NaN,
                a weight is not finite, or a class has no weight.
        """
        signal, score, weight = check_scores(label, score, weight)
        distinct, group = np.unique(-score, return_inverse=True)
        index = group.reshape(-1) + len(distinct) * ~signal
        return cls(0.0 - distinct, index, weight)

    @property
    def has_negative_weights(self) -> bool:
        """Whether any event weight is below zero."""
        return bool(np.any(self.weight < 0.0))

    def yields(self, multiplicity: NDArray[np.float64] | None = None) -> Yields:
        """Cumulative yields, each event counted `multiplicity` times.

        Args:
            multiplicity: `(events,)` for example the Poisson weights of a bootstrap
                replica. Ones by default.
        """
        groups = len(self.cut)
        weight = self.weight if multiplicity is None else self.weight * multiplicity
        summed = np.bincount(self.bin_index, weight, minlength=2 * groups)
        signal, background = np.cumsum(summed.reshape(2, groups), axis=1)
        return Yields(self.cut, signal, background)

    def coarse(self, blocks: int) -> "RankedScores":
        """Neighbouring scores merged until there are at most `2 * blocks` groups.

        Blocks hold equal numbers of signal or of background events, whichever ends
        first, so that a rare class keeps its resolution. Errors are estimated on it.
        """
        groups = len(self.cut)
        if groups <= 2 * blocks:
            return self
        counts = np.bincount(self.bin_index, minlength=2 * groups).reshape(2, groups)
        before = np.cumsum(counts, axis=1) - counts
        block = (before * blocks // counts.sum(axis=1, keepdims=True)).sum(axis=0)
        merged = np.cumsum(np.diff(block, prepend=block[0]) > 0)
        last = np.flatnonzero(np.diff(merged, append=merged[-1] + 1))
        index = np.concatenate([merged, merged + len(last)])[self.bin_index]
        return RankedScores(self.cut[last], index, self.weight)


def check_scores(
    label: ArrayLike, score: ArrayLike, weight: ArrayLike | None
) -> tuple[NDArray[np.bool_], NDArray[np.floating], Array]:
    """Flat `(events,)` signal mask, scores and weights, or a clear refusal."""
    label, score = np.ravel(label), np.ravel(score)
    if not np.issubdtype(score.dtype, np.floating):
        score = score.astype("float64")
    weight = np.ones(len(label)) if weight is None else np.ravel(weight)
    weight = np.asarray(weight, "float64")
    lengths = {"label": len(label), "score": len(score), "weight": len(weight)}
    if len(set(lengths.values())) != 1:
        raise ValueError(
            "`label`, `score` and `weight` must have one length, one entry an event. "
            f"Received: {lengths}."
        )
    _refuse("label", ~np.isin(label, (0, 1)), "values that are neither 0 nor 1")
    _refuse("score", np.isnan(score), "NaN values")
    _refuse("weight", ~np.isfinite(weight), "NaN or infinite values")
    signal = label == 1
    for name, chosen in (("signal", signal), ("background", ~signal)):
        total = float(weight[chosen].sum())
        if not total > 0.0:
            raise ValueError(
                f"The {name} must have events with a positive sum of weights. "
                f"Received: {np.count_nonzero(chosen)} {name} events with a sum of "
                f"{total:g}."
            )
    return signal, score, weight


def refuse_negative_weights(weight: Array, what: str) -> None:
    """Raises if any weight is negative, for a quantity that has no meaning then."""
    count = int(np.count_nonzero(weight < 0.0))
    if count:
        raise ValueError(
            f"{what} has no meaning with negative event weights. Received: {count} of "
            f"{len(weight)} weights are negative. Drop them or take absolute values "
            "with kerashep.data.weights.apply_negative_weight_policy."
        )


def effective_events(weight: Array) -> float:
    """Number of unweighted events of equal precision, `(sum w)^2 / sum w^2`."""
    squares = float(np.sum(weight**2))
    return float(np.sum(weight)) ** 2 / squares if squares > 0.0 else 0.0


def _refuse(name: str, bad: NDArray[np.bool_], what: str) -> None:
    count = int(np.count_nonzero(bad))
    if count:
        raise ValueError(
            f"`{name}` must not hold {what}. Received: {count} of {len(bad)}, the "
            f"first in row {int(np.argmax(bad))}."
        )
