"""What a compiled program cannot follow, said in words before it runs."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashep.training.schedule_callback import ScheduleCallback
from kerashep.training.schedules import Schedule

_SET_RATES = (
    keras.callbacks.LearningRateScheduler,
    keras.callbacks.ReduceLROnPlateau,
    ScheduleCallback,
)


class CompileState:
    """Notices that a model was compiled again after its program was made.

    Args:
        model: Compiled as the program is.
    """

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self._parts = _compiled_parts(model)

    def check(self) -> None:
        """Raises a `ValueError` if optimizer, loss or metrics are others by now."""
        now = _compiled_parts(self.model)
        if all(a is b for a, b in zip(now, self._parts, strict=True)):
            return
        raise ValueError(
            f"`compile` was called on the model '{self.model.name}' after its "
            "CompiledTrainer was made, whose program keeps the optimizer, loss and "
            "metrics of before. Make a new CompiledTrainer."
        )


def check_model(model: keras.Model) -> None:
    """Raises a `ValueError` if the model is not compiled, or runs eagerly."""
    if getattr(model, "optimizer", None) is None:
        raise ValueError(
            "`model` must be compiled: call `model.compile(optimizer, loss)` first."
        )
    if model.run_eagerly:
        raise ValueError(
            "A model compiled with `run_eagerly=True` cannot run compiled steps. "
            "Leave that out, or train by `model.fit(pipeline.as_dataset())`."
        )


def check_optimizer(optimizer: Any, schedule: Schedule | None) -> None:
    """Raises a `ValueError` if the optimizer cannot follow the schedule."""
    if schedule is None:
        return
    kind = type(optimizer).__name__
    has_number = isinstance(getattr(optimizer, "_learning_rate", None), keras.Variable)
    if not has_number:
        raise ValueError(
            f"The optimizer {kind} has a learning-rate schedule of its own. Give it a "
            "number, or leave `schedule` out."
        )
    moves = schedule.table(0, 1)[1] is not None
    if moves and not isinstance(getattr(optimizer, "momentum", None), keras.Variable):
        raise ValueError(
            f"The schedule moves the momentum, which is fixed in the optimizer {kind}. "
            "Compile with ScheduledAdam or ScheduledSGD of "
            "kerashep.training.optimizers."
        )


def check_callbacks(
    callbacks: Sequence[keras.callbacks.Callback], schedule: Schedule | None
) -> None:
    """Raises a `ValueError` if a callback and a schedule both set the learning rate."""
    if schedule is None:
        return
    rivals = [type(one).__name__ for one in callbacks if isinstance(one, _SET_RATES)]
    if rivals:
        raise ValueError(
            f"The callback {rivals[0]} sets the learning rate, and so does the "
            f"trainer's schedule {type(schedule).__name__}, at every step. Leave one "
            "of them out."
        )


def _compiled_parts(model: keras.Model) -> tuple[Any, ...]:
    # Keras makes the last one anew in each `compile`.
    return model.optimizer, model.loss, getattr(model, "_compile_config", None)
