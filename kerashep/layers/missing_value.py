"""A number that stands for 'missing', as NaN."""

import math
from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export


@kerashep_export
class MissingValue(keras.layers.Layer):
    """Values equal to `value` become NaN, which later layers take for missing.

    So a model takes the columns of a file as they are, -999 and all.

    Args:
        value: What stands for a missing value; compared in float32.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        Any.

    Output shape:
        Same as the input.

    Raises:
        ValueError: If `value` is not finite: NaN needs no layer.

    Example:

    >>> MissingValue(-999.0)(keras.ops.array([[-999.0, 2.0]])).numpy().tolist()
    [[nan, 2.0]]
    """

    def __init__(self, value: float, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        if not math.isfinite(value):
            raise ValueError(f"`value` must be finite. Received: value={value}.")
        self.value = float(value)

    def call(self, inputs: Any) -> Any:
        x = ops.cast(inputs, keras.backend.result_type(self.variable_dtype, "float32"))
        missing = ops.equal(x, self.value)
        found = ops.where(missing, ops.cast(float("nan"), x.dtype), x)
        return ops.cast(found, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "value": self.value}
