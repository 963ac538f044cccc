"""Random rotation of events about the beam."""

import math
from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep._symmetry import rotated
from kerashep.layers._random_symmetry import RandomSymmetry
from kerashep.layers._vectors import component


@kerashep_export
class RandomRotation(RandomSymmetry):
    """Turns all momenta of an event about the beam by one random angle, in training.

    `px' = px cos(a) - py sin(a)`, `py' = px sin(a) + py cos(a)`, `a` uniform in
    [-pi, pi). The other features stay as they are: only quantities that a rotation
    leaves alone (masses, transverse momenta, differences of angles) may be among them.
    Outside training the layer does nothing.

    It must see physical units, before any scaling: standardised components have
    different scales, and turning them is no rotation. Under a mixed dtype policy give
    it `dtype="float32"`, or its output in GeV is rounded to 16 bits.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.5.3.

    Args:
        vectors: Columns `(px, py, pz)` or `(px, py)` of each momentum.
        seed: Of the angles; from Keras' global generator by default.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        `(batch, ..., features)`; NaN = missing stays NaN.

    Output shape:
        Same as the input.

    Raises:
        ValueError: If `vectors` are no columns of the features, or share one.

    Example:

    >>> layer = RandomRotation(vectors=((0, 1),), seed=1)
    >>> turned = layer(keras.ops.array([[3.0, 4.0]]), training=True)
    >>> round(float(keras.ops.norm(turned)), 4)
    5.0
    """

    def transform(self, x: Any, shape: Any) -> Any:
        angle = keras.random.uniform(
            shape, -math.pi, math.pi, dtype=x.dtype, seed=self.seed_generator
        )
        px, py = component(self.vectors, "x"), component(self.vectors, "y")
        return rotated(x, px, py, ops.cos(angle), ops.sin(angle), ops)
