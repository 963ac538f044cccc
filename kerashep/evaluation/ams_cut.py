"""Cuts that generalise, and the AMS at a cut chosen elsewhere."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.ams import AmsPoint, ams_scan, check_negative_weights
from kerashep.evaluation.asimov import asimov_error, asimov_significance
from kerashep.evaluation.ranked import check_scores

Array = NDArray[np.float64]


def smoothed_cut(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    fraction: float = 0.1,
    regularisation: float = 10.0,
    systematic: float = 0.0,
    negative_weights: str = "error",
) -> AmsPoint:
    """Mean score of the events whose own score is among the best cuts.

    Each event, of either class, has the AMS of the cut at its score. The cut is the
    mean score of the `fraction` of all events that rank highest in it, every event
    counting once; of events with equal scores at the boundary a share counts. It
    follows statistical fluctuations less than the best cut does.

    Reference: arXiv:2002.01427, section 3.1.2.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` higher is more like signal.
        weight: `(events,)` physics weights, ones by default.
        fraction: Share of the events that is averaged, in (0, 1].
        regularisation: As for `ams_scan`.
        systematic: As for `ams_scan`.
        negative_weights: As for `ams_scan`.

    Returns:
        The cut with the AMS of the same events there.

    Raises:
        ValueError: As `ams_scan`; if `fraction` is not in (0, 1]; if a score that
            enters the mean is infinite.
    """
    _check_fraction(fraction)
    options = {"regularisation": regularisation, "systematic": systematic}
    arguments = (label, score, weight)
    scan = ams_scan(*arguments, negative_weights=negative_weights, **options)
    curve = scan.curve
    counts = -np.diff(curve.events, append=0.0)
    cut = mean_of_best(curve.cut, curve.ams, counts, fraction)
    if not np.isfinite(cut):
        raise ValueError(
            "The scores of the best-ranked events must be finite to be averaged. "
            f"Received: scores from {curve.cut[0]} to {curve.cut[-1]}."
        )
    return ams_at_cut(*arguments, cut, negative_weights=negative_weights, **options)


def ams_at_cut(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None,
    cut: float,
    *,
    regularisation: float = 10.0,
    systematic: float = 0.0,
    negative_weights: str = "error",
) -> AmsPoint:
    """AMS of the events with `score >= cut`, with its error.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` higher is more like signal.
        weight: `(events,)` physics weights, None for ones.
        cut: For example from `smoothed_cut` on other events.
        regularisation: As for `ams_scan`.
        systematic: As for `ams_scan`.
        negative_weights: As for `ams_scan`.

    Raises:
        ValueError: As `ams_scan`, or if `cut` is NaN.
    """
    if np.isnan(cut):
        raise ValueError(f"`cut` must be a number. Received: cut={cut}.")
    is_signal, scores, weights = check_scores(label, score, weight)
    check_negative_weights(weights, negative_weights)
    passing = scores.astype("float64") >= cut
    chosen = [weights[passing & kind] for kind in (is_signal, ~is_signal)]
    sums = [float(w.sum()) for w in chosen]
    squares = [float(np.sum(w**2)) for w in chosen]
    options = {"regularisation": regularisation, "systematic": systematic}
    ams = float(asimov_significance(*sums, **options))
    error = float(asimov_error(*sums, *squares, **options))
    return AmsPoint(float(cut), ams, error, *sums)


def cut_at_fraction(score: ArrayLike, fraction: float = 0.15) -> float:
    """Highest cut that at least the share `fraction` of all events passes.

    Events count once each, whatever their weights: the "top 15 %" of a ranking.

    Args:
        score: `(events,)` scores of both classes.
        fraction: In (0, 1].

    Returns:
        A score that occurs.

    Raises:
        ValueError: If there are no events, a score is NaN, or `fraction` is not in
            (0, 1].
    """
    _check_fraction(fraction)
    scores = np.ravel(score)
    undefined = int(np.count_nonzero(np.isnan(scores)))
    if not len(scores) or undefined:
        raise ValueError(
            "`score` must hold at least one number and no NaN. Received: "
            f"{len(scores)} scores, {undefined} of them NaN."
        )
    rank = events_in_fraction(len(scores), fraction)
    return float(np.partition(scores, len(scores) - rank)[len(scores) - rank])


def events_in_fraction(events: float, fraction: float) -> int:
    """Number of events in the top `fraction`, at least one, rounding errors aside."""
    return max(1, int(np.ceil(fraction * events - 1e-9)))


def mean_of_best(cut: Array, ams: Array, counts: Array, fraction: float) -> float:
    """Mean score over the events with the highest AMS at their own score.

    Args:
        cut: `(cuts,)` scores that occur.
        ams: `(cuts,)` AMS there; NaN is no candidate.
        counts: `(cuts,)` number of events of each score.
        fraction: Share of the events that is averaged.

    Returns:
        The mean; NaN if no cut has an AMS, not finite if a score is not.
    """
    wanted = events_in_fraction(float(counts.sum()), fraction)
    order = np.argsort(-ams, kind="stable")
    before = np.cumsum(counts[order]) - counts[order]
    used = np.clip(wanted - before, 0.0, counts[order])
    used[np.isnan(ams[order])] = 0.0
    chosen, weights = cut[order][used > 0.0], used[used > 0.0]
    if not len(chosen):
        return math.nan
    return float(np.average(chosen.astype("float64"), weights=weights))


def _check_fraction(fraction: float) -> None:
    if not 0.0 < fraction <= 1.0:
        raise ValueError(
            f"`fraction` must be in (0, 1]. Received: fraction={fraction}."
        )
