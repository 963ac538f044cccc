"""Division of physics parameters by constants."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashep._export import kerashep_export


@kerashep_export
class ParameterScaling(keras.layers.Layer):
    """Divides physics parameters by constants, so that networks see order one.

    The division is done in at least 32 bits under every dtype policy: a mass in MeV
    would overflow in float16.

    Args:
        scale: Divisor in the unit of the parameter (1000.0 turns GeV into TeV), or
            one divisor a parameter. Positive.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        `(batch, ..., num_parameters)`.

    Output shape:
        Same as the input.

    Raises:
        ValueError: If a divisor is not positive and finite, or if their number
            is not that of the parameters.

    Example:

    >>> tuple(ParameterScaling(1000.0)(keras.ops.array([[750.0]])).shape)
    (1, 1)
    """

    def __init__(self, scale: float | Sequence[float] = 1000.0, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.scale = _checked(scale)

    def build(self, input_shape: Any) -> None:
        if isinstance(self.scale, tuple) and input_shape[-1] != len(self.scale):
            raise ValueError(
                f"Layer '{self.name}' has one `scale` for each of {len(self.scale)} "
                f"parameters. Received: parameters of shape {tuple(input_shape)}."
            )
        self.input_spec = keras.InputSpec(min_ndim=2, axes={-1: input_shape[-1]})

    def call(self, inputs: Any) -> Any:
        dtype = keras.backend.result_type(self.variable_dtype, "float32")
        scale = ops.convert_to_tensor(self.scale, dtype)
        return ops.cast(ops.cast(inputs, dtype) / scale, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        scale = list(self.scale) if isinstance(self.scale, tuple) else self.scale
        return {**super().get_config(), "scale": scale}


def _checked(scale: Any) -> float | tuple[float, ...]:
    values = np.asarray(scale, "float64")
    if (
        values.ndim > 1
        or not values.size
        or not ((values > 0) & np.isfinite(values)).all()
    ):
        raise ValueError(
            "`scale` must be positive and finite, one number or one a parameter. "
            f"Received: scale={scale}."
        )
    return tuple(values.tolist()) if values.ndim else float(values)
