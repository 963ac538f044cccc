"""Standardisation of raw features inside the graph."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashep._export import kerashep_export


@kerashep_export
class FeatureStandardization(keras.layers.Layer):
    """Turns raw features into standardised ones; missing values become zero.

    `z = (t(x) - mean) / scale`, where `t(x) = sign(x) log(1 + |x|)` for the features
    marked by `log` and `t(x) = x` for the others. A NaN input gives 0, the mean, and
    a zero gradient. `mean` and `scale` are non-trainable weights: they are saved with
    the model, exported as constants and can be set (`layer.mean.assign(values)`).
    The computation takes at least 32 bits under every dtype policy.

    Args:
        mean: Mean of `t(x)`, one a feature. Zeros by default.
        scale: Standard deviation of `t(x)`, one a feature, positive. Ones by default.
        log: Whether to take the logarithm, one Boolean a feature. None by default.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        `(batch, ..., features)`.

    Output shape:
        Same as the input.

    Raises:
        ValueError: If the arguments differ in length among each other or from the
            features, or hold values that are not finite or not positive.

    Example:

    >>> layer = FeatureStandardization(mean=[2.0], scale=[0.5])
    >>> float(layer(keras.ops.array([[3.0]]))[0, 0])
    2.0
    """

    def __init__(
        self,
        mean: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        log: Sequence[bool] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.initial_mean = _numbers("mean", mean, positive=False)
        self.initial_scale = _numbers("scale", scale, positive=True)
        self.log = _flags(log)
        lengths = {name: len(values) for name, values in self._given().items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(
                "`mean`, `scale` and `log` must have one value a feature each. "
                f"Received lengths: {lengths}."
            )

    def build(self, input_shape: Any) -> None:
        width = input_shape[-1]
        for name, values in self._given().items():
            if len(values) != width:
                raise ValueError(
                    f"Layer '{self.name}' has {len(values)} values in `{name}`. "
                    f"Received: features of shape {tuple(input_shape)}."
                )
        self.input_spec = keras.InputSpec(min_ndim=2, axes={-1: width})
        self.mean = self._add_constants("mean", self.initial_mean, 0.0, width)
        self.scale = self._add_constants("scale", self.initial_scale, 1.0, width)

    def call(self, inputs: Any) -> Any:
        dtype = self.mean.dtype
        x = ops.cast(inputs, dtype)
        missing = ops.isnan(x)
        x = ops.where(missing, ops.zeros_like(x), x)  # keeps NaN out of the gradient
        if self.log is not None and any(self.log):
            log = ops.sign(x) * ops.log(1.0 + ops.abs(x))
            x = ops.where(ops.convert_to_tensor(self.log, "bool"), log, x)
        x = (x - self.mean) / self.scale
        x = ops.where(missing, ops.zeros_like(x), x)
        return ops.cast(x, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        given = {name: list(values) for name, values in self._given().items()}
        return {
            **super().get_config(),
            **{name: given.get(name) for name in ("mean", "scale", "log")},
        }

    def _given(self) -> dict[str, Any]:
        arguments = {
            "mean": self.initial_mean,
            "scale": self.initial_scale,
            "log": self.log,
        }
        return {name: v for name, v in arguments.items() if v is not None}

    def _add_constants(self, name: str, values: Any, default: float, width: int) -> Any:
        start = np.full(width, default) if values is None else np.asarray(values)
        return self.add_weight(
            name=name,
            shape=(width,),
            dtype=keras.backend.result_type(self.variable_dtype, "float32"),
            initializer=lambda _, dtype: ops.convert_to_tensor(start, dtype),
            trainable=False,
            autocast=False,
        )


def _numbers(name: str, values: Any, *, positive: bool) -> tuple[float, ...] | None:
    if values is None:
        return None
    array = np.asarray(values, "float64")
    bad = ~np.isfinite(array) | ((array <= 0) & positive)
    if array.ndim != 1 or bad.any():
        raise ValueError(
            f"`{name}` must be a list of finite{' positive' if positive else ''} "
            f"numbers, one a feature. Received: {name}={values}."
        )
    return tuple(array.tolist())


def _flags(log: Any) -> tuple[bool, ...] | None:
    if log is None:
        return None
    array = np.asarray(log)
    if array.ndim != 1 or array.dtype != bool:
        raise ValueError(
            f"`log` must be a list of Booleans, one a feature. Received: log={log}."
        )
    return tuple(array.tolist())
