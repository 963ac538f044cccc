"""Biases that make an activated linear map start at a wanted value."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

_SEARCHED = 5.0
_HALVINGS = 60
INITIALIZATIONS = ("identity", "reference")


def scale_start(initialization: str, activation: Callable[[Any], Any]) -> float:
    """Bias of a scaling map: `g(bias) = 1` for "identity", 0 for "reference".

    Args:
        initialization: "identity" or "reference".
        activation: `g`, a Keras activation.

    Raises:
        ValueError: For another `initialization`, or if `g` never crosses 1 in
            [-5, 5] (sigmoid and tanh do not), so that there is no identity start.
    """
    if initialization not in INITIALIZATIONS:
        raise ValueError(
            f"`initialization` must be one of {INITIALIZATIONS}. "
            f"Received: initialization='{initialization}'."
        )
    if initialization == "reference":
        return 0.0
    if activation is keras.activations.linear:
        return 1.0
    low, high = -_SEARCHED, _SEARCHED
    if not _value(activation, low) < 1.0 < _value(activation, high):
        raise ValueError(
            "`scale_activation` must be able to give a scale of 1 for "
            "initialization='identity'. Received: "
            f"scale_activation='{_name(activation)}', which does not cross 1. Use "
            "'linear', 'softplus' or 'exponential', or initialization='reference'."
        )
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _value(activation, middle) < 1.0:
            low = middle
        else:
            high = middle
    return high


def check_bias_start(initialization: str, activation: Callable[[Any], Any]) -> None:
    """Refuses an identity start with a bias activation `h` for which `h(0) != 0`."""
    if initialization == "identity" and _value(activation, 0.0) != 0.0:
        raise ValueError(
            "`bias_activation` must be zero at zero for initialization='identity'. "
            f"Received: bias_activation='{_name(activation)}'. Use 'linear', 'relu' "
            "or 'tanh', or initialization='reference'."
        )


def _value(activation: Callable[[Any], Any], at: float) -> float:
    return float(ops.convert_to_numpy(activation(ops.full((1, 1), at)))[0, 0])


def _name(activation: Callable[[Any], Any]) -> str:
    return getattr(activation, "__name__", repr(activation))
