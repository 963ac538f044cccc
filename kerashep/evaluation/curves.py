"""Weighted ROC and precision-recall curves, and the numbers read off them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.measured import Measured
from kerashep.evaluation.ranked import (
    RankedScores,
    Yields,
    check_scores,
    refuse_negative_weights,
)

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RocCurve:
    """Signal against background efficiency, from (0, 0) to (1, 1).

    Args:
        signal_efficiency: `(points,)` rising.
        background_efficiency: `(points,)` rising.
        background_error: `(points,)` binomial error of weighted counts on it.
        cut: `(points,)` falling; the first, which nothing passes, is infinite.
        auc: Area under the curve.
    """

    signal_efficiency: Array
    background_efficiency: Array
    background_error: Array
    cut: Array
    auc: float


@dataclass(frozen=True, eq=False)
class PrecisionRecallCurve:
    """Purity (precision) against signal efficiency (recall).

    Args:
        signal_efficiency: `(points,)` rising.
        purity: `(points,)` share of signal in what passes.
        cut: `(points,)` falling.
        auc: Average precision, `sum_i (R_i - R_{i-1}) P_i`.
    """

    signal_efficiency: Array
    purity: Array
    cut: Array
    auc: float


@dataclass(frozen=True)
class WorkingPoint:
    """Background that passes where the signal efficiency is fixed.

    Args:
        signal_efficiency: As asked for.
        background_efficiency: With the binomial error of weighted counts.
        background_rejection: `1 / background_efficiency`; infinite if none passes.
        cut: Highest score at which the signal efficiency is reached.
    """

    signal_efficiency: float
    background_efficiency: Measured
    background_rejection: Measured
    cut: float


def roc_curve(
    label: ArrayLike, score: ArrayLike, weight: ArrayLike | None = None
) -> RocCurve:
    """Weighted ROC curve of `(events,)` labels (0, 1) and scores.

    Raises:
        ValueError: On negative weights, which have no curve (their AUC does).
    """
    ranked = RankedScores.from_scores(label, score, weight)
    refuse_negative_weights(ranked.weight, "A ROC curve")
    yields = ranked.yields()
    squares = RankedScores(ranked.cut, ranked.bin_index, ranked.weight**2).yields()
    efficiency = yields.background_efficiency
    error = _binomial_error(efficiency, squares.background, yields.background[-1])
    return RocCurve(
        np.append(0.0, yields.signal_efficiency),
        np.append(0.0, efficiency),
        np.append(0.0, error),
        np.append(np.inf, yields.cut),
        area_under_roc(yields),
    )


def roc_auc(
    label: ArrayLike, score: ArrayLike, weight: ArrayLike | None = None
) -> float:
    """Weighted area under the ROC curve, ties counted half.

    With negative weights it is the weighted share of signal-background pairs in the
    right order, the quantity that positive and negative weights estimate together.
    """
    return area_under_roc(RankedScores.from_scores(label, score, weight).yields())


def precision_recall_curve(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    signal_background_ratio: float | None = None,
) -> PrecisionRecallCurve:
    """Weighted precision-recall curve of `(events,)` labels (0, 1) and scores.

    Args:
        label: 1 for signal, 0 for background.
        score: Higher is more like signal.
        weight: Event weights, ones by default; negative ones are refused.
        signal_background_ratio: Total signal over total background to assume; purity
            depends on it. None takes the weights as they are.
    """
    ranked = RankedScores.from_scores(label, score, weight)
    refuse_negative_weights(ranked.weight, "A precision-recall curve")
    yields = ranked.yields().with_ratio(signal_background_ratio)
    auc = average_precision(yields)
    return PrecisionRecallCurve(
        yields.signal_efficiency, _purity(yields), yields.cut, auc
    )


def pr_auc(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    signal_background_ratio: float | None = None,
) -> float:
    """Average precision; arguments as for `precision_recall_curve`."""
    return precision_recall_curve(label, score, weight, signal_background_ratio).auc


def background_at(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    signal_efficiency: float = 0.5,
) -> WorkingPoint:
    """Background efficiency and rejection at a signal efficiency.

    Between two cuts the curve is straight, as for its area. The error is the binomial
    one of the background at a fixed cut, `sum_pass w^2 (1 - e)^2 + sum_fail w^2 e^2`
    over the squared total: for equal weights `e (1 - e) / N`, and for weights that do
    not depend on the score the same with the effective number of events.

    Args:
        label: 1 for signal, 0 for background.
        score: Higher is more like signal.
        weight: Event weights, ones by default; negative ones are refused.
        signal_efficiency: In (0, 1].
    """
    if not 0.0 < signal_efficiency <= 1.0:
        raise ValueError(
            "`signal_efficiency` must be in (0, 1]. "
            f"Received: signal_efficiency={signal_efficiency}."
        )
    signal, flat_score, weights = check_scores(label, score, weight)
    refuse_negative_weights(weights, "Background efficiency with a binomial error")
    yields = RankedScores.from_scores(signal, flat_score, weights).yields()
    efficiency = background_efficiency_at(yields, signal_efficiency)
    cut = yields.cut[_first_reaching(yields, signal_efficiency)]
    squares = weights[~signal] ** 2
    passing = np.array([squares[flat_score[~signal] >= cut].sum(), squares.sum()])
    total = float(yields.background[-1])
    error = float(_binomial_error(np.array([efficiency, 1.0]), passing, total)[0])
    measured = Measured(efficiency, error)
    return WorkingPoint(
        signal_efficiency, measured, rejection_from_efficiency(measured), float(cut)
    )


def rejection_from_efficiency(efficiency: Measured) -> Measured:
    """`1 / efficiency` with the error (and replicas) propagated to first order."""
    if efficiency.value <= 0.0:
        return Measured(math.inf, math.nan)
    value = 1.0 / efficiency.value
    if efficiency.replicas is None:
        return Measured(value, efficiency.error * value**2)
    replicas = value - (efficiency.replicas - efficiency.value) * value**2
    return Measured.from_replicas(value, replicas, efficiency.training_error * value**2)


def accuracy_at(yields: Yields, cut: float) -> float:
    """Share of the events, by weight, on the right side of `cut` (passing: `>=`)."""
    passing = int(np.searchsorted(-yields.cut, -cut, side="right"))
    signal, background = (
        float(sums[passing - 1]) if passing else 0.0
        for sums in (yields.signal, yields.background)
    )
    total = float(yields.signal[-1] + yields.background[-1])
    return (signal + float(yields.background[-1]) - background) / total


def area_under_roc(yields: Yields) -> float:
    """Trapezoids under the ROC curve: the share of well-ordered pairs."""
    signal = np.append(0.0, yields.signal_efficiency)
    background = np.append(0.0, yields.background_efficiency)
    return float(np.trapezoid(signal, background))


def average_precision(yields: Yields) -> float:
    """Sum of purity times the step in signal efficiency, cut by cut."""
    steps = np.diff(yields.signal_efficiency, prepend=0.0)
    return float(np.sum(steps * _purity(yields)))


def background_efficiency_at(yields: Yields, signal_efficiency: float) -> float:
    """Background efficiency where the ROC curve reaches `signal_efficiency`."""
    right = _first_reaching(yields, signal_efficiency)
    high = float(yields.signal_efficiency[right])
    above = float(yields.background_efficiency[right])
    low, below = 0.0, 0.0
    if right > 0:
        low = float(yields.signal_efficiency[right - 1])
        below = float(yields.background_efficiency[right - 1])
    share = (signal_efficiency - low) / (high - low) if high > low else 1.0
    return below + min(share, 1.0) * (above - below)


def _binomial_error(efficiency: Array, squares: Array, total: float) -> Array:
    """Error at fixed cuts; `squares` are the passing squared weights, all last."""
    failing = squares[-1] - squares
    variance = squares * (1.0 - efficiency) ** 2 + failing * efficiency**2
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)) / total)


def _first_reaching(yields: Yields, signal_efficiency: float) -> int:
    reached = yields.signal_efficiency >= signal_efficiency - 1e-12
    return int(np.argmax(reached))


def _purity(yields: Yields) -> Array:
    total = yields.signal + yields.background
    out = np.zeros_like(total)
    np.divide(yields.signal, total, out=out, where=total > 0.0)
    return out
