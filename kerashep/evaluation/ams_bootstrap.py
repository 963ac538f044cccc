"""The AMS with errors from resampled events."""

import numpy as np
from numpy.typing import ArrayLike

from kerashep.evaluation.ams import ams_of_yields, ranked_for_ams
from kerashep.evaluation.ams_cut import (
    ams_at_cut,
    cut_at_fraction,
    events_in_fraction,
    mean_of_best,
    smoothed_cut,
)
from kerashep.evaluation.asimov import asimov_significance, check_ams_options
from kerashep.evaluation.bootstrap import (
    COARSE_BLOCKS,
    bootstrapped,
    event_multiplicities,
)
from kerashep.evaluation.measured import Measured
from kerashep.evaluation.ranked import RankedScores, Yields


def best_ams(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    regularisation: float = 10.0,
    systematic: float = 0.0,
    negative_weights: str = "error",
    replicas: int = 100,
    seed: int = 0,
) -> Measured:
    """Largest AMS over cuts, with a bootstrap error.

    Every replica chooses its own best cut, so the error covers that choice. The value,
    and still more the mean of the replicas, is biased upwards: a maximum seeks
    fluctuations. Where few simulated background events of large weight fill the tail,
    some replicas lose them all and find a far larger AMS there; then the error is large
    and `ams_at_fraction` is the number to quote.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` higher is more like signal.
        weight: `(events,)` physics weights, ones by default.
        regularisation: As for `ams_scan`.
        systematic: As for `ams_scan`.
        negative_weights: As for `ams_scan`.
        replicas: Number of bootstrap replicas.
        seed: Same events and seed, same replicas: differences of two models pair.
    """
    check_ams_options(regularisation, systematic)
    ranked_for_ams(label, score, weight, negative_weights)

    def largest(yields: Yields) -> float:
        return float(np.nanmax(ams_of_yields(yields, regularisation, systematic)))

    return bootstrapped(largest, label, score, weight, replicas=replicas, seed=seed)


def ams_at_fraction(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    fraction: float = 0.15,
    regularisation: float = 10.0,
    systematic: float = 0.0,
    negative_weights: str = "error",
    replicas: int = 100,
    seed: int = 0,
) -> Measured:
    """AMS of the top `fraction` of the events by score, with a bootstrap error.

    The cut is `cut_at_fraction`: events count once each, of both classes together. No
    cut is tuned, so two models compare without the bias of a best cut. Every replica
    keeps the top `fraction` of its own events.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` higher is more like signal.
        weight: `(events,)` physics weights, ones by default.
        fraction: Share of the events that passes, in (0, 1].
        regularisation: As for `ams_scan`.
        systematic: As for `ams_scan`.
        negative_weights: As for `ams_scan`.
        replicas: Number of bootstrap replicas.
        seed: Same events and seed, same replicas: differences of two models pair.
    """
    options = {"regularisation": regularisation, "systematic": systematic}
    cut = cut_at_fraction(score, fraction)
    exact = ams_at_cut(
        label, score, weight, cut, negative_weights=negative_weights, **options
    )
    ranked = RankedScores.from_scores(label, score, weight).coarse(COARSE_BLOCKS)
    ones = np.ones_like(ranked.weight)
    counted = RankedScores(ranked.cut, ranked.bin_index, ones)
    values = []
    for multiplicity in event_multiplicities(len(ones), replicas=replicas, seed=seed):
        counts = counted.yields(multiplicity)
        passing = counts.signal + counts.background
        wanted = events_in_fraction(float(passing[-1]), fraction)
        at = int(np.searchsorted(passing, wanted))
        yields = ranked.yields(multiplicity)
        values.append(
            asimov_significance(yields.signal[at], yields.background[at], **options)
        )
    return Measured.from_replicas(exact.ams, np.array(values))


def smoothed_ams(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    fraction: float = 0.1,
    regularisation: float = 10.0,
    systematic: float = 0.0,
    negative_weights: str = "error",
    replicas: int = 100,
    seed: int = 0,
) -> Measured:
    """AMS at the smoothed cut of the same events, with a bootstrap error.

    Every replica smooths anew and has a cut of its own, so the error covers that
    choice, unlike that of `smoothed_cut`, which is at its cut alone.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` higher is more like signal.
        weight: `(events,)` physics weights, ones by default.
        fraction: As for `smoothed_cut`.
        regularisation: As for `ams_scan`.
        systematic: As for `ams_scan`.
        negative_weights: As for `ams_scan`.
        replicas: Number of bootstrap replicas.
        seed: Same events and seed, same replicas: differences of two models pair.

    Raises:
        ValueError: As `smoothed_cut`.
    """
    options = {"regularisation": regularisation, "systematic": systematic}
    exact = smoothed_cut(
        *(label, score, weight),
        fraction=fraction,
        negative_weights=negative_weights,
        **options,
    )
    ranked = RankedScores.from_scores(label, score, weight).coarse(COARSE_BLOCKS)
    ones = np.ones_like(ranked.weight)
    counted = RankedScores(ranked.cut, ranked.bin_index, ones)
    falling = -ranked.cut
    values = []
    for multiplicity in event_multiplicities(len(ones), replicas=replicas, seed=seed):
        counts = counted.yields(multiplicity)
        events = np.diff(counts.signal + counts.background, prepend=0.0)
        ams = ams_of_yields(ranked.yields(multiplicity), **options)
        cut = mean_of_best(ranked.cut, ams, events, fraction)
        values.append(ams[max(0, int(np.searchsorted(falling, -cut, "right")) - 1)])
    return Measured.from_replicas(exact.ams, np.array(values))
