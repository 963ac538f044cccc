"""Deviation of the central part of prediction over truth from a target."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.losses._one_an_event import one_an_event


@kerashep_export
class TrimmedRatioLoss(keras.losses.Loss):
    """Relative spread of prediction over truth in its central part, for regression.

    With the ratios `R_i = prediction_i / truth_i` of a batch the loss is
    `sqrt(sum w_i (1 - R_i / scale)^2 / sum w_i)` over the central `fraction` of them,
    by quantiles: as much weight is left out below as above. So the tails, which no
    width between quantiles sees, do not drive the training. An event on a boundary
    counts with the part of its weight that lies inside, so that one formula holds for
    any batch and any weights; which events are inside is not differentiated.

    The ratio is trained to `scale`, not to 1: **divide predictions by `scale`** to
    calibrate them (the width over the median is the same). Where it lies matters for
    how a network starts, and changes nothing else. 1 gives calibrated predictions.

    The talk has `sqrt(sum (t - R_i)^2) / (n t)`, which falls as one over the square
    root of the batch size; this loss is that times `n / sqrt(k)` for the k kept of n
    events: a mean, which does not depend on the batch size. Adam does not see the
    factor, but the balance with L2 terms does.

    It is one number a batch, not a mean over events. Batches of hundreds are needed for
    stable quantiles. Events with a truth that is not positive have no ratio and are
    left out, and so are those without weight. Weights must not be negative.

    Reference: Rieger et al., Lorentz Boost Networks, IML workshop, 2018.

    Args:
        fraction: Share of the weight that is kept, in (0, 1]. The talk's 0.74 is a
            little more than the 0.68 between the quantiles of the resolution.
        scale: The ratio that is aimed at, positive.

    Call arguments:
        y_true: `(batch_size,)` or `(batch_size, 1)`, the positive truth (masses in
        GeV). y_pred: Predictions, of the same shape.
        sample_weight: Event weights, of the same shape, or `None`.

    Example:

    >>> loss = TrimmedRatioLoss(fraction=0.5, scale=1.0)
    >>> round(float(loss([100.0] * 4, [10.0, 110.0, 90.0, 900.0])), 3)
    0.1
    """

    def __init__(
        self,
        fraction: float = 0.74,
        scale: float = 3.0,
        name: str = "trimmed_ratio",
    ) -> None:
        if not 0.0 < fraction <= 1.0:
            raise ValueError(
                f"`fraction` must be in (0, 1]. Received: fraction={fraction}."
            )
        if not 0.0 < scale < float("inf"):
            raise ValueError(
                f"`scale` must be positive and finite. Received: scale={scale}."
            )
        super().__init__(name=name, reduction="sum")
        self.fraction = fraction
        self.scale = scale

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        # Keras would multiply a loss an event by its weight; here they enter the sums.
        with keras.name_scope(self.name):
            return self.call(y_true, y_pred, sample_weight)

    def call(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        truth = one_an_event("y_true", y_true, self.dtype)
        prediction = one_an_event("y_pred", y_pred, self.dtype)
        weight = ops.ones_like(truth) if sample_weight is None else sample_weight
        weight = one_an_event("sample_weight", weight, self.dtype)
        usable = truth > 0
        weight = ops.where(usable, weight, ops.zeros_like(weight))
        ratio = ops.where(usable, prediction, ops.zeros_like(prediction))
        ratio = ratio / ops.where(usable, truth, ops.ones_like(truth))
        order = ops.argsort(ops.stop_gradient(ratio))
        ratio, weight = ops.take(ratio, order), ops.take(weight, order)
        inside = _central(weight, self.fraction)
        square = (1.0 - ratio / self.scale) ** 2
        total = ops.sum(inside)
        some = total > 0
        mean = ops.sum(inside * square) / ops.where(some, total, ops.ones_like(total))
        positive = ops.logical_and(some, mean > 0)
        root = ops.sqrt(ops.where(positive, mean, ops.ones_like(mean)))
        return ops.where(positive, root, 0.0 * mean)

    def get_config(self) -> dict[str, Any]:
        return {"fraction": self.fraction, "scale": self.scale, "name": self.name}


def _central(weight: Any, fraction: float) -> Any:
    """Part of each weight, in order, between the quantiles of the central fraction."""
    upper = ops.cumsum(weight)
    total = upper[-1]
    low, high = total * (1.0 - fraction) / 2, total * (1.0 + fraction) / 2
    inside = ops.minimum(upper, high) - ops.maximum(upper - weight, low)
    return ops.clip(inside, 0.0, weight)
