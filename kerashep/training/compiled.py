"""Keras `fit` whose train step is many real train steps in one XLA program."""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
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
from kerashep.training.compiled_checks import (
    CompileState,
    check_callbacks,
    check_model,
    check_optimizer,
)
from kerashep.training.compiled_evaluation import CompiledEvaluation
from kerashep.training.compiled_reset import InitialOptimizer, InitialWeights
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
        jit_compile: Whether XLA compiles the steps; False runs the same blocks as an
            ordinary TensorFlow graph. The model's own `jit_compile` cannot say so: on
            a machine without accelerator Keras makes its default False too.

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
        jit_compile: bool = True,
    ) -> None:
        check_model(model)
        check_optimizer(model.optimizer, schedule)
        self.model, self.schedule = model, schedule
        self._program: EventProgram | None = None
        self._evaluation: CompiledEvaluation | None = None
        self._jit_compile = jit_compile
        self.use(pipeline)
        even = -(-self._full_steps // max(1, -(-self._full_steps // _STEPS_PER_CALL)))
        self.steps_per_call = steps_per_call or max(1, even)
        self._initial = InitialWeights(model, self._build())
        self._initial_optimizer = InitialOptimizer(model.optimizer)
        self._compile_state = CompileState(model)
        self._program = EventProgram(
            model, pipeline, with_rates=schedule is not None, jit_compile=jit_compile
        )
        self._epoch_blocks: Iterator[dict[str, Any]] = iter(())

    @property
    def traces(self) -> int:
        """How often the steps were traced: one for full batches, one for the tail."""
        return self._program.traces if self._program else 0

    @property
    def compiled(self) -> bool:
        """Whether XLA runs the steps; False once it could not compile the model."""
        return self._jit_compile if self._program is None else self._program.compiled

    def use(self, pipeline: BatchPipeline | StreamedPipeline) -> None:
        """Trains on another pipeline from now on.

        Its tables are copied. Nothing is compiled anew if they have the same shapes.

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

    def follow(self, schedule: Schedule) -> None:
        """Takes other learning rates from now on; nothing is compiled anew.

        Args:
            schedule: In place of the one given to the constructor.

        Raises:
            ValueError: If the steps were compiled without a schedule, or the optimizer
                cannot follow this one.
        """
        if self.schedule is None:
            raise ValueError(
                "The steps were compiled without a schedule. Make a new "
                f"CompiledTrainer for {type(schedule).__name__}."
            )
        check_optimizer(self.model.optimizer, schedule)
        self.schedule = schedule

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
            validation: `(x, y, weight)` arrays evaluated after each epoch. Arrays of
                the shapes of an earlier fit are evaluated by its program.
            callbacks: Keras callbacks.
            verbose: As in Keras, a step being a call.

        Returns:
            Keras' history.

        Raises:
            ValueError: If the model was compiled again since the trainer was made, or
                a callback sets the learning rate beside the schedule.
        """
        self._compile_state.check()
        check_callbacks(callbacks, self.schedule)
        model, start = self.model, _EpochStart(self)
        calls = -(-self._full_steps // self.steps_per_call) + bool(self.pipeline.tail)
        kept = model.train_function, model.test_function, model.steps_per_execution
        model.steps_per_execution = 1  # a call is one element of the data set below
        try:
            data = None if validation is None else self._resident(validation)
            model.train_function = self._train_calls
            return model.fit(
                quiet(tf.data.Dataset.range(calls)),
                epochs=epochs,
                initial_epoch=initial_epoch,
                validation_data=data,
                callbacks=[start, *callbacks],
                shuffle=False,
                verbose=verbose,
            )
        finally:
            model.train_function, model.test_function, model.steps_per_execution = kept
            if self._evaluation is not None:
                self._evaluation.release()

    def reset(self, seed: int) -> None:
        """Initial weights, random generators and optimizer state, as if built anew.

        The weights are those a model built after `keras.utils.set_random_seed(seed)`
        has. Nothing is compiled.

        Args:
            seed: Of the new training. The pipeline keeps its own seed.

        Raises:
            ValueError: If the model was compiled again since the trainer was made.
        """
        self._compile_state.check()
        self._initial.assign(seed)
        self._initial_optimizer.assign(self.model.trainable_variables)
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

    def _resident(self, validation: tuple[Any, ...]) -> Any:
        """What Keras takes for `validation`; the model evaluates it in one program."""
        if self._evaluation is None:
            self._evaluation = CompiledEvaluation(
                self.model, jit_compile=self._jit_compile
            )
        self._evaluation.use(validation)
        self.model.test_function = self._evaluation.test_function
        return self._evaluation.data

    def _build(self) -> Any:
        """Creates what Keras would create at the first batch, on two real events.

        Returns:
            The inputs of these events.
        """
        model = self.model
        x, y, w = first_events(self.pipeline, 2, model)
        if not model.built:
            model(x)
        if not model.optimizer.built:  # a second time adds variables to some
            model.optimizer.build(model.trainable_variables)
        kept = model.test_function
        model.evaluate(x, y, sample_weight=w, verbose=0)
        model.test_function = kept
        model.reset_metrics()
        return x


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
