"""Keras `fit` whose train step is many real train steps in one XLA program."""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerashep.data.pipeline import BatchPipeline
from kerashep.training.event_program import EventProgram, padded
from kerashep.training.schedules import Schedule

VALIDATION_BATCH = 8192
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
        pipeline: Batches; `.tables` and `.blocks(epoch, steps)` are read.
        steps_per_call: Train steps a call; about an epoch, at most 128, by default.
        schedule: Learning rate (and momentum) of every step.

    Raises:
        ValueError: If the model is not compiled, or the schedule holds momenta and the
            optimizer has no variable for them.
    """

    def __init__(
        self,
        model: keras.Model,
        pipeline: BatchPipeline,
        *,
        steps_per_call: int | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        if getattr(model, "optimizer", None) is None:
            raise ValueError(
                "`model` must be compiled: call `model.compile(optimizer, loss)` first."
            )
        self.model, self.schedule = model, schedule
        self.use(pipeline)
        even = -(-self._full_steps // max(1, -(-self._full_steps // _STEPS_PER_CALL)))
        self.steps_per_call = steps_per_call or max(1, even)
        self._build()
        self._program = EventProgram(model, pipeline, with_rates=schedule is not None)
        self._start = [np.array(v) for v in model.optimizer.variables]
        self._epoch_blocks: Iterator[dict[str, Any]] = iter(())

    @property
    def traces(self) -> int:
        """How often a program was traced: one for full batches, one for the tail."""
        return self._program.traces

    @property
    def compiled(self) -> bool:
        """Whether XLA runs the steps; False once it could not compile the model."""
        return self._program.compiled

    def use(self, pipeline: BatchPipeline) -> None:
        """Trains on another pipeline from now on.

        Nothing is compiled anew if its tables have the same shapes.

        Args:
            pipeline: With the same columns and batch size.
        """
        self.pipeline = pipeline
        self._full_steps = pipeline.steps_per_epoch - bool(pipeline.tail)
        self._tables = {k: tf.constant(v) for k, v in pipeline.tables.items()}

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
        start = _EpochStart(self)
        calls = -(-self._full_steps // self.steps_per_call) + bool(self.pipeline.tail)
        steps = quiet(tf.data.Dataset.range(calls))
        checked = None if validation is None else _batched(validation)
        kept = self.model.train_function
        self.model.train_function = self._train_calls
        try:
            return self.model.fit(
                steps,
                epochs=epochs,
                initial_epoch=initial_epoch,
                validation_data=checked,
                callbacks=[start, *callbacks],
                shuffle=False,
                verbose=verbose,
            )
        finally:
            self.model.train_function = kept

    def reset(self, seed: int) -> None:
        """Initial weights, random generators and optimizer state, as if built anew.

        The weights are those a model built after `keras.utils.set_random_seed(seed)`
        has. Nothing is compiled.

        Args:
            seed: Of the new training. The pipeline keeps its own seed.
        """
        keras.utils.set_random_seed(seed)
        fresh = self.model.__class__.from_config(self.model.get_config())
        if not fresh.built:
            fresh.build(self.model.input_shape)
        for ours, new in zip(self.model.variables, fresh.variables, strict=True):
            ours.assign(new)
        for variable, value in zip(
            self.model.optimizer.variables, self._start, strict=True
        ):
            variable.assign(value)
        self.model.reset_metrics()

    def begin_epoch(self, epoch: int) -> None:
        """Makes the blocks of `epoch` the next ones; called at its start."""
        self._epoch_blocks = self._blocks(epoch)

    def _blocks(self, epoch: int) -> Iterator[dict[str, Any]]:
        step = epoch * self.pipeline.steps_per_epoch
        for block in self.pipeline.blocks(epoch, self.steps_per_call):
            count = len(block.index)
            tail = block.index.shape[1] != self.pipeline.batch_size
            length = count if tail else self.steps_per_call
            content: dict[str, Any] = {
                "index": padded(block.index, length),
                "count": np.int32(count),
                "draws": tuple(padded(draw, length) for draw in block.draws),
            }
            if block.parameters is not None:
                content["m"] = padded(block.parameters, length)
            if self.schedule is not None:
                rates, momenta = self.schedule.table(step, count)
                content["rates"] = padded(rates, length)
                if momenta is not None:
                    content["momenta"] = padded(momenta, length)
            step += count
            yield content

    def _train_calls(self, iterator: Any) -> dict[str, Any]:
        next(iterator)  # ends the epoch for Keras by StopIteration
        return self._program(self._tables, next(self._epoch_blocks))

    def _build(self) -> None:
        """Creates what Keras would create at the first batch, on two real events."""
        model, tables = self.model, self.pipeline.tables
        inputs = {name: tables[name][:2] for name in input_names(self.pipeline)}
        model.optimizer.build(model.trainable_variables)
        kept = model.test_function
        model.evaluate(
            inputs, tables["y"][:2], sample_weight=tables["w"][:2], verbose=0
        )
        model.test_function = kept
        model.reset_metrics()


class _EpochStart(keras.callbacks.Callback):
    """Tells the trainer which epoch begins."""

    def __init__(self, trainer: CompiledTrainer) -> None:
        super().__init__()
        self.trainer = trainer

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        self.trainer.begin_epoch(epoch)


def input_names(pipeline: BatchPipeline) -> tuple[str, ...]:
    """Names of the model inputs in the pipeline's batches."""
    return ("x", "m") if pipeline.tables["m"].shape[1] else ("x",)


def quiet(dataset: Any) -> Any:
    """`dataset` without autotuning, which would idle between epochs."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def _batched(validation: tuple[Any, ...]) -> Any:
    slices = tf.data.Dataset.from_tensor_slices(validation)
    return quiet(slices.batch(VALIDATION_BATCH))
