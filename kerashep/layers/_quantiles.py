"""Weighted quantiles of features."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def weighted_quantiles(
    x: ArrayLike, num_quantiles: int, weight: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Equidistant quantiles of each feature, the least and the largest value included.

    Sorted values stand on a line, two neighbours half the sum of their weights apart;
    quantiles are read off it by linear interpolation. With equal weights these are
    NumPy's. Missing values (NaN) and events of weight zero are left out.

    Args:
        x: `(n, features)`.
        num_quantiles: How many, at least 2; a feature of fewer values repeats them.
        weight: `(n,)`, not negative; ones by default.

    Returns:
        `(features, num_quantiles)`, rising along the second axis.

    Raises:
        ValueError: If shapes disagree, a weight is negative or not finite, a value is
            infinite, or a feature has no value.
    """
    values = np.asarray(x, "float64")
    w = np.ones(len(values)) if weight is None else np.asarray(weight, "float64")
    _check(values, num_quantiles, w)
    levels = np.linspace(0.0, 1.0, num_quantiles)
    rows = [_of_one(column, w, levels, i) for i, column in enumerate(values.T)]
    return np.stack(rows)


def _of_one(
    values: NDArray[np.float64],
    weight: NDArray[np.float64],
    levels: NDArray[np.float64],
    number: int,
) -> NDArray[np.float64]:
    used = ~np.isnan(values) & (weight > 0)
    if not used.any():
        raise ValueError(
            f"Feature {number} has no quantiles: every value is missing (NaN) or has "
            "weight zero. Remove the feature."
        )
    values, weight = values[used], weight[used]
    order = np.argsort(values, kind="stable")
    values, weight = values[order], weight[order]
    steps = (weight[:-1] + weight[1:]) / 2
    place = np.concatenate([[0.0], np.cumsum(steps)])
    found: NDArray[np.float64] = np.interp(levels * place[-1], place, values)
    return found


def _check(
    values: NDArray[Any], num_quantiles: int, weight: NDArray[np.float64]
) -> None:
    if values.ndim != 2 or weight.shape != values.shape[:1]:
        raise ValueError(
            "`x` must have shape (events, features) and `weight` one number an event. "
            f"Received: shapes {values.shape} and {weight.shape}."
        )
    if num_quantiles < 2:
        raise ValueError(
            f"`num_quantiles` must be at least 2. Received: {num_quantiles}."
        )
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise ValueError(
            f"`x` holds {infinite} infinite values, which have no quantile. Make them "
            "NaN (missing), or remove these events."
        )
    bad = int((~np.isfinite(weight) | (weight < 0)).sum())
    if bad:
        raise ValueError(
            f"{bad} of {len(weight)} weights are negative or not finite; quantiles "
            "need weights of at least 0. Give their magnitudes, or leave them out."
        )
