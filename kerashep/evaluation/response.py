"""Response of a regression, prediction over truth, against another quantity."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.resolution import (
    LEVELS,
    checked_response,
    weighted_quantiles,
)

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ResponseProfile:
    """Quantiles of the response in bins of a quantity.

    Attributes:
        edges: `(bins + 1,)` of the quantity.
        centre: `(bins,)` weighted median of the quantity in each bin.
        low: `(bins,)` 16 % quantile of the response.
        median: `(bins,)` its median.
        high: `(bins,)` its 84 % quantile.
        events: `(bins,)` number of events.
    """

    edges: Array
    centre: Array
    low: Array
    median: Array
    high: Array
    events: NDArray[np.int64]


def response_profile(
    prediction: ArrayLike,
    truth: ArrayLike,
    against: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    bins: int = 10,
) -> ResponseProfile:
    """Quantiles of prediction over truth in bins that hold equal weights.

    Against the truth a perfect network is flat at 1; one that returns the mean of what
    it was trained on falls as one over the truth.

    Args:
        prediction: `(events,)`.
        truth: `(events,)`, positive.
        against: `(events,)` finite quantity to bin in, for example the truth.
        weight: `(events,)` event weights, ones by default; negative ones are refused.
        bins: Number of bins; fewer where the quantity has few values.

    Raises:
        ValueError: As `kerashep.evaluation.resolution`, or if `against` does not fit.
    """
    ratio, weights = checked_response(prediction, truth, weight)
    quantity = np.ravel(np.asarray(against, "float64"))
    if quantity.shape != ratio.shape or not np.isfinite(quantity).all():
        raise ValueError(
            f"`against` must be {len(ratio)} finite numbers. Received: shape "
            f"{quantity.shape}, {np.count_nonzero(~np.isfinite(quantity))} not finite."
        )
    levels = np.linspace(0.0, 1.0, bins + 1)
    inner = weighted_quantiles(quantity, weights, levels[1:-1].tolist())
    edges = np.unique([quantity.min(), *inner, quantity.max()])
    place = np.digitize(quantity, edges[1:-1])
    rows = [
        np.flatnonzero((place == i) & (weights > 0.0)) for i in range(len(edges) - 1)
    ]
    filled = np.array([len(row) > 0 for row in rows], "bool")
    quantiles = np.full((len(rows), 4), np.nan)
    for i in np.flatnonzero(filled):
        chosen, weighing = rows[i], weights[rows[i]]
        quantiles[i, :3] = weighted_quantiles(ratio[chosen], weighing, LEVELS)
        quantiles[i, 3:] = weighted_quantiles(quantity[chosen], weighing, (0.5,))
    low, median, high, centre = quantiles.T
    events = np.array([len(row) for row in rows], "int64")
    return ResponseProfile(edges, centre, low, median, high, events)
