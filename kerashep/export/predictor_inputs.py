"""What a predictor is called with: checked, and named as the model's inputs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Features = NDArray[Any] | Mapping[str, NDArray[Any]]
PARAMETERS = "m"


def feature_arrays(
    inputs: Mapping[str, tuple[int, ...]], x: Features
) -> dict[str, NDArray[Any]]:
    """The features by the name of the input.

    Args:
        inputs: Shape of each input of the model without the batch axis.
        x: Raw features `(n, features)`, or one array a named input.

    Raises:
        ValueError: If a name or a shape does not fit.
    """
    names = tuple(name for name in inputs if name != PARAMETERS)
    if not isinstance(x, Mapping):
        if len(names) != 1:
            raise ValueError(
                f"The model takes the inputs {names}: pass a dictionary of arrays. "
                f"Received: {type(x).__name__}."
            )
        x = {names[0]: np.asarray(x)}
    if set(x) - {PARAMETERS} != set(names):
        raise ValueError(f"The model takes the inputs {names}. Received: {tuple(x)}.")
    for name in names:
        expected = inputs[name]
        if np.shape(x[name])[1:] != expected or np.ndim(x[name]) < 2:
            raise ValueError(
                f"Input '{name}' must have shape (events, "
                f"{', '.join(map(str, expected))}). "
                f"Received: shape {np.shape(x[name])}."
            )
    return {name: x[name] for name in names}


def parameter_array(width: int, m: ArrayLike | None, count: int) -> NDArray[Any]:
    """The parameters of each event, `(count, width)`.

    Args:
        width: Number of parameters of the model.
        m: A number or `(width,)` for all events, or `(count, width)`.
        count: Number of events.

    Raises:
        ValueError: If there are none, the shape does not fit, or one is not finite.
    """
    if m is None:
        raise ValueError(
            f"The model takes {width} physics parameter(s): pass `m`, for example "
            "a mass in GeV. Received: m=None."
        )
    values = np.asarray(m, "float32")
    if values.shape == (count,) and width == 1:
        values = values[:, None]
    fits = values.shape in ((width,), (1, width), (count, width))
    if not fits and not (values.ndim == 0 and width == 1):
        raise ValueError(
            f"`m` must be of shape ({width},) or ({count}, {width}), or a number "
            f"if there is one parameter. Received: shape {values.shape}."
        )
    return np.broadcast_to(finite_parameters(values), (count, width))


def event_count(arrays: Mapping[str, NDArray[Any]]) -> int:
    """The common length of all inputs.

    Raises:
        ValueError: If they differ.
    """
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"Inputs must have one length. Received: {lengths}.")
    return next(iter(lengths.values()))


def finite_parameters(parameters: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same parameters.

    Raises:
        ValueError: If one is NaN or infinite.
    """
    undefined = int(np.count_nonzero(~np.isfinite(parameters)))
    if undefined:
        raise ValueError(
            f"The parameters hold {undefined} values that are NaN or infinite. Give "
            "background events the mass hypothesis under test."
        )
    return parameters
