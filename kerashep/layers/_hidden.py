"""One hidden layer: dense, activation, batch normalisation, dropout."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import keras

from kerashep.layers.swish import Swish

# Start of the kernel in front of an activation; Glorot-normal in front of others.
KERNEL_STARTS: Mapping[str, str] = MappingProxyType(
    {
        "relu": "he_normal",
        "swish": "he_normal",
        "learnt_swish": "he_normal",
        "prelu": "he_normal",
        "selu": "lecun_normal",
    }
)


def hidden_sublayers(
    units: int,
    activation: str,
    dropout: float,
    batch_norm: bool,
    l2: float,
    dtype: Any,
    prefix: str = "",
    suffix: str = "",
) -> list[keras.layers.Layer]:
    """The layers to call one after the other.

    Args:
        units: Width.
        activation: `relu`, `swish`, `learnt_swish` (its slope is a weight), `prelu`,
            `selu`, or the name of another of Keras' activations.
        dropout: Rate, in `[0, 1)`; for `selu` that of alpha dropout.
        batch_norm: Whether to normalise after the activation.
        l2: L2 factor of kernel and bias.
        dtype: Dtype policy.
        prefix: Start of the layers' names.
        suffix: End of the layers' names.

    Raises:
        ValueError: If an argument is out of range or the activation unknown.
    """
    check_hidden(units, dropout, l2)
    layers = [
        keras.layers.Dense(
            units,
            kernel_initializer=KERNEL_STARTS.get(activation, "glorot_normal"),
            kernel_regularizer=l2_regularizer(l2),
            bias_regularizer=l2_regularizer(l2),
            dtype=dtype,
            name=f"{prefix}dense{suffix}",
        ),
        activation_layer(activation, dtype, f"{prefix}activation{suffix}"),
    ]
    if batch_norm:
        name = f"{prefix}batch_norm{suffix}"
        layers.append(keras.layers.BatchNormalization(dtype=dtype, name=name))
    if dropout:
        alpha = activation == "selu"
        kind = keras.layers.AlphaDropout if alpha else keras.layers.Dropout
        layers.append(kind(dropout, dtype=dtype, name=f"{prefix}dropout{suffix}"))
    return layers


def activation_layer(activation: str, dtype: Any, name: str) -> keras.layers.Layer:
    """A new activation layer by name.

    Raises:
        ValueError: If the name is unknown.
    """
    if activation in ("swish", "learnt_swish"):
        return Swish(learn_beta=activation == "learnt_swish", dtype=dtype, name=name)
    if activation == "prelu":
        return keras.layers.PReLU(dtype=dtype, name=name)
    try:
        return keras.layers.Activation(activation, dtype=dtype, name=name)
    except ValueError as error:
        raise ValueError(
            f"`activation` must be one of {', '.join(KERNEL_STARTS)}, or the name of "
            f"another of Keras' activations. Received: activation='{activation}'."
        ) from error


def check_hidden(units: int, dropout: float, l2: float) -> None:
    """Raises a `ValueError` for numbers that are out of range."""
    if units != int(units) or units < 1:
        raise ValueError(
            f"`units` must be a positive integer. Received: units={units}."
        )
    if not 0.0 <= dropout < 1.0:
        raise ValueError(f"`dropout` must be in [0, 1). Received: dropout={dropout}.")
    if not l2 >= 0.0:
        raise ValueError(f"`l2` must be >= 0. Received: l2={l2}.")


def l2_regularizer(factor: float) -> keras.regularizers.Regularizer | None:
    """Keras' L2, or none for a factor of zero."""
    return keras.regularizers.L2(factor) if factor else None
