"""Expected significance of a fit to the histogram of a score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep._messages import did_you_mean
from kerashep.evaluation.asimov import asimov_error, asimov_significance
from kerashep.evaluation.ranked import (
    RankedScores,
    check_scores,
    refuse_negative_weights,
)

Array = NDArray[np.float64]

EQUAL_YIELDS = ("background", "signal")


@dataclass(frozen=True, eq=False)
class BinnedYields:
    """Weighted signal and background in each bin of a score.

    Args:
        cuts: `(bins - 1,)` rising inner edges; an event at an edge is in the bin above.
            The outer bins are open: no score falls outside.
        signal: `(bins,)` sums of weights.
        background: `(bins,)` sums of weights.
        signal_error: `(bins,)` square roots of the summed squared weights.
        background_error: `(bins,)` likewise.
    """

    cuts: Array
    signal: Array
    background: Array
    signal_error: Array
    background_error: Array


@dataclass(frozen=True, eq=False)
class BinnedSignificance:
    """Significance of all bins together.

    Args:
        significance: `sqrt(sum_i Z_i^2)`.
        error: Its standard error from the finite number of simulated events.
        bin_significance: `(bins,)` `Z_i`.
        yields: What it was computed from.
    """

    significance: float
    error: float
    bin_significance: Array
    yields: BinnedYields


def binned_significance(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    cuts: ArrayLike | None = None,
    bins: int = 10,
    equal: str = "background",
    minimum_background: float = 5.0,
    systematic: float = 0.0,
) -> BinnedSignificance:
    """Asimov significance over the bins of a score, added in quadrature.

    It is what a fit of the signal strength to the histogram would expect, and at least
    that of any single cut on the same edges. The background uncertainty is taken as
    independent in each bin; `kerashep.evaluation.pyhf_workspace` writes the model of a
    fit in which it is common to all.

    Bins chosen on the same few simulated events are optimistic: give `cuts` from other
    events where that matters.

    Reference: arXiv:1007.1727, equation 97, in each bin.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` higher is more like signal.
        weight: `(events,)` physics weights, ones by default; negative ones are refused
            unless `cuts` are given and every bin sums to a positive background.
        cuts: Rising inner edges. None chooses them by `equal_yield_cuts`.
        bins: As for `equal_yield_cuts`.
        equal: As for `equal_yield_cuts`.
        minimum_background: As for `equal_yield_cuts`.
        systematic: Relative uncertainty of the background in each bin.

    Raises:
        ValueError: As `binned_yields` and `equal_yield_cuts`; if a bin has a negative
            signal, or no background.
    """
    if cuts is None:
        cuts = equal_yield_cuts(
            label,
            score,
            weight,
            bins=bins,
            equal=equal,
            minimum_background=minimum_background,
        )
    yields = binned_yields(label, score, weight, cuts)
    _check_bins(yields)
    z = asimov_significance(yields.signal, yields.background, systematic=systematic)
    errors = asimov_error(
        yields.signal,
        yields.background,
        yields.signal_error**2,
        yields.background_error**2,
        systematic=systematic,
    )
    total = float(np.sqrt(np.sum(z**2)))
    error = float(np.sqrt(np.sum((z * errors) ** 2))) / total
    return BinnedSignificance(total, error, z, yields)


def binned_yields(
    label: ArrayLike, score: ArrayLike, weight: ArrayLike | None, cuts: ArrayLike
) -> BinnedYields:
    """Weighted histograms of signal and background with their errors.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` scores.
        weight: `(events,)` physics weights, None for ones.
        cuts: `(bins - 1,)` rising inner edges; empty for a single bin.

    Raises:
        ValueError: If `cuts` do not rise, or the events are refused as by `ams_scan`.
    """
    edges = np.asarray(cuts, "float64").ravel()
    if np.isnan(edges).any() or (np.diff(edges) <= 0.0).any():
        raise ValueError(
            f"`cuts` must be strictly rising numbers. Received: cuts={edges.tolist()}."
        )
    signal, scores, weights = check_scores(label, score, weight)
    bins = len(edges) + 1
    index = np.searchsorted(edges, scores.astype("float64"), side="right")
    index += bins * ~signal
    sums = np.bincount(index, weights, 2 * bins).reshape(2, bins)
    errors = np.sqrt(np.bincount(index, weights**2, 2 * bins)).reshape(2, bins)
    return BinnedYields(edges, *sums, *errors)


def equal_yield_cuts(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    bins: int = 10,
    equal: str = "background",
    minimum_background: float = 5.0,
) -> Array:
    """Inner edges of bins that hold equal sums of weights of one class.

    Bins are filled from the highest score downwards. A bin ends where the next share of
    the class is reached and it holds `minimum_background`; so there are fewer bins
    where the background is rare. What remains below the last edge with less than
    `minimum_background` joins the bin above.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` higher is more like signal.
        weight: `(events,)` physics weights, ones by default; negative ones are refused.
        bins: Most bins.
        equal: `background` or `signal`: the class that is shared out.
        minimum_background: Least expected background of a bin. From about five events
            on, the formula is a fair approximation. Choose it well above the weight of
            a single background event, or one event may make a bin.

    Returns:
        `(at most bins - 1,)` rising cuts, each a score that occurs.

    Raises:
        ValueError: If `bins` is not positive, `equal` is unknown, a weight is negative,
            or `minimum_background` is not positive or exceeds the whole background.
    """
    if bins < 1:
        raise ValueError(f"`bins` must be at least 1. Received: bins={bins}.")
    if equal not in EQUAL_YIELDS:
        raise ValueError(
            f"Unknown `equal` '{equal}'." + did_you_mean(equal, EQUAL_YIELDS)
        )
    ranked = RankedScores.from_scores(label, score, weight)
    refuse_negative_weights(ranked.weight, "A choice of bins by equal yields")
    yields = ranked.yields()
    total = float(yields.background[-1])
    if not 0.0 < minimum_background <= total:
        raise ValueError(
            "`minimum_background` must be positive and at most the whole background of "
            f"{total:g}. Received: minimum_background={minimum_background}."
        )
    shared = yields.background if equal == "background" else yields.signal
    shares = bins * shared / shared[-1]
    last = _bin_ends(shares, yields.background, minimum_background)[: bins - 1]
    return np.asarray(yields.cut[last][::-1], "float64")


def _bin_ends(shares: Array, background: Array, minimum: float) -> list[int]:
    """Cuts at which bins end, the lowest bin's left out."""
    ends: list[int] = []
    share, held = 0.0, 0.0
    total = background[-1] * (1.0 + 1e-12)
    while True:
        next_share = np.floor(share + 1e-9) + 1.0
        end = max(
            int(np.searchsorted(shares, next_share - 1e-9)),
            int(np.searchsorted(background, held + minimum)),
        )
        if end >= len(shares) or total - background[end] < minimum:
            return ends
        ends.append(end)
        share, held = float(shares[end]), float(background[end])


def _check_bins(yields: BinnedYields) -> None:
    for name, bad in (
        ("no positive background", ~(yields.background > 0.0)),
        ("a negative signal", yields.signal < 0.0),
    ):
        if bad.any():
            i = int(np.argmax(bad))
            raise ValueError(
                f"Bin {i} of {len(bad)} (from the lowest score) has {name}, so its "
                f"significance is undefined. Received: signal {yields.signal[i]:g}, "
                f"background {yields.background[i]:g}. Use fewer bins, or cuts with "
                "more background above them."
            )
