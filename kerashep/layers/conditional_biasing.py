"""Shift of features by a function of physics parameters."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._conditioning import ConditioningLayer, align


@kerashep_export
class ConditionalBiasing(ConditioningLayer):
    """Adds a function of the physics parameters to each feature.

    `z = x + h(b(m))` with `b` linear in `m` (Glorot-uniform kernel, zero bias), one
    output a feature. Followed by a dense layer it spans the same functions as
    concatenation of `m` in front of that layer.

    Reference: [Anzalone et al., 2022](https://arxiv.org/abs/2202.00424), section 2.2.

    Args:
        bias_activation: `h`, a Keras activation or its name. Linear by default.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Call arguments:
        inputs: Pair `(x, m)`. A mask of `x` is passed on.

    Input shape:
        `x`: `(batch, ..., features)`; `m`: `(batch, num_parameters)`, or with as
        many axes as `x`; of order one.

    Output shape:
        That of `x`.

    Example:

    >>> layer = ConditionalBiasing()
    >>> tuple(layer((keras.ops.ones((8, 27)), keras.ops.ones((8, 1)))).shape)
    (8, 27)
    """

    def __init__(self, bias_activation: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bias_activation = keras.activations.get(bias_activation)

    def build_weights(self, num_features: int, num_parameters: int) -> None:
        self.bias_kernel, self.bias_bias = self.add_projection(
            "bias", num_features, num_parameters, bias=0.0
        )

    def call(self, inputs: Any) -> Any:
        x, m = inputs
        linear = ops.matmul(align(m, x), self.bias_kernel) + self.bias_bias
        return x + self.bias_activation(linear)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "bias_activation": keras.activations.serialize(self.bias_activation),
        }
