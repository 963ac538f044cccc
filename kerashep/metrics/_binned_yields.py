"""Weighted yields in bins of the score: the state of metrics that scan cuts."""

from typing import Any

import keras
from keras import ops


class BinnedYieldsMetric(keras.metrics.Metric):
    """Sums of weights of both classes in equal score bins in `[0, 1]`.

    A subclass computes its result from the yields that pass each cut. The result is NaN
    once a score was NaN whose weight is not zero. Larger is better.

    Args:
        num_bins: Number of bins.
        name: Name of the metric.
        dtype: Its dtype.
    """

    def __init__(self, num_bins: int, name: str, dtype: Any) -> None:
        if num_bins < 1:
            raise ValueError(
                f"`num_bins` must be at least 1. Received: num_bins={num_bins}."
            )
        super().__init__(name=name, dtype=dtype)
        self.num_bins = num_bins
        self._direction = "up"
        self.yields = self.add_variable((2, num_bins), "zeros", name="yields")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        label = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        score = ops.reshape(ops.cast(y_pred, self.dtype), (-1,))
        weight = ops.ones_like(score) if sample_weight is None else sample_weight
        weight = ops.reshape(ops.cast(weight, self.dtype), (-1,))
        weight = weights_with_nan(score, weight)
        bins = ops.cast(ops.floor(score * self.num_bins), "int32")
        index = label * self.num_bins + ops.clip(bins, 0, self.num_bins - 1)
        added = ops.segment_sum(weight, index, num_segments=2 * self.num_bins)
        self.yields.assign_add(ops.reshape(added, (2, self.num_bins)))

    def result(self) -> Any:
        passing = ops.flip(ops.cumsum(ops.flip(self.yields, axis=1), axis=1), axis=1)
        total = ops.sum(self.yields)
        found = self.scanned(passing[1], passing[0])
        return ops.where(ops.isnan(total), total, found)

    def scanned(self, signal: Any, background: Any) -> Any:
        """The result.

        Args:
            signal: `(num_bins,)` yield with a score above each lower edge.
            background: Likewise.
        """
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_bins": self.num_bins}


def weights_with_nan(values: Any, weight: Any) -> Any:
    """The weights, NaN where the value is NaN and the weight not zero.

    A NaN has no bin; its weight makes the sum over all bins NaN.
    """
    lost = ops.logical_and(ops.isnan(values), weight != 0)
    return ops.where(lost, float("nan"), weight)


def quotient(numerator: Any, denominator: Any) -> Any:
    """`numerator / denominator`, and 0 where the denominator is not positive."""
    positive = denominator > 0.0
    return ops.where(positive, numerator / ops.where(positive, denominator, 1.0), 0.0)
