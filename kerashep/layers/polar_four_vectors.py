"""Four-vectors in Cartesian coordinates as polar ones."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._four_vectors import (
    FourVectors,
    check_four_vectors,
    working_dtype,
)


@kerashep_export
class PolarFourVectors(keras.layers.Layer):
    """Turns (E, px, py, pz) into (pt, eta, phi, mass).

    Values and gradients are finite for any finite input: `|eta|` ends at 12.2, eta and
    phi of a zero vector are 0, and so is the mass of a space-like vector and one that
    the precision does not resolve (3.5e-4 p in float32). `kerashep.data.to_polar` is
    the same in NumPy, in float64 and without these bounds. Other features, and those of
    pairs: `FourVectorFeatures`. The inverse is `CartesianFourVectors`.

    Computed and returned in float32 at least, under mixed policies too.

    Args:
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        `(batch, ..., 4)` as (E, px, py, pz). A mask is passed on.

    Output shape:
        That of the input, as (pt, eta, phi, mass), phi in radians in [-pi, pi].

    Raises:
        ValueError: If the last axis has not four components.

    Example:

    >>> layer = PolarFourVectors()
    >>> [float(v) for v in layer(keras.ops.array([[5.0, 3.0, 0.0, 0.0]]))[0]]
    [3.0, 0.0, 0.0, 4.0]
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        check_four_vectors(self, input_shape, "(E, px, py, pz)")

    def call(self, inputs: Any) -> Any:
        vectors = FourVectors(ops.cast(inputs, working_dtype(self)))
        return ops.stack([vectors.pt, vectors.eta, vectors.phi, vectors.m], axis=-1)

    def compute_output_spec(self, inputs: Any) -> Any:
        return keras.KerasTensor(inputs.shape, working_dtype(self))
