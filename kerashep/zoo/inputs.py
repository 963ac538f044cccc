"""Arrays in the form a model takes them."""

from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray


def input_widths(model: keras.Model) -> dict[str, int]:
    """Width of each input that `model` declares, by name.

    Raises:
        ValueError: If the model is no functional model, or its inputs are not `x`
            and perhaps `m`, each of shape `(batch, width)`.
    """
    tensors = getattr(model, "inputs", None)
    if not tensors:
        raise ValueError(
            f"Model '{model.name}' declares no inputs. Build it as a functional model "
            "with the inputs `x` and, if it is parametric, `m`."
        )
    shapes = {tensor.name: tuple(tensor.shape) for tensor in tensors}
    flat = all(len(shape) == 2 and shape[1] for shape in shapes.values())
    if not {"x"} <= set(shapes) <= {"x", "m"} or not flat:
        raise ValueError(
            "The inputs must be `x` of shape (batch, features) and, for a parametric "
            f"model, `m` of shape (batch, parameters). Received: {shapes}."
        )
    return {name: int(shape[1]) for name, shape in shapes.items()}


def model_inputs(
    model: keras.Model, x: ArrayLike, m: ArrayLike | None = None
) -> dict[str, NDArray[np.float32]]:
    """The inputs that `model` declares, made from features and parameters.

    Args:
        model: A functional model with the inputs `x` and perhaps `m`.
        x: `(n, features)`.
        m: Physics parameters in their own units: a number, one a parameter
            `(parameters,)`, one an event `(n,)` if there is one parameter, or
            `(n, parameters)`. Left out of the result if the model has no such input.

    Returns:
        `{"x": (n, features)}` or `{"x": ..., "m": (n, parameters)}`, float32.

    Raises:
        ValueError: If a shape does not fit, `m` is missing, or `m` is not finite.
    """
    widths = input_widths(model)
    features = np.asarray(x, "float32")
    if features.ndim != 2 or features.shape[1] != widths["x"]:
        raise ValueError(
            f"`x` must have shape (events, {widths['x']}) for model '{model.name}'. "
            f"Received: shape {features.shape}."
        )
    inputs = {"x": features}
    if "m" in widths:
        if m is None:
            raise ValueError(
                f"Model '{model.name}' is parametric: give `m`, a number or an array "
                f"of shape (events, {widths['m']}). Received: m=None."
            )
        inputs["m"] = _rows(np.asarray(m, "float32"), len(features), widths["m"])
    return inputs


def _rows(m: NDArray[Any], rows: int, width: int) -> NDArray[np.float32]:
    undefined = int(np.count_nonzero(~np.isfinite(m)))
    if undefined:
        raise ValueError(
            f"`m` has {undefined} values that are NaN or infinite. Set the mass of "
            "background events to the hypothesis under test."
        )
    if m.shape == (rows,) and width == 1:
        m = m[:, None]
    fits = m.shape in ((rows, width), (1, width), (width,)) or (
        m.ndim == 0 and width == 1
    )
    if not fits:
        raise ValueError(
            f"`m` must have shape ({rows}, {width}) or ({width},)"
            f"{', or be one number' if width == 1 else ''}. "
            f"Received: shape {m.shape}."
        )
    return np.array(np.broadcast_to(m, (rows, width)))
