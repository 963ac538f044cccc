"""Relative resolution of a regression while training."""

import math
from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.metrics._binned_yields import quotient, weights_with_nan

LEVELS = (0.16, 0.5, 0.84)


@kerashep_export
class Resolution(keras.metrics.Metric):
    """Half the width between the 16 % and 84 % quantiles over the median.

    Of prediction over truth: `(q84 - q16) / (2 q50)`. It does not depend on an overall
    calibration of the predictions nor on the 32 % of events in the tails. Quantiles are
    read off a histogram with bins of equal width in the logarithm of the ratio,
    linearly within a bin; the exact one is `kerashep.evaluation.resolution`. The state
    is sums, and the result does not depend on batching. It is 0 until an event has been
    seen, and NaN once a prediction was NaN whose weight is not zero. Smaller is better.

    Ratios beyond `lowest` and `highest`, negative ones too, are counted in the
    outermost bins: right as long as no quantile lies there. Events with a truth that is
    not positive have no ratio and are left out.

    Reference: Rieger et al., Lorentz Boost Networks, IML workshop, 2018.

    Args:
        num_bins: Number of bins; 4000 between 0.01 and 100 are 0.23 % wide each.
        lowest: Lower edge of the histogram of the ratio, positive.
        highest: Its upper edge.

    Call arguments:
        y_true: `(batch_size,)` or `(batch_size, 1)`, the positive truth.
        y_pred: Predictions, of the same shape.
        sample_weight: Event weights, of the same shape, or `None`.

    Example:

    >>> metric = Resolution()
    >>> metric.update_state([1.0] * 101, [1.0 + 0.01 * i for i in range(101)])
    >>> round(float(metric.result()), 2)
    0.23
    """

    def __init__(
        self,
        num_bins: int = 4000,
        lowest: float = 0.01,
        highest: float = 100.0,
        name: str = "resolution",
        dtype: Any = None,
    ) -> None:
        if num_bins < 1:
            raise ValueError(
                f"`num_bins` must be at least 1. Received: num_bins={num_bins}."
            )
        if not 0.0 < lowest < highest < math.inf:
            raise ValueError(
                "`lowest` and `highest` must be positive, finite and rising. "
                f"Received: lowest={lowest}, highest={highest}."
            )
        super().__init__(name=name, dtype=dtype)
        self._direction = "down"
        self.num_bins = num_bins
        self.lowest = lowest
        self.highest = highest
        self.weights_in_bins = self.add_variable((num_bins,), "zeros", name="bins")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        truth = ops.reshape(ops.cast(y_true, self.dtype), (-1,))
        prediction = ops.reshape(ops.cast(y_pred, self.dtype), (-1,))
        weight = ops.ones_like(truth) if sample_weight is None else sample_weight
        weight = ops.reshape(ops.cast(weight, self.dtype), (-1,))
        weight = ops.where(truth > 0, weight, ops.zeros_like(weight))
        weight = weights_with_nan(prediction, weight)
        ratio = ops.clip(quotient(prediction, truth), self.lowest, self.highest)
        place = ops.log(ratio / self.lowest) / self._bin_width
        bins = ops.clip(ops.cast(ops.floor(place), "int32"), 0, self.num_bins - 1)
        added = ops.segment_sum(weight, bins, num_segments=self.num_bins)
        self.weights_in_bins.assign_add(added)

    def result(self) -> Any:
        q16, q50, q84 = (self._quantile(level) for level in LEVELS)
        total = ops.sum(self.weights_in_bins)
        found = ops.where(total > 0, (q84 - q16) / (2.0 * q50), 0.0)
        return ops.where(ops.isnan(total), total, found)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_bins": self.num_bins,
            "lowest": self.lowest,
            "highest": self.highest,
        }

    @property
    def _bin_width(self) -> float:
        return math.log(self.highest / self.lowest) / self.num_bins

    def _quantile(self, level: float) -> Any:
        upper = ops.cumsum(self.weights_in_bins)
        wanted = level * upper[-1]
        at = ops.sum(ops.cast(upper < wanted, "int32"))
        at = ops.minimum(at, self.num_bins - 1)
        inside = ops.take(self.weights_in_bins, at)
        share = quotient(wanted - (ops.take(upper, at) - inside), inside)
        low = self.lowest * ops.exp(self._bin_width * ops.cast(at, self.dtype))
        return low * (1.0 + share * (math.exp(self._bin_width) - 1.0))
