"""Significance ratio while training, from binned yields."""

from typing import Any

from keras import ops

from kerashep._export import kerashep_export
from kerashep.metrics._binned_yields import BinnedYieldsMetric, quotient


@kerashep_export
class SignificanceRatio(BinnedYieldsMetric):
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
        if signal_background_ratio is not None and not signal_background_ratio > 0.0:
            raise ValueError(
                "`signal_background_ratio` must be positive, or None for the weights "
                f"as they are. Received: {signal_background_ratio}."
            )
        super().__init__(num_bins, name=name, dtype=dtype)
        self.signal_background_ratio = signal_background_ratio

    def scanned(self, signal: Any, background: Any) -> Any:
        seen_background = background[0] > 0.0
        if self.signal_background_ratio is not None:
            wanted = signal[0] / self.signal_background_ratio
            background = background * quotient(wanted, background[0])
        usable = ops.logical_and(signal > 0.0, background >= 0.0)
        total = ops.where(usable, signal + background, 1.0)
        squared = ops.where(usable, signal * signal / total, 0.0)
        ratio = ops.sqrt(quotient(ops.max(squared), signal[0]))
        return ops.where(seen_background, ratio, 0.0)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "signal_background_ratio": self.signal_background_ratio,
        }
