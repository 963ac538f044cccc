"""Features as uniform or normal numbers, by their quantiles."""

from collections.abc import Sequence
from typing import Any, Self

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from kerashep._export import kerashep_export
from kerashep._messages import did_you_mean
from kerashep.layers._normal_quantile import upper_normal_quantile
from kerashep.layers._quantiles import weighted_quantiles

DISTRIBUTIONS = ("normal", "uniform")
_LEAST_TAIL = 1e-7


@kerashep_export
class QuantileTransform(keras.layers.Layer):
    """Makes each feature uniform in [0, 1] or standard normal, whatever its shape.

    `p = F(x)` with the distribution function `F` of the training events, linear between
    their quantiles; a value that fills several quantiles gets the middle of them. With
    the distribution `"normal"`, `z = Phi^-1(p)`, cut off at probabilities of 1e-7: the
    least value, and all below it, become -5.2, the largest 5.2. A NaN input gives the
    median (0, or 0.5) and a zero gradient. The numbers are those of scikit-learn's
    `QuantileTransformer`, but for the NaN and for values closer than 1e-7 to an end.

    `quantiles` is a weight that is not trained: it is saved with the model and exported
    as a constant. The computation takes at least 32 bits under every dtype policy.

    Args:
        quantiles: `(features, n)`, rising along the second axis, n >= 2; see `fit`.
        output_distribution: `"normal"` or `"uniform"`.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        `(batch, ..., features)`.

    Output shape:
        Same as the input.

    Raises:
        ValueError: If the quantiles fall, are not finite or not one row a feature.

    Example:

    >>> layer = QuantileTransform([[0.0, 10.0, 1000.0]], "uniform")
    >>> float(layer(keras.ops.array([[505.0]]))[0, 0])
    0.75
    """

    def __init__(
        self,
        quantiles: Sequence[Sequence[float]],
        output_distribution: str = "normal",
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.initial_quantiles = _checked(quantiles)
        if output_distribution not in DISTRIBUTIONS:
            raise ValueError(
                f"Unknown output_distribution='{output_distribution}'."
                + did_you_mean(output_distribution, DISTRIBUTIONS)
            )
        self.output_distribution = output_distribution

    @classmethod
    def fit(
        cls,
        x: ArrayLike,
        weight: ArrayLike | None = None,
        num_quantiles: int = 1000,
        output_distribution: str = "normal",
        **kwargs: Any,
    ) -> Self:
        """The layer for training events.

        Args:
            x: `(n, features)`; NaN = missing is left out.
            weight: `(n,)`, not negative; all alike by default.
            num_quantiles: At most; never more than there are events.
            output_distribution: `"normal"` or `"uniform"`.
            **kwargs: Forwarded to `keras.layers.Layer`.

        Raises:
            ValueError: If shapes disagree, a weight is negative, or a feature has no
                value.
        """
        count = min(num_quantiles, max(len(np.asarray(x)), 2))
        rows = weighted_quantiles(x, count, weight)
        return cls(rows.tolist(), output_distribution, **kwargs)

    def build(self, input_shape: Any) -> None:
        width = input_shape[-1]
        if width != len(self.initial_quantiles):
            raise ValueError(
                f"Layer '{self.name}' has quantiles of {len(self.initial_quantiles)} "
                f"features. Received: features of shape {tuple(input_shape)}."
            )
        self.input_spec = keras.InputSpec(min_ndim=2, axes={-1: width})
        start = self.initial_quantiles
        self.quantiles = self.add_weight(
            name="quantiles",
            shape=start.shape,
            dtype=keras.backend.result_type(self.variable_dtype, "float32"),
            initializer=lambda _, dtype: ops.convert_to_tensor(start, dtype),
            trainable=False,
            autocast=False,
        )

    def call(self, inputs: Any) -> Any:
        x = ops.cast(inputs, self.quantiles.dtype)
        missing = ops.isnan(x)
        x = ops.where(missing, ops.zeros_like(x), x)  # keeps NaN out of the gradient
        lower, upper = self._tails(x)
        if self.output_distribution == "uniform":
            middle, result = 0.5, lower
        else:
            tail = ops.clip(ops.minimum(lower, upper), _LEAST_TAIL, 0.5)
            z = upper_normal_quantile(tail)
            middle, result = 0.0, ops.where(lower < upper, -z, z)
        result = ops.where(missing, ops.full_like(x, middle), result)
        return ops.cast(result, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "quantiles": self.initial_quantiles.tolist(),
            "output_distribution": self.output_distribution,
        }

    def _tails(self, x: Any) -> tuple[Any, Any]:
        """Probabilities below and above `x`, each exact where it is small."""
        last = self.initial_quantiles.shape[1] - 1
        # The last quantile that is not above x, and the first that is not below.
        left = ops.clip(self._count(x, include_equal=True) - 1, 0, last)
        right = ops.clip(self._count(x, include_equal=False), 0, last)
        start, stop = self._value(left), self._value(right)
        between = stop > start
        width = ops.where(between, stop - start, ops.ones_like(x))
        low, high = ops.cast(left, x.dtype), ops.cast(right, x.dtype)
        middle = (low + high) / 2
        lower = ops.where(between, low + (x - start) / width, middle)
        upper = ops.where(between, last - high + (stop - x) / width, last - middle)
        first, end = self._value(0 * left), self._value(0 * left + last)
        zero, whole = ops.zeros_like(x), last * ops.ones_like(x)
        lower, upper = (
            ops.where(x <= first, at_first, ops.where(x >= end, at_end, value)) / last
            for value, at_first, at_end in ((lower, zero, whole), (upper, whole, zero))
        )
        return lower, upper

    def _count(self, x: Any, *, include_equal: bool) -> Any:
        """How many quantiles of its feature are below `x` (or equal to it)."""
        size = self.initial_quantiles.shape[1]
        found = ops.zeros_like(x, dtype="int32")
        step = 1 << (size.bit_length() - 1)
        while step:
            tried = found + step
            value = self._value(ops.minimum(tried, size) - 1)
            passed = (value <= x) if include_equal else (value < x)
            found = ops.where((tried <= size) & passed, tried, found)
            step //= 2
        return found

    def _value(self, number: Any) -> Any:
        """The quantile of each feature with that number."""
        features, size = self.initial_quantiles.shape
        row = ops.arange(0, features * size, size, dtype="int32")
        return ops.take(ops.reshape(self.quantiles, (-1,)), row + number, axis=0)


def _checked(quantiles: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    array = np.asarray(quantiles, "float64")
    shaped = array.ndim == 2 and array.shape[1] >= 2 and array.size > 0
    if not shaped or not np.isfinite(array).all() or (np.diff(array) < 0).any():
        raise ValueError(
            "`quantiles` must be finite numbers of shape (features, n), n >= 2, that "
            f"do not fall along a row. Received: shape {array.shape}."
        )
    return array
