"""Approximate median significance as a loss."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.losses._one_an_event import one_an_event

_SERIES_BELOW = 0.1


@kerashep_export
class SoftAMS(keras.losses.Loss):
    """Minus the AMS of a batch in which every event passes with its score as weight.

    With scores `p_i` in `(0, 1)` and weights `w_i`, the expected yields are
    `s = S sum_signal(w p) / sum_signal(w)` and
    `b = B sum_background(w p) / sum_background(w)`; `S` and `B` are the totals of the
    full sample, so only the ratios of weights within a class matter, and every policy
    of training weights that keeps them gives the same loss. The loss is
    `-sqrt(2 [(s + b + r) ln(1 + s / (b + r)) - s])`.

    It is one number a batch, not a mean over events: weights enter the sums, through
    `sample_weight` of `fit` as usual. What to expect:

    - **Large batches.** The AMS of a small batch is a noisy and biased estimate of that
      of the sample, and a batch without signal has no gradient. Thousands of events are
      needed, hundreds of them signal, and background of the highest scores among them.
    - **Vanishing gradients.** The gradient of an event is that of its sigmoid times a
      common factor: once scores saturate, right or wrong, nothing moves. From a random
      start training can stay at a trivial minimum, such as every event passing or none.
      Train with binary cross-entropy first, then go on with this loss.
    - **No calibration.** Scores go to 0 and 1 and are no probabilities any more: choose
      the cut anew, and do not quote or average them as probabilities.
    - It rewards one region around one cut. For a fit to the histogram of the score,
      cross-entropy is the better loss.

    Reference: [Elwood and Kruecker, 2018](https://arxiv.org/abs/1806.00322), with the
    regularisation of the HiggsML challenge.

    Args:
        total_signal: Expected signal events of the full sample before any cut.
        total_background: Expected background events of the full sample, likewise.
        regularisation: Events added to the background, positive; the challenge uses 10.

    Call arguments:
        y_true: `(batch_size,)` or `(batch_size, 1)`, 1 = signal, 0 = background.
        y_pred: Scores in `[0, 1]`, of the same shape.
        sample_weight: Event weights, of the same shape, or `None`.

    Example:

    >>> loss = SoftAMS(total_signal=10.0, total_background=100.0)
    >>> round(float(loss([1.0, 0.0, 0.0], [1.0, 0.0, 0.0])), 3)
    -2.78
    """

    def __init__(
        self,
        total_signal: float,
        total_background: float,
        regularisation: float = 10.0,
        name: str = "soft_ams",
    ) -> None:
        values = {
            "total_signal": total_signal,
            "total_background": total_background,
            "regularisation": regularisation,
        }
        for argument, value in values.items():
            if not 0.0 < value < float("inf"):
                raise ValueError(
                    f"`{argument}` must be positive and finite. "
                    f"Received: {argument}={value}."
                )
        super().__init__(name=name, reduction="sum")
        self.total_signal = total_signal
        self.total_background = total_background
        self.regularisation = regularisation

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        # Keras would multiply a loss an event by its weight; here they enter the sums.
        with keras.name_scope(self.name):
            return self.call(y_true, y_pred, sample_weight)

    def call(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        label = one_an_event("y_true", y_true, self.dtype)
        score = one_an_event("y_pred", y_pred, self.dtype)
        weight = ops.ones_like(score) if sample_weight is None else sample_weight
        weight = one_an_event("sample_weight", weight, self.dtype)
        signal = self.total_signal * _weighted_mean(score, weight * label)
        passing = _weighted_mean(score, weight * (1.0 - label))
        background = self.total_background * passing + self.regularisation
        return -_significance(signal, background)

    def get_config(self) -> dict[str, Any]:
        return {
            "total_signal": self.total_signal,
            "total_background": self.total_background,
            "regularisation": self.regularisation,
            "name": self.name,
        }


def _significance(signal: Any, background: Any) -> Any:
    """`s / sqrt(b) sqrt(2 [(1 + x) ln(1 + x) - x] / x^2)`, `x = s / b`.

    The last factor tends to 1 for small `x`, where a series keeps float32 exact and
    the gradient at `s = 0` finite.
    """
    x = signal / background
    small, large = ops.minimum(x, _SERIES_BELOW), ops.maximum(x, _SERIES_BELOW)
    series = 1 / 10 - small * (1 / 15 - small / 21)
    series = 1.0 - small * (1 / 3 - small * (1 / 6 - small * series))
    direct = 2.0 * ((1.0 + large) * ops.log1p(large) - large) / large**2
    factor = ops.where(x < _SERIES_BELOW, series, direct)
    return signal / ops.sqrt(background) * ops.sqrt(factor)


def _weighted_mean(values: Any, weights: Any) -> Any:
    """`sum(w v) / sum(w)`, and 0 without weight."""
    total = ops.sum(weights)
    positive = total > 0.0
    mean = ops.sum(weights * values) / ops.where(positive, total, 1.0)
    return ops.where(positive, mean, 0.0)
