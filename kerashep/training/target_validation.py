"""Loss of a regression on validation events after each epoch."""

# ruff: noqa: ARG002  (Keras decides the arguments of callbacks)

from typing import Any

import keras
import numpy as np

from kerashep.data.events import Events
from kerashep.training.validation import scores


class TargetValidation(keras.callbacks.Callback):
    """Adds `val_loss` to the logs of each epoch.

    The model's own loss of all events at once, with training weights of mean 1, plus
    the model's penalties, as in `loss`.

    Must stand before callbacks that read the logs.

    Args:
        events: Validation events with the features as the model takes them.

    Raises:
        ValueError: If the events have no target.
    """

    def __init__(self, events: Events) -> None:
        super().__init__()
        if not events.has_target:
            raise ValueError("The events of the validation part have no target.")
        self.events = events

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Computes the loss of the model as it is now."""
        if logs is not None:
            logs["val_loss"] = self.evaluate(self.model)

    def evaluate(self, model: Any) -> float:
        """`val_loss` of `model`."""
        events = self.events
        predicted = scores(model, events.features, None)
        weight = events.training_weight / events.training_weight.mean()
        truth, given = events.target[:, None], predicted[:, None]
        value = model.loss(truth, given, sample_weight=weight)
        penalty = sum(float(np.asarray(one)) for one in model.losses)
        return float(np.asarray(value)) + penalty
