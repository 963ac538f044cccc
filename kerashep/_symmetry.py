"""Rotations about the beam and reflections of Cartesian components, on arrays.

What the stages of the pipeline (NumPy) and the layers (Keras) share.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = NDArray[np.intp]


def rotation_terms(
    width: int, px: Columns, py: Columns
) -> tuple[Columns, NDArray[np.float32], NDArray[np.float32]]:
    """Constants of a rotation, written as `x * own + x[partner] * other`.

    Args:
        width: Number of features.
        px: Columns of the first transverse components.
        py: Columns of the second ones, in the same order.

    Returns:
        `partner (width,)`, the column that a column is mixed with (itself if with
        none); `mask (width,)` and `sign (width,)`, so that for an angle a
        `own = cos(a) mask + 1 - mask` and `other = sin(a) sign`.
    """
    partner = np.arange(width)
    partner[px], partner[py] = py, px
    mask, sign = np.zeros((2, width), "float32")
    mask[px], mask[py] = 1, 1
    sign[px], sign[py] = -1, 1
    return partner, mask, sign


def rotated(
    x: Any, px: Columns, py: Columns, cosine: Any, sine: Any, xp: Any = np
) -> Any:
    """`px' = px cos - py sin`, `py' = px sin + py cos`; other columns as they are.

    Args:
        x: `(..., features)`.
        px: Columns of the first transverse components.
        py: Columns of the second ones, in the same order.
        cosine: `(...)`, one an event.
        sine: `(...)`, one an event.
        xp: `numpy`, or `keras.ops` for tensors.

    Returns:
        `(..., features)`.
    """
    if xp is np:
        return _rotated_columns(x, px, py, cosine, sine)
    partner, mask, sign = rotation_terms(x.shape[-1], px, py)
    own = xp.add(xp.multiply(xp.expand_dims(cosine, -1), mask), 1 - mask)
    other = xp.multiply(xp.expand_dims(sine, -1), sign)
    partners = xp.take(x, partner, axis=-1)
    return xp.add(xp.multiply(x, own), xp.multiply(partners, other))


def reflected(x: Any, columns: Columns, sign: Any, xp: Any = np) -> Any:
    """Multiplies `columns` by `sign`; other columns as they are.

    Args:
        x: `(..., features)`.
        columns: Which to reverse.
        sign: `(...)` +1 or -1, one an event.
        xp: `numpy`, or `keras.ops` for tensors.

    Returns:
        `(..., features)`.
    """
    mask = np.zeros(x.shape[-1], "float32")
    mask[columns] = 1
    factor = xp.multiply(xp.expand_dims(sign, -1), mask)
    return xp.multiply(x, xp.add(factor, 1 - mask))


def turned(x: Any, phi: Columns, angle: Any, xp: Any = np) -> Any:
    """`phi' = phi + angle`, brought back into [-pi, pi); other columns as they are.

    Args:
        x: `(..., features)`.
        phi: Columns of azimuths in radians.
        angle: `(...)` radians, one an event.
        xp: `numpy`, or `keras.ops` for tensors.

    Returns:
        `(..., features)`.
    """
    circle = np.float32(2 * np.pi)
    if xp is np:
        result = x.copy()
        columns = np.moveaxis(result, -1, 0)
        moved = columns[phi] + angle
        columns[phi] = moved - circle * np.floor(moved / circle + np.float32(0.5))
        return result
    mask = np.zeros(x.shape[-1], "float32")
    mask[phi] = 1
    moved = xp.add(x, xp.multiply(xp.expand_dims(angle, -1), mask))
    turns = xp.floor(xp.add(xp.multiply(moved, 1 / circle), 0.5))
    return xp.subtract(moved, xp.multiply(turns, circle * mask))


def _rotated_columns(
    x: NDArray[Any], px: Columns, py: Columns, cosine: Any, sine: Any
) -> NDArray[Any]:
    """Rotation of only the columns concerned, three times as fast in NumPy."""
    result = x.copy()
    columns = np.moveaxis(result, -1, 0)
    first, second = columns[px], columns[py]
    columns[px] = first * cosine - second * sine
    columns[py] = first * sine + second * cosine
    return result
