"""Scaling of features by a function of physics parameters."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._activation_start import scale_start
from kerashep.layers._conditioning import ConditioningLayer, align


@kerashep_export
class ConditionalScaling(ConditioningLayer):
    """Multiplies each feature by a function of the physics parameters.

    `z = x * g(s(m))` with `s` linear in `m`, one output a feature.

    Reference: [Anzalone et al., 2022](https://arxiv.org/abs/2202.00424), section 2.2.

    Args:
        scale_activation: `g`, a Keras activation or its name. Linear by default.
        initialization: `"identity"` (starts as `z = x` at `m = 0`) or `"reference"`
            (Glorot-uniform kernel, zero bias): see `AffineConditioning`.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Call arguments:
        inputs: Pair `(x, m)`. A mask of `x` is passed on.

    Input shape:
        `x`: `(batch, ..., features)`; `m`: `(batch, num_parameters)`, or with as
        many axes as `x`; of order one.

    Output shape:
        That of `x`.

    Example:

    >>> layer = ConditionalScaling("softplus")
    >>> tuple(layer((keras.ops.ones((8, 27)), keras.ops.ones((8, 1)))).shape)
    (8, 27)
    """

    def __init__(
        self,
        scale_activation: Any = None,
        initialization: str = "identity",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.scale_activation = keras.activations.get(scale_activation)
        self.initialization = initialization
        self._scale_start = scale_start(initialization, self.scale_activation)

    def build_weights(self, num_features: int, num_parameters: int) -> None:
        self.scale_kernel, self.scale_bias = self.add_projection(
            "scale", num_features, num_parameters, bias=self._scale_start
        )

    def call(self, inputs: Any) -> Any:
        x, m = inputs
        linear = ops.matmul(align(m, x), self.scale_kernel) + self.scale_bias
        return x * self.scale_activation(linear)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "scale_activation": keras.activations.serialize(self.scale_activation),
            "initialization": self.initialization,
        }
