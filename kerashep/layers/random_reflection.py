"""Random reflection of events."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep._symmetry import reflected
from kerashep.layers._random_symmetry import RandomSymmetry
from kerashep.layers._vectors import check_axes, component


@kerashep_export
class RandomReflection(RandomSymmetry):
    """Reverses a component of all momenta of an event, or not, at random in training.

    The probability is 1/2, and each axis is decided by itself. A reflection along `y`
    together with a random rotation is one in any plane through the beam; one along `z`
    exchanges the beams. Momenta without `pz` do not change with `z`. The other features
    stay as they are: only quantities that a reflection leaves alone may be among them.
    Outside training the layer does nothing. Units and dtype as for `RandomRotation`.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.5.3.

    Args:
        vectors: Columns `(px, py, pz)` or `(px, py)` of each momentum.
        axes: Which components to reverse, of `x`, `y` and `z`.
        seed: Of the choice; from Keras' global generator by default.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        `(batch, ..., features)`; NaN = missing stays NaN.

    Output shape:
        Same as the input.

    Raises:
        ValueError: If `vectors` are no columns of the features or share one, or `axes`
            are none, unknown, or along z without a `pz`.

    Example:

    >>> layer = RandomReflection(vectors=((0, 1, 2),), axes=("z",), seed=1)
    >>> mirrored = layer(keras.ops.array([[3.0, 4.0, 5.0]]), training=True)
    >>> [abs(float(component)) for component in mirrored[0]]
    [3.0, 4.0, 5.0]
    """

    def __init__(
        self,
        vectors: Sequence[Sequence[int]],
        axes: Sequence[str] = ("y", "z"),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(vectors, seed, **kwargs)
        self.axes = check_axes("axes", axes, self.vectors)
        if not self.axes:
            raise ValueError("`axes` must name an axis: x, y or z. Received: none.")

    def transform(self, x: Any, shape: Any) -> Any:
        for axis in self.axes:
            number = keras.random.uniform(
                shape, dtype=x.dtype, seed=self.seed_generator
            )
            sign = ops.cast(ops.where(number < 0.5, 1.0, -1.0), x.dtype)
            x = reflected(x, component(self.vectors, axis), sign, ops)
        return x

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axes": list(self.axes)}
