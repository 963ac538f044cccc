"""Four-vectors in polar coordinates as Cartesian ones."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._four_vectors import check_four_vectors, safe_sqrt, working_dtype


@kerashep_export
class CartesianFourVectors(keras.layers.Layer):
    """Turns (pt, eta, phi, mass) into (E, px, py, pz).

    `px = pt cos(phi)`, `py = pt sin(phi)`, `pz = pt sinh(eta)` and
    `E = sqrt(mass^2 + pt^2 cosh^2(eta))`, in the unit of pt and mass. A vector of zeros
    (padding) stays one. The inverse is `PolarFourVectors`, in NumPy it is
    `kerashep.data.to_cartesian`. Momenta among other columns, without a mass:
    `CartesianMomenta`.

    Computed and returned in float32 at least, under mixed policies too; a mass below
    3.5e-4 of the momentum is lost in an energy of float32.

    Args:
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        `(batch, ..., 4)` as (pt, eta, phi, mass), phi in radians. A mask is passed on.

    Output shape:
        That of the input, as (E, px, py, pz).

    Raises:
        ValueError: If the last axis has not four components.

    Example:

    >>> layer = CartesianFourVectors()
    >>> [float(v) for v in layer(keras.ops.array([[3.0, 0.0, 0.0, 4.0]]))[0]]
    [5.0, 3.0, 0.0, 0.0]
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        check_four_vectors(self, input_shape, "(pt, eta, phi, mass)")

    def call(self, inputs: Any) -> Any:
        x = ops.cast(inputs, working_dtype(self))
        pt, eta, phi, mass = (x[..., i] for i in range(4))
        momentum = pt * ops.cosh(eta)
        energy = safe_sqrt(mass * mass + momentum * momentum)
        parts = [energy, pt * ops.cos(phi), pt * ops.sin(phi), pt * ops.sinh(eta)]
        return ops.stack(parts, axis=-1)

    def compute_output_spec(self, inputs: Any) -> Any:
        return keras.KerasTensor(inputs.shape, working_dtype(self))
