"""Selection of one candidate an event by the nearest point of a grid."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export


@kerashep_export
class NearestSelection(keras.layers.Layer):
    """Picks, for each event, the candidate whose grid point is nearest to `m`.

    Gradients reach the chosen candidate only, and what the others hold is never
    read: they may be NaN. Half-way between two points the lower one is chosen.

    Args:
        points: Strictly increasing grid, one point a candidate, in the unit of `m`
            (masses in GeV, say).
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Call arguments:
        inputs: Pair `(candidates, m)`. `m` is compared in at least 32 bits.

    Input shape:
        `candidates`: `(batch, points, width)`; `m`: `(batch, 1)`, finite.

    Output shape:
        `(batch, width)`.

    Raises:
        ValueError: If `points` do not increase, or do not fit the candidates.

    Example:

    >>> layer = NearestSelection([500.0, 1000.0])
    >>> tuple(layer((keras.ops.ones((8, 2, 3)), keras.ops.ones((8, 1)))).shape)
    (8, 3)
    """

    def __init__(self, points: Sequence[float], **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.points = tuple(float(point) for point in points)
        pairs = list(itertools.pairwise(self.points))
        increasing = all(low < high for low, high in pairs)
        if (
            not self.points
            or not increasing
            or not all(map(math.isfinite, self.points))
        ):
            raise ValueError(
                "`points` must be finite and strictly increasing. "
                f"Received: points={points}."
            )
        self._middles = [(low + high) / 2 for low, high in pairs]

    def build(self, input_shape: Any) -> None:
        shapes = [tuple(s) if isinstance(s, (tuple, list)) else s for s in input_shape]
        expected = len(self.points)
        fits = (
            len(shapes) == 2
            and all(isinstance(shape, tuple) for shape in shapes)
            and (len(shapes[0]), len(shapes[1])) == (3, 2)
            and (shapes[0][1], shapes[1][1]) == (expected, 1)
        )
        if not fits:
            raise ValueError(
                f"Layer '{self.name}' expects a pair of shapes (batch, {expected}, "
                f"width) and (batch, 1), as it has {expected} points. "
                f"Received: {shapes}."
            )
        self.input_spec = [
            keras.InputSpec(ndim=3, axes={1: expected, 2: shapes[0][2]}),
            keras.InputSpec(ndim=2, axes={1: 1}),
        ]

    def call(self, inputs: Any) -> Any:
        candidates, m = inputs
        dtype = keras.backend.result_type(self.variable_dtype, "float32")
        middles = ops.convert_to_tensor([self._middles], dtype)
        nearest = ops.sum(ops.cast(ops.cast(m, dtype) > middles, "int32"), axis=1)
        chosen = ops.one_hot(nearest, len(self.points), dtype="bool")
        chosen = ops.expand_dims(chosen, -1)
        kept = ops.where(chosen, candidates, ops.zeros_like(candidates))
        return ops.cast(ops.sum(kept, axis=1), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0][0], input_shape[0][2])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "points": list(self.points)}
