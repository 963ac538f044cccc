"""Background rejection at a signal efficiency while training, from binned yields."""

from typing import Any

from keras import ops

from kerashep._export import kerashep_export
from kerashep.metrics._binned_yields import BinnedYieldsMetric, quotient


@kerashep_export
class BackgroundRejection(BinnedYieldsMetric):
    """One over the background efficiency where the signal efficiency is fixed.

    Cuts are the lower edges of equal bins of the score, between which the ROC curve is
    straight; `kerashep.evaluation.background_at` tries every score and has the binomial
    error. The state is sums, and the result does not depend on batching. It is 0 until
    both classes have been seen, and infinite where no background passes. A rejection of
    1000 is known to 10 % from 100,000 background events: choose models by the AUC if
    there are fewer.

    Reference: [Kasieczka et al., 2019](https://arxiv.org/abs/1902.09914), with 30 % and
    50 %.

    Args:
        signal_efficiency: In (0, 1].
        num_bins: Number of equal score bins in `[0, 1]`; many, as the cut is close to 1
            where signal and background separate well.

    Call arguments:
        y_true: `(batch_size,)` or `(batch_size, 1)`, 1 = signal, 0 = background.
        y_pred: Scores in `[0, 1]`, of the same shape.
        sample_weight: Event weights, of the same shape, or `None`.

    Example:

    >>> metric = BackgroundRejection(signal_efficiency=0.5)
    >>> metric.update_state([1, 1, 0, 0, 0, 0], [0.9, 0.4, 0.95, 0.3, 0.2, 0.1])
    >>> round(float(metric.result()), 3)
    4.0
    """

    def __init__(
        self,
        signal_efficiency: float = 0.3,
        num_bins: int = 10_000,
        name: str = "background_rejection",
        dtype: Any = None,
    ) -> None:
        if not 0.0 < signal_efficiency <= 1.0:
            raise ValueError(
                "`signal_efficiency` must be in (0, 1]. "
                f"Received: signal_efficiency={signal_efficiency}."
            )
        super().__init__(num_bins, name=name, dtype=dtype)
        self.signal_efficiency = signal_efficiency

    def scanned(self, signal: Any, background: Any) -> Any:
        wanted = self.signal_efficiency * signal[0]
        # The highest cut that reaches the efficiency (within rounding), and the next.
        reaching = ops.cast(signal >= wanted * (1.0 - 1e-6), "int32")
        at = ops.maximum(ops.sum(reaching) - 1, 0)
        high, above = ops.take(signal, at), ops.take(background, at)
        beyond = ops.minimum(at + 1, self.num_bins - 1)
        last = at + 1 >= self.num_bins
        low = ops.where(last, 0.0, ops.take(signal, beyond))
        below = ops.where(last, 0.0, ops.take(background, beyond))
        share = ops.clip(quotient(wanted - low, high - low), 0.0, 1.0)
        passing = below + share * (above - below)
        rejection = quotient(background[0], passing)
        seen = ops.logical_and(signal[0] > 0.0, background[0] > 0.0)
        infinite = ops.logical_and(seen, passing <= 0.0)
        found = ops.where(seen, rejection, 0.0)
        return ops.where(infinite, float("inf"), found)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "signal_efficiency": self.signal_efficiency}
