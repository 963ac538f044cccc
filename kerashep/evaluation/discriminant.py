"""Weighted score histograms, and the class separation at one mass."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.ranked import check_scores
from kerashep.evaluation.significance import (
    SignificanceCurve,
    SignificanceRatio,
    significance_curve,
    significance_ratio,
)

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Discriminant:
    """Weighted score histogram of one class, normalised to area 1.

    Args:
        density: `(bins,)`.
        error: `(bins,)` square root of the summed squared weights, on that scale.
    """

    density: Array
    error: Array


@dataclass(frozen=True, eq=False)
class ClassSeparation:
    """Signal and background scores with the significance ratio at every cut.

    Args:
        edges: `(bins + 1,)` of both histograms.
        signal: Histogram of the signal.
        background: Histogram of the background.
        curve: Significance ratio against the cut.
        best: The best cut.
    """

    edges: Array
    signal: Discriminant
    background: Discriminant
    curve: SignificanceCurve
    best: SignificanceRatio


def class_separation(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    bins: int = 40,
    signal_background_ratio: float | None = 1.0,
) -> ClassSeparation:
    """What figure 13 of arXiv:2202.00424 shows, as numbers.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` scores.
        weight: `(events,)` physics weights, ones by default.
        bins: Number of equal bins over [0, 1], or over the range of scores outside.
        signal_background_ratio: Total signal over total background of the ratio.
    """
    signal, values, weights = check_scores(label, score, weight)
    edges = score_edges(values, bins)
    arguments = (signal, values, weights, signal_background_ratio)
    return ClassSeparation(
        edges,
        histogram(values[signal], weights[signal], edges),
        histogram(values[~signal], weights[~signal], edges),
        significance_curve(*arguments),
        significance_ratio(*arguments),
    )


def histogram(score: NDArray[np.floating], weight: Array, edges: Array) -> Discriminant:
    """Histogram of area 1 with the error of weighted counts."""
    sums = np.histogram(score, edges, weights=weight)[0]
    squares = np.histogram(score, edges, weights=weight**2)[0]
    scale = 1.0 / (float(weight.sum()) * np.diff(edges))
    return Discriminant(sums * scale, np.sqrt(squares) * scale)


def score_edges(scores: NDArray[np.floating], bins: int) -> Array:
    """Edges over [0, 1] if the scores lie there, else over their range."""
    low, high = float(scores.min()), float(scores.max())
    if low >= 0.0 and high <= 1.0:
        return np.linspace(0.0, 1.0, bins + 1)
    return np.linspace(low, high, bins + 1)
