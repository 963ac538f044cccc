"""Keras `fit` whose train step is many real train steps in one XLA program."""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerashep.data.pipeline import BatchPipeline
from kerashep.data.streaming import StreamedPipeline
from kerashep.training.compiled_blocks import (
    blocks,
    first_events,
    is_tail,
    padded,
    resident_tables,
)
from kerashep.training.compiled_evaluation import CompiledEvaluation
from kerashep.training.compiled_reset import InitialWeights
from kerashep.training.event_program import EventProgram
from kerashep.training.schedules import Schedule

_STEPS_PER_CALL = 128


class CompiledTrainer:
    """Runs the train steps of any compiled Keras model many at a time.

    `fit` is Keras' own, with its callbacks, validation and history; only the function
    it calls for a step is replaced by a program that runs `steps_per_call` of the
    model's real `train_step` on index blocks into event tables that stay in memory.
    Batch callbacks therefore fire once a call. The numbers are those of
    `train_on_batch` on `pipeline.batches(epoch)`.

    One program serves many trainings: `reset` starts again from other initial weights,
    and `use` takes another pipeline, both without compiling anew.

    Args:
        model: Compiled model with inputs `x` and perhaps `m`.
        pipeline: Batches: resident tables (`BatchPipeline`), or `StreamedPipeline` for
            events that do not fit in memory.
        steps_per_call: Train steps a call; about an epoch, at most 128, by default.
        schedule: Learning rate (and momentum) of every step.

    Raises:
        ValueError: If the model is not compiled, is compiled with `run_eagerly=True`,
            or its optimizer cannot follow the schedule.
    """

    def __init__(
        self,
        model: keras.Model,
        pipeline: BatchPipeline | StreamedPipeline,
        *,
        steps_per_call: int | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        if getattr(model, "optimizer", None) is None:
            raise ValueError(
                "`model` must be compiled: call `model.compile(optimizer, loss)` first."
            )
        if model.run_eagerly:
            raise ValueError(
                "A model compiled with `run_eagerly=True` cannot run compiled steps. "
                "Leave that out, or train by `model.fit(pipeline.as_dataset())`."
            )
        if schedule is not None:
            _check_optimizer(model.optimizer, schedule)
        self.model, self.schedule = model, schedule
        self._program: EventProgram | None = None
        self._evaluation: CompiledEvaluation | None = None
        self.use(pipeline)
        even = -(-self._full_steps // max(1, -(-self._full_steps // _STEPS_PER_CALL)))
        self.steps_per_call = steps_per_call or max(1, even)
        self._build()
        self._initial = InitialWeights(model, first_events(pipeline, 2)[0])
        self._program = EventProgram(model, pipeline, with_rates=schedule is not None)
        self._start = [np.array(v) for v in model.optimizer.variables]
        self._epoch_blocks: Iterator[dict[str, Any]] = iter(())

    @property
    def traces(self) -> int:
        """How often the steps were traced: one for full batches, one for the tail."""
        return self._program.traces if self._program else 0

    @property
    def compiled(self) -> bool:
        """Whether XLA runs the steps; False once it could not compile the model."""
        return self._program is None or self._program.compiled

    def use(self, pipeline: BatchPipeline | StreamedPipeline) -> None:
        """Trains on another pipeline from now on.

        Nothing is compiled anew if its tables have the same shapes. The tables are only
        copied if they are others than before.

        Args:
            pipeline: With the same columns, batch size and transforms; its scaler may
                have other numbers.

        Raises:
            ValueError: If the transforms, or the features under a logarithm, differ.
        """
        if self._program is not None:
            self._program.check(pipeline)
        self.pipeline = pipeline
        self._full_steps = pipeline.steps_per_epoch - bool(pipeline.tail)
        self._tables = resident_tables(pipeline)

    def fit(
        self,
        *,
        epochs: int,
        initial_epoch: int = 0,
        validation: tuple[Any, ...] | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        verbose: int = 0,
    ) -> keras.callbacks.History:
        """Trains by `keras.Model.fit`.

        Args:
            epochs: Number of the last epoch.
            initial_epoch: Number of the first epoch, from 0.
            validation: `(x, y, weight)` arrays evaluated after each epoch.
            callbacks: Keras callbacks.
            verbose: As in Keras, a step being a call.

        Returns:
            Keras' history.
        """
        model, start = self.model, _EpochStart(self)
        calls = -(-self._full_steps // self.steps_per_call) + bool(self.pipeline.tail)
        kept = model.train_function, model.test_function, model.steps_per_execution
        model.steps_per_execution = 1  # a call is one element of the data set below
        try:
            evaluation = self._resident(validation)
            model.train_function = self._train_calls
            if evaluation is not None:
                model.test_function = evaluation.test_function
            return model.fit(
                quiet(tf.data.Dataset.range(calls)),
                epochs=epochs,
                initial_epoch=initial_epoch,
                validation_data=None if evaluation is None else evaluation.data,
                callbacks=[start, *callbacks],
                shuffle=False,
                verbose=verbose,
            )
        finally:
            model.train_function, model.test_function, model.steps_per_execution = kept

    def reset(self, seed: int) -> None:
        """Initial weights, random generators and optimizer state, as if built anew.

        The weights are those a model built after `keras.utils.set_random_seed(seed)`
        has. Nothing is compiled.

        Args:
            seed: Of the new training. The pipeline keeps its own seed.
        """
        self._initial.assign(seed)
        for variable, value in zip(
            self.model.optimizer.variables, self._start, strict=True
        ):
            variable.assign(value)
        self.model.reset_metrics()

    def release(self) -> None:
        """Lets go of the events; `use` gives others before the next `fit`."""
        del self.pipeline, self._tables
        self._epoch_blocks = iter(())

    def begin_epoch(self, epoch: int) -> None:
        """Makes the blocks of `epoch` the next ones; called at its start."""
        self._epoch_blocks = self._blocks(epoch)

    def _blocks(self, epoch: int) -> Iterator[dict[str, Any]]:
        step = epoch * self.pipeline.steps_per_epoch
        length = self.steps_per_call
        for block in blocks(self.pipeline, epoch, length):
            count = int(block["count"])
            if self.schedule is not None:
                rates, momenta = self.schedule.table(step, count)
                block["rates"] = rates
                if momenta is not None:
                    block["momenta"] = momenta
            step += count
            yield block if is_tail(block, self.pipeline) else padded(block, length)

    def _train_calls(self, iterator: Any) -> dict[str, Any]:
        next(iterator)  # ends the epoch for Keras by StopIteration
        block, program = next(self._epoch_blocks), self._program
        assert program is not None  # noqa: S101  (set by the constructor)
        return program(self._tables, block, tail=is_tail(block, self.pipeline))

    def _resident(self, validation: tuple[Any, ...] | None) -> Any:
        """The program for `validation`, that of the last fit if it is the same."""
        if validation is None:
            return None
        last = self._evaluation
        if last is None or last.source is not validation:
            self._evaluation = CompiledEvaluation(self.model, validation)
        return self._evaluation

    def _build(self) -> None:
        """Creates what Keras would create at the first batch, on two real events."""
        model = self.model
        x, y, w = first_events(self.pipeline, 2, model)
        if not model.built:
            model(x)
        model.optimizer.build(model.trainable_variables)
        kept = model.test_function
        model.evaluate(x, y, sample_weight=w, verbose=0)
        model.test_function = kept
        model.reset_metrics()


class _EpochStart(keras.callbacks.Callback):
    """Tells the trainer which epoch begins."""

    def __init__(self, trainer: CompiledTrainer) -> None:
        super().__init__()
        self.trainer = trainer

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        self.trainer.begin_epoch(epoch)


def quiet(dataset: Any) -> Any:
    """`dataset` without autotuning, which would idle between epochs."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def _check_optimizer(optimizer: Any, schedule: Schedule) -> None:
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
