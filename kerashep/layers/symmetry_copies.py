"""Copies of an event turned and reflected by a group of symmetries."""

import itertools
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from kerashep._export import kerashep_export
from kerashep._symmetry import rotation_terms
from kerashep.layers._vectors import check_axes, check_width, checked_vectors, component


@kerashep_export
class SymmetryCopies(keras.layers.Layer):
    """Gives each event once for every rotation and reflection of a group.

    The rotations are by `2 pi j / rotations` about the beam; each is combined with
    every choice of reversed components. Two rotations and the reflections `y` and `z`
    make the eight copies of the study. The first copy is the event itself. Copies of a
    copy are the same set, so the mean of any function over them does not change if the
    event is transformed by an element of the group.

    Like `RandomRotation` it must see physical units, before any scaling, and in full
    precision: under a mixed dtype policy give it `dtype="float32"`.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.5.3.

    Args:
        vectors: Columns `(px, py, pz)` or `(px, py)` of each momentum. All other
            features are repeated as they are.
        rotations: Number of angles.
        reflections: Which components to reverse, of `x`, `y` and `z`; may be empty.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        `(batch, features)`; NaN = missing stays NaN.

    Output shape:
        `(batch, copies, features)` with `rotations * 2 ** len(reflections)` copies.

    Raises:
        ValueError: If `vectors` are no columns of the features or share one, a
            reflection is unknown, or `rotations` is no positive integer.

    Example:

    >>> layer = SymmetryCopies(vectors=((0, 1, 2),))
    >>> tuple(layer(keras.ops.ones((5, 4))).shape)
    (5, 8, 4)
    """

    def __init__(
        self,
        vectors: Sequence[Sequence[int]],
        rotations: int = 2,
        reflections: Sequence[str] = ("y", "z"),
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.vectors = checked_vectors(vectors)
        self.reflections = check_axes("reflections", reflections, self.vectors)
        if rotations != int(rotations) or rotations < 1:
            raise ValueError(
                "`rotations` must be a positive integer. "
                f"Received: rotations={rotations}."
            )
        self.rotations = int(rotations)

    @property
    def num_copies(self) -> int:
        """Number of copies of an event."""
        return self.rotations * (1 << len(self.reflections))

    def build(self, input_shape: Any) -> None:
        width = check_width(self, self.vectors, input_shape)
        self.input_spec = keras.InputSpec(ndim=2, axes={1: width})
        self._partner, self._own, self._other = self._coefficients(width)

    def call(self, inputs: Any) -> Any:
        dtype = keras.backend.result_type(self.variable_dtype, "float32")
        x = ops.expand_dims(ops.cast(inputs, dtype), 1)
        copies = x * ops.convert_to_tensor(self._own, dtype)
        if self._other.any():  # else each angle is 0 or pi: signs only
            other = ops.convert_to_tensor(self._other, dtype)
            copies = copies + ops.take(x, self._partner, axis=-1) * other
        return ops.cast(copies, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], self.num_copies, input_shape[1])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vectors": [list(vector) for vector in self.vectors],
            "rotations": self.rotations,
            "reflections": list(self.reflections),
        }

    def _coefficients(self, width: int) -> tuple[NDArray[Any], ...]:
        """Copy = `x * own + x[partner] * other`, with one row a copy."""
        px, py = component(self.vectors, "x"), component(self.vectors, "y")
        partner, mask, sign = rotation_terms(width, px, py)
        angle = 2 * np.pi * np.arange(self.rotations)[:, None] / self.rotations
        cosine, sine = np.round(np.cos(angle), 15), np.round(np.sin(angle), 15)
        own, other = cosine * mask + 1 - mask, sine * sign
        flips = np.ones((2 ** len(self.reflections), width))
        choices = itertools.product((1, -1), repeat=len(self.reflections))
        for row, signs in zip(flips, choices, strict=True):
            for axis, factor in zip(self.reflections, signs, strict=True):
                row[component(self.vectors, axis)] *= factor
        turned = [np.repeat(terms, len(flips), axis=0) for terms in (own, other)]
        flips = np.tile(flips, (self.rotations, 1))
        return partner, turned[0] * flips, turned[1] * flips
