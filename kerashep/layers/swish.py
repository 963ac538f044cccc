"""The Swish activation, its slope fixed or learnt."""

import math
from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export


@kerashep_export
class Swish(keras.layers.Layer):
    """`x sigmoid(beta x)`: near ReLU, but smooth and with a dip below zero.

    Layers before it should start as for ReLU, He-normal.

    Reference: [Ramachandran et al., 2017](https://arxiv.org/abs/1710.05941); used as
    Swish-1 (`beta = 1`) by [Strong, 2020](https://arxiv.org/abs/2002.01427),
    section 4.7.

    Args:
        beta: Slope, or where it starts.
        learn_beta: Whether `beta` is a trainable weight, one number a layer. Without,
            the layer has no weights.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        Any. A mask is passed on.

    Output shape:
        Same as the input.

    Raises:
        ValueError: If `beta` is not finite.

    Example:

    >>> float(Swish()(keras.ops.array([0.0]))[0])
    0.0
    """

    def __init__(
        self, beta: float = 1.0, learn_beta: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not math.isfinite(beta):
            raise ValueError(f"`beta` must be finite. Received: beta={beta}.")
        self.initial_beta = float(beta)
        self.learn_beta = learn_beta
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        if self.learn_beta:
            start = keras.initializers.Constant(self.initial_beta)
            self.beta = self.add_weight(name="beta", shape=(), initializer=start)

    def call(self, inputs: Any) -> Any:
        beta = self.beta if self.learn_beta else self.initial_beta
        return inputs * ops.sigmoid(beta * inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta": self.initial_beta,
            "learn_beta": self.learn_beta,
        }
