"""Errors from resampling events."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.curves import area_under_roc
from kerashep.evaluation.measured import Measured
from kerashep.evaluation.ranked import RankedScores, Yields

Array = NDArray[np.float64]

COARSE_BLOCKS = 8192
_LEVELS = 65536


def event_multiplicities(events: int, *, replicas: int, seed: int) -> Iterator[Array]:
    """How often each event occurs in each bootstrap replica: Poisson with mean 1.

    The draws depend on the number of events and on the seed only, not on any score:
    models evaluated on the same events with the same seed see the same replicas.

    Args:
        events: Number of events.
        replicas: Number of replicas, at least 2.
        seed: Same seed, same replicas.

    Yields:
        `(events,)` float64 counts, one array a replica.
    """
    if replicas < 2:
        raise ValueError(
            "`replicas` must be at least 2: one replica has no spread. "
            f"Received: replicas={replicas}."
        )
    table = _poisson_table()
    rng = np.random.default_rng(seed)
    for _ in range(replicas):
        yield table[rng.integers(0, _LEVELS, events, dtype=np.uint16)]


def bootstrapped(
    statistic: Callable[[Yields], float],
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    replicas: int = 100,
    seed: int = 0,
) -> Measured:
    """A number read off the yields, with its error from resampled events.

    The value is exact. Replicas are computed on at most `2 * COARSE_BLOCKS` groups of
    neighbouring scores: sorted once, reweighted each time.

    Args:
        statistic: For example `kerashep.evaluation.curves.area_under_roc`.
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` higher is more like signal.
        weight: `(events,)` physics weights, ones by default.
        replicas: Number of bootstrap replicas.
        seed: Same seed, same error.
    """
    ranked = RankedScores.from_scores(label, score, weight)
    coarse = ranked.coarse(COARSE_BLOCKS)
    draws = event_multiplicities(len(ranked.weight), replicas=replicas, seed=seed)
    drawn = (coarse.yields(counts) for counts in draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = [statistic(one) if one.has_both_classes else math.nan for one in drawn]
    return Measured.from_replicas(statistic(ranked.yields()), np.array(values))


def auc_difference(
    label: ArrayLike,
    score: ArrayLike,
    other_score: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    replicas: int = 100,
    seed: int = 0,
) -> Measured:
    """ROC AUC of `score` minus that of `other_score`, both on the same events.

    The bootstrap is paired: what the two scores have in common does not enter the
    error, which is therefore smaller than that of either AUC.
    """
    first, second = (
        bootstrapped(area_under_roc, label, one, weight, replicas=replicas, seed=seed)
        for one in (score, other_score)
    )
    return first.minus(second)


def _poisson_table() -> Array:
    """Poisson(1) by inverse transform of 16 random bits: mean 1, variance 0.99997."""
    terms = np.cumprod(np.concatenate([[1.0], 1.0 / np.arange(1, 12)]))
    cumulative = np.cumsum(terms / terms.sum())
    levels = (np.arange(_LEVELS) + 0.5) / _LEVELS
    return np.searchsorted(cumulative, levels).astype("float64")
