"""Hidden layers connected plainly, densely or by addition, and a sigmoid head."""

from typing import Any

import keras

from kerashep._messages import did_you_mean
from kerashep.layers._hidden import check_hidden, hidden_sublayers, l2_regularizer
from kerashep.layers.dense_concat import DenseConcat

CONNECTIONS = ("plain", "dense", "residual")


class ConnectedStack:
    """Hidden layers of linearly changing width.

    Makes layers only; it is neither a layer nor a model. Hidden layer `d`, counted from
    0, has `w_d = width + int(width d growth)` units. Each is a dense layer, its
    activation, batch normalisation if asked for, and dropout.

    Args:
        depth: Number of hidden layers.
        width: Width of the first one.
        growth: Change of the width by layer, in units of `width`.
        connection: `"plain"`; `"dense"`: the output of each layer but the last is
            appended to its input; `"residual"`: the output of each layer but the first
            is added to its input.
        activation: Name, see `kerashep.layers.DenseConcat`.
        dropout: Dropout rate after each activation, in `[0, 1)`.
        batch_norm: Whether to normalise after each activation.
        l2: L2 factor of all kernels and biases, the head's too.
        dtype: Dtype policy of every layer but the head, which gives float32.

    Raises:
        ValueError: If an argument is out of range, or they exclude each other.
    """

    def __init__(
        self,
        depth: int,
        width: int,
        growth: float,
        connection: str,
        activation: str,
        dropout: float,
        batch_norm: bool,
        l2: float,
        dtype: Any,
    ) -> None:
        if connection not in CONNECTIONS:
            raise ValueError(
                f"Unknown connection '{connection}'."
                + did_you_mean(connection, CONNECTIONS)
            )
        if connection == "residual" and growth:
            raise ValueError(
                "With connection='residual' all layers have one width. Set growth=0. "
                f"Received: growth={growth}."
            )
        self.widths = _widths(depth, width, growth)
        check_hidden(width, dropout, l2)
        self.depth, self.width, self.growth = int(depth), int(width), float(growth)
        self.connection = connection
        self.activation = activation
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.l2 = l2
        self.dtype = keras.dtype_policies.get(dtype)

    def hidden(self, x: Any, prefix: str = "") -> Any:
        """Output of the last hidden layer.

        Args:
            x: Symbolic input `(batch, features)`.
            prefix: Start of the layers' names.
        """
        for i, width in enumerate(self.widths):
            is_last = i == len(self.widths) - 1
            if self.connection == "dense" and not is_last:
                name = f"{prefix}dense_concat_{i}"
                arguments = (self.activation, self.dropout, self.batch_norm, self.l2)
                x = DenseConcat(width, *arguments, dtype=self.dtype, name=name)(x)
                continue
            output = self._layer(x, width, prefix, f"_{i}")
            if self.connection == "residual" and i > 0:
                add = keras.layers.Add(dtype=self.dtype, name=f"{prefix}add_{i}")
                output = add([x, output])
            x = output
        return x

    def score(self, x: Any) -> Any:
        """Signal probability `(batch, 1)`, float32 under every dtype policy."""
        return keras.layers.Dense(
            1,
            "sigmoid",
            kernel_initializer="glorot_normal",
            kernel_regularizer=l2_regularizer(self.l2),
            bias_regularizer=l2_regularizer(self.l2),
            dtype="float32",
            name="score",
        )(x)

    def get_config(self) -> dict[str, Any]:
        """The arguments, as JSON."""
        return {
            "depth": self.depth,
            "width": self.width,
            "growth": self.growth,
            "connection": self.connection,
            "activation": self.activation,
            "dropout": self.dropout,
            "batch_norm": self.batch_norm,
            "l2": self.l2,
            "dtype": keras.dtype_policies.serialize(self.dtype),
        }

    def _layer(self, x: Any, width: int, prefix: str, suffix: str) -> Any:
        sublayers = hidden_sublayers(
            width,
            self.activation,
            self.dropout,
            self.batch_norm,
            self.l2,
            self.dtype,
            prefix,
            suffix,
        )
        for layer in sublayers:
            x = layer(x)
        return x


def _widths(depth: int, width: int, growth: float) -> tuple[int, ...]:
    for name, value in (("depth", depth), ("width", width)):
        if value != int(value) or value < 1:
            raise ValueError(
                f"`{name}` must be a positive integer. Received: {name}={value}."
            )
    widths = tuple(int(width) + int(width * d * growth) for d in range(int(depth)))
    if min(widths) < 1:
        raise ValueError(
            "Every layer needs a unit, but the widths would be "
            f"{', '.join(map(str, widths))}. Received: depth={depth}, width={width}, "
            f"growth={growth}. Raise `growth`, or take fewer layers."
        )
    return widths
