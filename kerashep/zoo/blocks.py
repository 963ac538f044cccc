"""The dense stack that the classifiers of the zoo share."""

from collections.abc import Callable, Sequence
from typing import Any

import keras


class DenseStack:
    """(Dense, optional conditioning, Dropout) x n and a sigmoid head.

    Makes layers only; it is neither a layer nor a model. Every network of a model
    is made by one stack, under its own `prefix`.

    Args:
        units: Width of each hidden layer.
        activation: Hidden activation.
        dropout: Dropout rate after each hidden layer, in `[0, 1)`.
        kernel_l2: L2 factor of the hidden kernels.
        bias_l2: L2 factor of the hidden biases.
        dtype: Dtype policy of every layer but the head, which gives float32.

    Raises:
        ValueError: If an argument is out of range.
    """

    def __init__(
        self,
        units: Sequence[int],
        activation: Any,
        dropout: float,
        kernel_l2: float,
        bias_l2: float,
        dtype: Any,
    ) -> None:
        self.units = _widths(units)
        self.activation = keras.activations.get(activation)
        self.dropout = dropout
        self.kernel_l2 = kernel_l2
        self.bias_l2 = bias_l2
        self.dtype = keras.dtype_policies.get(dtype)
        if not 0.0 <= dropout < 1.0:
            raise ValueError(
                f"`dropout` must be in [0, 1). Received: dropout={dropout}."
            )
        for name, factor in (("kernel_l2", kernel_l2), ("bias_l2", bias_l2)):
            if not factor >= 0.0:
                raise ValueError(f"`{name}` must be >= 0. Received: {name}={factor}.")

    def hidden(
        self,
        x: Any,
        condition: Callable[[Any, int], Any] | None = None,
        prefix: str = "",
    ) -> Any:
        """Output of the last hidden layer.

        Args:
            x: Symbolic input `(batch, features)`.
            condition: `condition(x, i)` is put between the activation of hidden
                layer `i` and its dropout.
            prefix: Start of the layers' names.
        """
        for i, width in enumerate(self.units):
            x = self._dense(width, f"{prefix}dense_{i}")(x)
            if condition is not None:
                x = condition(x, i)
            name = f"{prefix}dropout_{i}"
            x = keras.layers.Dropout(self.dropout, dtype=self.dtype, name=name)(x)
        return x

    def score(self, x: Any, prefix: str = "") -> Any:
        """Signal probability `(batch, 1)`, float32 under every dtype policy."""
        name = f"{prefix}score"
        return keras.layers.Dense(1, "sigmoid", dtype="float32", name=name)(x)

    def get_config(self) -> dict[str, Any]:
        """The arguments, as JSON."""
        return {
            "units": list(self.units),
            "activation": keras.activations.serialize(self.activation),
            "dropout": self.dropout,
            "kernel_l2": self.kernel_l2,
            "bias_l2": self.bias_l2,
            "dtype": keras.dtype_policies.serialize(self.dtype),
        }

    def _dense(self, width: int, name: str) -> keras.layers.Dense:
        return keras.layers.Dense(
            width,
            activation=self.activation,
            kernel_regularizer=_l2(self.kernel_l2),
            bias_regularizer=_l2(self.bias_l2),
            dtype=self.dtype,
            name=name,
        )


def feature_input(num_features: int) -> Any:
    """The input `x`."""
    return keras.Input((_count("num_features", num_features),), name="x")


def parameter_input(num_parameters: int) -> Any:
    """The input `m`: physics parameters in their own units (masses in GeV)."""
    return keras.Input((_count("num_parameters", num_parameters),), name="m")


def _l2(factor: float) -> keras.regularizers.Regularizer | None:
    return keras.regularizers.L2(factor) if factor else None


def _widths(units: Sequence[int]) -> tuple[int, ...]:
    widths = tuple(units)
    if not widths or not all(width == int(width) and width > 0 for width in widths):
        raise ValueError(
            "`units` must be a non-empty sequence of positive integers. "
            f"Received: units={units}."
        )
    return tuple(int(width) for width in widths)


def _count(name: str, value: int) -> int:
    if value != int(value) or value < 1:
        raise ValueError(f"`{name}` must be a positive integer. Received: {value}.")
    return int(value)
