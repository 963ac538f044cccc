"""Arguments of layers that combine four-vectors, and their weights."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from kerashep._messages import did_you_mean


def checked_choice(name: str, value: str, options: Sequence[str]) -> str:
    """`value`.

    Raises:
        ValueError: If it is none of the options.
    """
    if value not in options:
        raise ValueError(
            f"`{name}` must be one of {tuple(options)}. Received: {name}={value!r}."
            + did_you_mean(str(value), options)
        )
    return value


def checked_count(name: str, value: int, least: int = 1) -> int:
    """`value`.

    Raises:
        ValueError: If it is no integer of at least `least`.
    """
    number: object = value  # whatever was passed
    if isinstance(number, bool) or not isinstance(number, int) or number < least:
        wanted = "a positive integer" if least == 1 else f"an integer >= {least}"
        raise ValueError(f"`{name}` must be {wanted}. Received: {name}={value}.")
    return value


def fixed_weights(name: str, values: Any, columns: int) -> NDArray[np.float64] | None:
    """`(n, columns)` array, or None.

    Raises:
        ValueError: If it has another shape or holds what is not finite.
    """
    if values is None:
        return None
    array = np.array(values, "float64")
    if array.ndim != 2 or array.shape[1] != columns or not np.isfinite(array).all():
        raise ValueError(
            f"`{name}` must be finite numbers of shape (n, {columns}), one row an "
            f"input vector. Received: shape {array.shape}, "
            f"{np.count_nonzero(~np.isfinite(array))} not finite."
        )
    return array


def times_columns(columns: Any, weights: Any) -> Any:
    """`(batch, k, n)` times `(n, m)`, as one product of two matrices."""
    rows, (inputs, outputs) = columns.shape[1], weights.shape
    product = ops.matmul(ops.reshape(columns, (-1, inputs)), weights)
    return ops.reshape(product, (-1, rows, outputs))
