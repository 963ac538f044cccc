"""Hidden layer whose output is appended to its input."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._hidden import hidden_sublayers


@kerashep_export
class DenseConcat(keras.layers.Layer):
    """`z = [x, D(x)]` with `D` a dense layer and its activation.

    Stacked, every layer sees the input and the outputs of all layers before it, so none
    has to learn to pass something on unchanged. `n` of them widen `(batch, features)`
    to `(batch, features + n units)`.

    The kernel starts as the activation asks for: He-normal for ReLU, Swish and PReLU,
    LeCun-normal for SELU, Glorot-normal for others.

    Reference: [Huang et al., 2016](https://arxiv.org/abs/1608.06993), as used for dense
    layers by [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.10.

    Args:
        units: Width of `D`.
        activation: `"relu"`, `"swish"`, `"learnt_swish"` (its slope is a weight),
            `"prelu"`, `"selu"`, or the name of another of Keras' activations.
        dropout: Dropout rate of `D(x)`, in `[0, 1)`. Alpha dropout for SELU.
        batch_norm: Whether `D(x)` is batch-normalised, after the activation.
        l2: L2 factor of kernel and bias.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        `(batch, features)`.

    Output shape:
        `(batch, features + units)`, the input first.

    Raises:
        ValueError: If an argument is out of range or the activation unknown.

    Example:

    >>> layer = DenseConcat(33)
    >>> tuple(layer(keras.ops.ones((8, 33))).shape)
    (8, 66)
    """

    def __init__(
        self,
        units: int,
        activation: str = "swish",
        dropout: float = 0.0,
        batch_norm: bool = False,
        l2: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.activation = activation
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.l2 = l2
        self.sublayers = hidden_sublayers(
            units, activation, dropout, batch_norm, l2, self.dtype_policy
        )

    def build(self, input_shape: Any) -> None:
        self.input_spec = keras.InputSpec(ndim=2, axes={1: input_shape[-1]})
        shape = input_shape
        for layer in self.sublayers:
            layer.build(shape)
            shape = (input_shape[0], self.units)

    def call(self, inputs: Any) -> Any:
        x = inputs
        for layer in self.sublayers:
            x = layer(x)
        return ops.concatenate([inputs, x], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], input_shape[1] + self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "activation": self.activation,
            "dropout": self.dropout,
            "batch_norm": self.batch_norm,
            "l2": self.l2,
        }
