"""Significance ratio while training, from binned yields."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export


@kerashep_export
class SignificanceRatio(keras.metrics.Metric):
    """Best significance over cuts, relative to that of a perfect classifier.

    `max_t s_t / sqrt(s_t + b_t) / sqrt(s_max)`, where `s_t` and `b_t` are the weighted
    signal and background with `score >= t`. Cuts are the lower edges of equal bins, so
    the result is at most that of `kerashep.evaluation.significance_ratio`, which tries
    every score; it is meant for monitoring and early stopping. The state is sums, and
    the result does not depend on batching. It is 0 until both classes have been seen.

    Reference: [Anzalone et al., 2022](https://arxiv.org/abs/2202.00424), Eq. 2.

    Args:
        num_bins: Number of equal score bins in `[0, 1]`.
        signal_background_ratio: Total signal over total background to assume; `None`
            takes the weights as they are.

    Call arguments:
        y_true: `(batch_size,)` or `(batch_size, 1)`, 1 = signal, 0 = background.
        y_pred: Scores in `[0, 1]`, of the same shape.
        sample_weight: Event weights, of the same shape, or `None`.

    Example:

    >>> metric = SignificanceRatio()
    >>> metric.update_state([1.0, 0.0, 1.0, 0.0], [0.9, 0.2, 0.8, 0.4])
    >>> float(metric.result())
    1.0
    """

    def __init__(
        self,
        num_bins: int = 200,
        signal_background_ratio: float | None = 1.0,
        name: str = "significance_ratio",
        dtype: Any = None,
    ) -> None:
        if num_bins < 1:
            raise ValueError(
                f"`num_bins` must be at least 1. Received: num_bins={num_bins}."
            )
        if signal_background_ratio is not None and not signal_background_ratio > 0.0:
            raise ValueError(
                "`signal_background_ratio` must be positive, or None for the weights "
                f"as they are. Received: {signal_background_ratio}."
            )
        super().__init__(name=name, dtype=dtype)
        self.num_bins = num_bins
        self.signal_background_ratio = signal_background_ratio
        self._direction = "up"
        self.yields = self.add_variable((2, num_bins), "zeros", name="yields")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        label = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        score = ops.reshape(ops.cast(y_pred, self.dtype), (-1,))
        weight = ops.ones_like(score) if sample_weight is None else sample_weight
        weight = ops.reshape(ops.cast(weight, self.dtype), (-1,))
        bins = ops.cast(ops.floor(score * self.num_bins), "int32")
        index = label * self.num_bins + ops.clip(bins, 0, self.num_bins - 1)
        added = ops.segment_sum(weight, index, num_segments=2 * self.num_bins)
        self.yields.assign_add(ops.reshape(added, (2, self.num_bins)))

    def result(self) -> Any:
        passing = ops.flip(ops.cumsum(ops.flip(self.yields, axis=1), axis=1), axis=1)
        background, signal = passing[0], passing[1]
        if self.signal_background_ratio is not None:
            wanted = signal[0] / self.signal_background_ratio
            background = background * _quotient(wanted, background[0])
        usable = ops.logical_and(signal > 0.0, background >= 0.0)
        total = ops.where(usable, signal + background, 1.0)
        squared = ops.where(usable, signal * signal / total, 0.0)
        ratio = ops.sqrt(_quotient(ops.max(squared), signal[0]))
        return ops.where(passing[0, 0] > 0.0, ratio, 0.0)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_bins": self.num_bins,
            "signal_background_ratio": self.signal_background_ratio,
        }


def _quotient(numerator: Any, denominator: Any) -> Any:
    """`numerator / denominator`, and 0 where the denominator is not positive."""
    positive = denominator > 0.0
    return ops.where(positive, numerator / ops.where(positive, denominator, 1.0), 0.0)
