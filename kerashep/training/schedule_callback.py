"""A schedule in an ordinary Keras fit, one batch a step."""

from typing import Any

import keras

from kerashep.training.schedules import Schedule


class ScheduleCallback(keras.callbacks.Callback):
    """Sets learning rate and momentum of every step.

    Args:
        schedule: Rates by step.
        steps_per_epoch: Steps an epoch, so that a resumed training continues it.
    """

    def __init__(self, schedule: Schedule, *, steps_per_epoch: int) -> None:
        super().__init__()
        self.schedule, self.steps_per_epoch = schedule, steps_per_epoch
        self._first_step = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Finds the first step of the epoch."""
        self._first_step = epoch * self.steps_per_epoch

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Assigns the values of this step."""
        rates, momenta = self.schedule.table(self._first_step + batch, 1)
        self.model.optimizer.learning_rate = rates[0]
        if momenta is not None:
            self.model.optimizer.momentum.assign(momenta[0])
