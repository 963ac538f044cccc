"""Approximate median significance (AMS), exact: every score is tried as the cut."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep._messages import did_you_mean
from kerashep.evaluation.asimov import (
    asimov_error,
    asimov_significance,
    check_ams_options,
)
from kerashep.evaluation.ranked import RankedScores, Yields

Array = NDArray[np.float64]

NEGATIVE_WEIGHTS = ("error", "keep")


@dataclass(frozen=True)
class AmsPoint:
    """The AMS at one cut.

    Args:
        cut: Events with `score >= cut` pass.
        ams: AMS of what passes; 0 if no signal does.
        error: Its standard error from the finite number of simulated events, at this
            cut. That the cut was chosen on the same events is not in it.
        signal: Weighted signal that passes.
        background: Weighted background that passes.
    """

    cut: float
    ams: float
    error: float
    signal: float
    background: float


@dataclass(frozen=True, eq=False)
class AmsCurve:
    """The AMS at every cut; NaN where it is undefined.

    Args:
        cut: `(cuts,)` rising; each is a score that occurs.
        ams: `(cuts,)`.
        error: `(cuts,)` standard error from the summed squared weights: the band
            `ams - error` to `ams + error`. Neighbouring cuts share events.
        signal: `(cuts,)` weighted signal that passes.
        background: `(cuts,)` weighted background that passes.
        events: `(cuts,)` number of events that pass, unweighted.
    """

    cut: Array
    ams: Array
    error: Array
    signal: Array
    background: Array
    events: Array

    def point(self, index: int) -> AmsPoint:
        """The AMS at cut number `index`."""
        columns = (self.cut, self.ams, self.error, self.signal, self.background)
        return AmsPoint(*(float(column[index]) for column in columns))


@dataclass(frozen=True, eq=False)
class AmsScan:
    """The best cut and the whole curve.

    Args:
        best: The point of the largest AMS; of equally good cuts the lowest.
        curve: The AMS at every cut.
    """

    best: AmsPoint
    curve: AmsCurve

    @property
    def ams(self) -> float:
        """The largest AMS."""
        return self.best.ams

    @property
    def cut(self) -> float:
        """The cut of the largest AMS."""
        return self.best.cut


def ams_scan(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    regularisation: float = 10.0,
    systematic: float = 0.0,
    negative_weights: str = "error",
) -> AmsScan:
    """AMS at every distinct score, equal scores together, and the best of them.

    The largest AMS of a sample is optimistic: its cut sits on an upward fluctuation.
    `kerashep.evaluation.smoothed_cut` chooses one that generalises better.

    Reference: arXiv:2002.01427, equation 1; formula in
    `kerashep.evaluation.asimov_significance`.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` higher is more like signal.
        weight: `(events,)` physics weights whose sums are the expected yields, ones by
            default. Weights of a part of a sample must be scaled up to the whole.
        regularisation: Events added to the background; the challenge uses 10.
        systematic: Relative uncertainty of the background, 0.1 for 10 %.
        negative_weights: `error` refuses negative weights; `keep` sums them as they
            are, and cuts with a negative yield are no candidates.

    Raises:
        ValueError: If lengths differ, a label is neither 0 nor 1, a score or weight is
            not a number, a class has no weight, or a weight is negative.
    """
    check_ams_options(regularisation, systematic)
    ranked = ranked_for_ams(label, score, weight, negative_weights)
    yields, squares = ranked.yields(), _with_weights(ranked, ranked.weight**2)
    counts = _with_weights(ranked, np.ones_like(ranked.weight))
    ams = ams_of_yields(yields, regularisation, systematic)
    error = asimov_error(
        yields.signal,
        yields.background,
        squares.signal,
        squares.background,
        regularisation=regularisation,
        systematic=systematic,
    )
    events = counts.signal + counts.background
    falling = (yields.cut, ams, error, yields.signal, yields.background, events)
    curve = AmsCurve(*(column[::-1] for column in falling))
    return AmsScan(curve.point(int(np.nanargmax(curve.ams))), curve)


def ams_of_yields(yields: Yields, regularisation: float, systematic: float) -> Array:
    """`(cuts,)` AMS at each cut of cumulative yields, NaN where undefined."""
    return asimov_significance(
        yields.signal,
        yields.background,
        regularisation=regularisation,
        systematic=systematic,
    )


def ranked_for_ams(
    label: ArrayLike, score: ArrayLike, weight: ArrayLike | None, negative_weights: str
) -> RankedScores:
    """Checked and ranked scores; arguments as for `ams_scan`."""
    ranked = RankedScores.from_scores(label, score, weight)
    check_negative_weights(ranked.weight, negative_weights)
    return ranked


def check_negative_weights(weight: Array, negative_weights: str) -> None:
    """Refuses negative weights unless `negative_weights` is `keep`.

    Raises:
        ValueError: For an unknown policy, or for `error` if there are negative weights.
    """
    if negative_weights not in NEGATIVE_WEIGHTS:
        raise ValueError(
            f"Unknown `negative_weights` '{negative_weights}'."
            + did_you_mean(negative_weights, NEGATIVE_WEIGHTS)
        )
    count = int(np.count_nonzero(weight < 0.0))
    if count and negative_weights == "error":
        raise ValueError(
            f"{count} of {len(weight)} events have a negative weight. Expected none, "
            "or negative_weights='keep' to sum them as they are. To drop them or take "
            "absolute values, apply first "
            "kerashep.data.weights.apply_negative_weight_policy."
        )


def _with_weights(ranked: RankedScores, weight: Array) -> Yields:
    return RankedScores(ranked.cut, ranked.bin_index, weight).yields()
