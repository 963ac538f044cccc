"""Features of pairs of four-vectors: strict upper triangle, row by row."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from keras import ops

from kerashep.layers._four_vectors import FourVectors, safe_sqrt, wrapped


def upper_triangle(matrix: Any) -> Any:
    """`(batch, n (n - 1) / 2)` elements above the diagonal of `(batch, n, n)`."""
    count = matrix.shape[-1]
    first, second = np.triu_indices(count, 1)
    flat = ops.reshape(matrix, (-1, count * count))
    return ops.take(flat, (first * count + second).astype("int32"), axis=1)


def _differences(values: Any) -> Any:
    return ops.expand_dims(values, 2) - ops.expand_dims(values, 1)


def _cosine(vectors: FourVectors) -> Any:
    unit = vectors.direction
    return upper_triangle(ops.matmul(unit, ops.transpose(unit, (0, 2, 1))))


def _distance(vectors: FourVectors) -> Any:
    phi = wrapped(upper_triangle(_differences(vectors.phi)))
    eta = upper_triangle(_differences(vectors.eta))
    return safe_sqrt(eta * eta + phi * phi)


def _interval(vectors: FourVectors) -> Any:
    components = (vectors.E, vectors.px, vectors.py, vectors.pz)
    energy, px, py, pz = (upper_triangle(_differences(c)) for c in components)
    square = energy * energy - (px * px + py * py + pz * pz)
    return safe_sqrt(square) - safe_sqrt(-square)


def _rapidity(vectors: FourVectors) -> Any:
    return upper_triangle(_differences(vectors.y))


PAIR_FEATURES: Mapping[str, Callable[[FourVectors], Any]] = {
    "pair_cos": _cosine,
    "pair_dr": _distance,
    "pair_ds": _interval,
    "pair_dy": _rapidity,
}
