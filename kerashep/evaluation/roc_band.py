"""The ROC curve of several trainings on the same events, and its whole error."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.bootstrap import COARSE_BLOCKS, event_multiplicities
from kerashep.evaluation.curves import (
    RocCurve,
    area_under_roc,
    background_efficiency_at,
)
from kerashep.evaluation.ranked import RankedScores, Yields, refuse_negative_weights

Array = NDArray[np.float64]
POINTS = 51


def roc_band(
    label: ArrayLike,
    scores: Sequence[ArrayLike],
    weight: ArrayLike | None = None,
    *,
    points: int = POINTS,
    replicas: int = 100,
    seed: int = 0,
) -> RocCurve:
    """Mean background efficiency at equally spaced signal efficiencies.

    The error is the bootstrap over the events, which all trainings share, and in
    quadrature the standard error over the trainings.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        scores: One `(events,)` a training; higher is more like signal.
        weight: `(events,)` physics weights, ones by default; negative ones are refused.
        points: Number of signal efficiencies, 0 and 1 among them.
        replicas: Bootstrap replicas.
        seed: Same seed, same error.

    Returns:
        The curve; without cuts, which differ from training to training: NaN.
    """
    if not scores:
        raise ValueError("`scores` must hold at least one training. Received: none.")
    grid = np.linspace(0.0, 1.0, points)
    values, areas, spreads = [], [], []
    for score in scores:
        ranked = RankedScores.from_scores(label, score, weight)
        refuse_negative_weights(ranked.weight, "A ROC curve")
        whole = ranked.yields()
        values.append(_efficiencies(whole, grid))
        areas.append(area_under_roc(whole))
        spreads.append(_replicas(ranked, grid, replicas, seed))
    events = np.nanstd(np.mean(spreads, axis=0), axis=0, ddof=1)
    trainings = np.zeros(points)
    if len(values) > 1:
        trainings = np.std(values, axis=0, ddof=1) / math.sqrt(len(values))
    return RocCurve(
        signal_efficiency=grid,
        background_efficiency=np.mean(values, axis=0),
        background_error=np.hypot(events, trainings),
        cut=np.full(points, np.nan),
        auc=float(np.mean(areas)),
    )


def _replicas(ranked: RankedScores, grid: Array, replicas: int, seed: int) -> Array:
    """`(replicas, points)`; NaN where a replica lacks a class."""
    coarse = ranked.coarse(COARSE_BLOCKS)
    found = np.full((replicas, len(grid)), np.nan)
    draws = event_multiplicities(len(ranked.weight), replicas=replicas, seed=seed)
    for row, counts in zip(found, draws, strict=True):
        yields = coarse.yields(counts)
        if yields.has_both_classes:
            row[:] = _efficiencies(yields, grid)
    return found


def _efficiencies(yields: Yields, grid: Array) -> Array:
    inside = [background_efficiency_at(yields, float(point)) for point in grid[1:]]
    return np.array([0.0, *inside])
