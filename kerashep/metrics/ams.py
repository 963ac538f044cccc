"""Approximate median significance while training, from binned yields."""

from typing import Any

from keras import ops

from kerashep._export import kerashep_export
from kerashep.metrics._binned_yields import BinnedYieldsMetric, quotient


@kerashep_export
class AMS(BinnedYieldsMetric):
    """Largest approximate median significance over cuts.

    `max_t sqrt(2 [(s_t + B_t) ln(1 + s_t / B_t) - s_t])` with
    `B_t = b_t + regularisation`, where `s_t` and `b_t` are the weighted signal and
    background with `score >= t`. Cuts are the lower edges of equal bins, so the result
    is at most that of `kerashep.evaluation.ams_scan`, which tries every score; it is
    meant for monitoring and early stopping. The state is sums, and the result does not
    depend on batching. It is 0 until signal has been seen. In float32 it is good to
    about 1e-4.

    The AMS depends on the size of the yields, not only on their ratio. Sample weights
    of a training are usually normalised otherwise: then give the expected totals, to
    which each class is scaled.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), Eq. 1.

    Args:
        num_bins: Number of equal score bins in `[0, 1]`.
        regularisation: Events added to the background; the HiggsML challenge uses 10.
        total_signal: Expected signal events before any cut; `None` takes the sums of
            the weights as they are. Given together with `total_background`.
        total_background: Expected background events before any cut, likewise.

    Call arguments:
        y_true: `(batch_size,)` or `(batch_size, 1)`, 1 = signal, 0 = background.
        y_pred: Scores in `[0, 1]`, of the same shape.
        sample_weight: Event weights, of the same shape, or `None`.

    Example:

    >>> metric = AMS(total_signal=10.0, total_background=100.0)
    >>> metric.update_state([1.0, 0.0, 1.0, 0.0], [0.9, 0.2, 0.8, 0.4])
    >>> round(float(metric.result()), 3)
    2.78
    """

    def __init__(
        self,
        num_bins: int = 1000,
        regularisation: float = 10.0,
        total_signal: float | None = None,
        total_background: float | None = None,
        name: str = "ams",
        dtype: Any = None,
    ) -> None:
        if not regularisation >= 0.0:
            raise ValueError(
                "`regularisation` must be at least 0. "
                f"Received: regularisation={regularisation}."
            )
        totals = (total_signal, total_background)
        if totals != (None, None) and not all(t is not None and t > 0 for t in totals):
            raise ValueError(
                "`total_signal` and `total_background` must both be positive, or both "
                "None for the sums of the weights. Received: "
                f"total_signal={total_signal}, total_background={total_background}."
            )
        super().__init__(num_bins, name=name, dtype=dtype)
        self.regularisation = regularisation
        self.total_signal = total_signal
        self.total_background = total_background

    def scanned(self, signal: Any, background: Any) -> Any:
        if self.total_signal is not None:
            signal = self.total_signal * quotient(signal, signal[0])
            background = self.total_background * quotient(background, background[0])
        usable = ops.logical_and(signal > 0.0, background >= 0.0)
        usable = ops.logical_and(usable, background + self.regularisation > 0.0)
        s = ops.where(usable, signal, 0.0)
        b = ops.where(usable, background + self.regularisation, 1.0)
        half = (s + b) * ops.log1p(s / b) - s
        return ops.sqrt(2.0 * ops.maximum(ops.max(half), 0.0))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "regularisation": self.regularisation,
            "total_signal": self.total_signal,
            "total_background": self.total_background,
        }
