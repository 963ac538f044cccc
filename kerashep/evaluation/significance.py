"""Significance ratio and best cut, exact: every score is tried as the cut."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.ranked import RankedScores, Yields

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SignificanceRatio:
    """Best significance over cuts, relative to that of a perfect classifier.

    Args:
        ratio: `max_t s_t / sqrt(s_t + b_t) / sqrt(s_max)`, in [0, 1].
        cut: The best cut `t`: events with `score >= cut` pass. It is a score that
            occurs; of equally good cuts the lowest.
        signal: Weighted signal that passes.
        background: Weighted background that passes.
        total_signal: Weighted signal in all.
        total_background: Weighted background in all.
    """

    ratio: float
    cut: float
    signal: float
    background: float
    total_signal: float
    total_background: float

    @property
    def significance(self) -> float:
        """`s / sqrt(s + b)` at the best cut."""
        return self.ratio * math.sqrt(self.total_signal)

    @property
    def ratio_without_cut(self) -> float:
        """The ratio with every event passing: 0.707 for equal totals."""
        total = self.total_signal + self.total_background
        return math.sqrt(self.total_signal / total)

    @property
    def signal_efficiency(self) -> float:
        """Share of the signal that passes the best cut."""
        return self.signal / self.total_signal

    @property
    def background_efficiency(self) -> float:
        """Share of the background that passes the best cut."""
        return self.background / self.total_background


@dataclass(frozen=True, eq=False)
class SignificanceCurve:
    """Significance ratio at every cut.

    Args:
        cut: `(cuts,)` rising; each is a score that occurs.
        ratio: `(cuts,)` `s_t / sqrt(s_t + b_t) / sqrt(s_max)`.
        signal: `(cuts,)` weighted signal that passes.
        background: `(cuts,)` weighted background that passes.
    """

    cut: Array
    ratio: Array
    signal: Array
    background: Array


def significance_ratio(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    signal_background_ratio: float | None = None,
) -> SignificanceRatio:
    """Largest `s / sqrt(s + b)` over all cuts, divided by `sqrt(s_max)`.

    Every distinct score is tried as the cut, equal scores together. A cut that
    nothing of positive weight passes has ratio 0. With negative weights, cuts whose
    summed signal or background is negative are no candidates.

    Reference: arXiv:2202.00424, equation 2.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` higher is more like signal.
        weight: `(events,)` physics weights, ones by default.
        signal_background_ratio: Total signal over total background to assume; the
            paper uses 1. None takes the weights as they are.

    Raises:
        ValueError: If lengths differ, a label is neither 0 nor 1, a score or weight
            is not a number, or a class has no weight.
    """
    ranked = RankedScores.from_scores(label, score, weight)
    return best_ratio(ranked.yields().with_ratio(signal_background_ratio))


def significance_curve(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    signal_background_ratio: float | None = None,
) -> SignificanceCurve:
    """The ratio at every cut; arguments as for `significance_ratio`."""
    ranked = RankedScores.from_scores(label, score, weight)
    yields = ranked.yields().with_ratio(signal_background_ratio)
    ratio = np.sqrt(_squared_significance(yields) / yields.signal[-1])
    return SignificanceCurve(
        yields.cut[::-1], ratio[::-1], yields.signal[::-1], yields.background[::-1]
    )


def best_ratio(yields: Yields) -> SignificanceRatio:
    """The best cut of cumulative yields."""
    squared = _squared_significance(yields)
    best = len(squared) - 1 - int(np.argmax(squared[::-1]))
    total = float(yields.signal[-1])
    return SignificanceRatio(
        ratio=math.sqrt(float(squared[best]) / total) if total > 0.0 else math.nan,
        cut=float(yields.cut[best]),
        signal=float(yields.signal[best]),
        background=float(yields.background[best]),
        total_signal=total,
        total_background=float(yields.background[-1]),
    )


def _squared_significance(yields: Yields) -> Array:
    total = yields.signal + yields.background
    usable = (yields.signal > 0.0) & (yields.background >= 0.0)
    out = np.zeros_like(total)
    np.divide(yields.signal**2, total, out=out, where=usable)
    return out
