"""Hidden layers of any widths with batch normalisation, and their heads."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashep.layers._hidden import hidden_sublayers, l2_regularizer


class FullyConnected:
    """(Dense, activation, batch normalisation, dropout) x n and a head.

    Makes layers only; it is neither a layer nor a model.

    Args:
        units: Width of each hidden layer.
        activation: Name, see `kerashep.layers.DenseConcat`.
        dropout: Dropout rate after each hidden layer, in `[0, 1)`.
        batch_norm: Whether to normalise after each activation.
        l2: L2 factor of all kernels and biases, the head's too.
        dtype: Dtype policy of every layer but the head, which gives float32.

    Raises:
        ValueError: If an argument is out of range.
    """

    def __init__(
        self,
        units: Sequence[int],
        activation: str,
        dropout: float,
        batch_norm: bool,
        l2: float,
        dtype: Any,
    ) -> None:
        self.units = tuple(units)
        if not self.units:
            raise ValueError(
                f"`units` must hold at least one width. Received: units={units}."
            )
        self.activation, self.dropout = activation, dropout
        self.batch_norm, self.l2 = batch_norm, l2
        self.dtype = keras.dtype_policies.get(dtype)

    def hidden(self, x: Any, prefix: str = "") -> Any:
        """Output of the last hidden layer.

        Args:
            x: Symbolic input; layers act on its last axis.
            prefix: Start of the layers' names.
        """
        for i, width in enumerate(self.units):
            arguments = (self.activation, self.dropout, self.batch_norm, self.l2)
            place = (self.dtype, prefix, f"_{i}")
            for layer in hidden_sublayers(width, *arguments, *place):
                x = layer(x)
        return x

    def score(self, x: Any) -> Any:
        """Signal probability `(batch, 1)`, float32 under every dtype policy."""
        return self._head("sigmoid", "score")(x)

    def positive(self, x: Any, scale: float) -> Any:
        """A positive number `(batch, 1)`, about `scale` at the start of a training.

        Raises:
            ValueError: If `scale` is not positive.
        """
        if not scale > 0:
            raise ValueError(f"`scale` must be positive. Received: scale={scale}.")
        one = self._head("softplus", "positive")(x)
        return keras.layers.Rescaling(scale, dtype="float32", name="prediction")(one)

    def get_config(self) -> dict[str, Any]:
        """The arguments, as JSON."""
        return {
            "units": list(self.units),
            "activation": self.activation,
            "dropout": self.dropout,
            "batch_norm": self.batch_norm,
            "l2": self.l2,
            "dtype": keras.dtype_policies.serialize(self.dtype),
        }

    def _head(self, activation: str, name: str) -> keras.layers.Dense:
        return keras.layers.Dense(
            1,
            activation,
            kernel_initializer="glorot_normal",
            kernel_regularizer=l2_regularizer(self.l2),
            bias_regularizer=l2_regularizer(self.l2),
            dtype="float32",
            name=name,
        )
