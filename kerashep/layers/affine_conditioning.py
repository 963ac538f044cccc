"""Affine conditioning of features on physics parameters."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._activation_start import check_bias_start, scale_start
from kerashep.layers._conditioning import ConditioningLayer, align


@kerashep_export
class AffineConditioning(ConditioningLayer):
    """Scales and shifts each feature by functions of the physics parameters.

    `z = x * g(s(m)) + h(b(m))`, where `s` and `b` are linear in `m` with one output
    a feature: two independent maps with `2 features (num_parameters + 1)` weights.

    Reference: [Anzalone et al., 2022](https://arxiv.org/abs/2202.00424), section 4.1.

    Args:
        scale_activation: `g`, a Keras activation or its name. Linear by default.
        bias_activation: `h`, likewise.
        initialization: `"identity"`: the bias of `s` is such that `g` gives 1, so
            the layer starts as `z = x` at `m = 0` and near it for `m` of order one.
            `"reference"`: two Glorot-uniform dense layers with zero biases, as in
            the code of the paper; the scale then starts with a random sign and is
            zero at `m = 0`.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Call arguments:
        inputs: Pair `(x, m)`. A mask of `x` is passed on.

    Input shape:
        `x`: `(batch, ..., features)`; `m`: `(batch, num_parameters)`, or with as
        many axes as `x`. `m` should be of order one: divide masses in GeV by
        `ParameterScaling` first.

    Output shape:
        That of `x`.

    Raises:
        ValueError: If the inputs are no such pair, or if an activation has no
            identity start (a sigmoid scale never reaches 1).

    Example:

    >>> layer = AffineConditioning()
    >>> tuple(layer((keras.ops.ones((8, 27)), keras.ops.ones((8, 1)))).shape)
    (8, 27)
    """

    def __init__(
        self,
        scale_activation: Any = None,
        bias_activation: Any = None,
        initialization: str = "identity",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.scale_activation = keras.activations.get(scale_activation)
        self.bias_activation = keras.activations.get(bias_activation)
        self.initialization = initialization
        self._scale_start = scale_start(initialization, self.scale_activation)
        check_bias_start(initialization, self.bias_activation)

    def build_weights(self, num_features: int, num_parameters: int) -> None:
        self.scale_kernel, self.scale_bias = self.add_projection(
            "scale", num_features, num_parameters, bias=self._scale_start
        )
        self.bias_kernel, self.bias_bias = self.add_projection(
            "bias", num_features, num_parameters, bias=0.0
        )

    def call(self, inputs: Any) -> Any:
        x, m = inputs
        m = align(m, x)
        scale = self.scale_activation(
            ops.matmul(m, self.scale_kernel) + self.scale_bias
        )
        bias = self.bias_activation(ops.matmul(m, self.bias_kernel) + self.bias_bias)
        return x * scale + bias

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "scale_activation": keras.activations.serialize(self.scale_activation),
            "bias_activation": keras.activations.serialize(self.bias_activation),
            "initialization": self.initialization,
        }
