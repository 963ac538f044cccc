"""One compiled program for trainings that follow each other in a process."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import keras

from kerashep.data.pipeline import BatchPipeline
from kerashep.training.compiled import CompiledTrainer
from kerashep.training.compiled_blocks import Pipeline
from kerashep.training.schedules import Schedule


class _LastTrainer:
    """The trainer of the last training, for the next one of the same program.

    Attributes:
        sharing: Whether trainings use it.
        key: What decides the program of `trainer`.
        trainer: With a model of its own, which is never handed out.
    """

    def __init__(self) -> None:
        self.sharing = False
        self.key: tuple[Any, ...] = ()
        self.trainer: CompiledTrainer | None = None


# The tasks of a pool are separate calls in one process, with nothing else in common:
# only what belongs to the process outlives a task.
_last = _LastTrainer()


@contextlib.contextmanager
def shared_programs() -> Iterator[None]:
    """Inside, a training takes over the compiled program of the one before.

    It does so if both differ in nothing that decides the program: events of the same
    number, other seeds, weights, learning rates. The numbers are the same bits as
    without, and models own their weights as ever. One program is kept in memory.
    """
    before = _last.sharing
    _last.sharing = True
    try:
        yield
    finally:
        _last.sharing = before


@contextlib.contextmanager
def trainer_for(
    model: keras.Model, pipeline: Pipeline, schedule: Schedule | None
) -> Iterator[CompiledTrainer]:
    """A trainer that starts in the state of `model`, which has its state afterwards.

    Args:
        model: Compiled, with its optimizer built.
        pipeline: Batches; those of streamed events share no program.
        schedule: Learning rates, or None.

    Yields:
        A trainer of `model` itself or, inside `shared_programs`, of its twin.
    """
    if not _last.sharing or not isinstance(pipeline, BatchPipeline):
        yield CompiledTrainer(model, pipeline, schedule=schedule)
        return
    key = _key(model, pipeline, schedule)
    trainer = _last.trainer if _last.key == key else None
    _last.key, _last.trainer = (), None  # not after a failure
    if trainer is None:
        trainer = CompiledTrainer(_twin(model), pipeline, schedule=schedule)
    else:
        trainer.use(pipeline)
        if schedule is not None:  # part of the key
            trainer.follow(schedule)
    _copy_state(model, trainer.model)
    yield trainer
    _copy_state(trainer.model, model)
    trainer.release()
    _last.key, _last.trainer = key, trainer


def _key(
    model: keras.Model, pipeline: BatchPipeline, schedule: Schedule | None
) -> tuple[Any, ...]:
    """Everything that decides the program, the events' numbers and the rates not."""
    scaler = pipeline.scaler
    return (
        _settings(model, "name"),
        _settings(model.optimizer, "name", "learning_rate"),
        model.loss,
        pipeline.batch_size,
        pipeline.steps_per_epoch,
        {name: table.shape for name, table in pipeline.tables.items()},
        pipeline.transforms,
        None if scaler is None else tuple(scaler.log.tolist()),
        schedule is None,
    )


def _settings(thing: Any, *without: str) -> str:
    """Class and configuration as text."""
    whole = keras.saving.serialize_keras_object(thing)
    kept = {k: v for k, v in whole["config"].items() if k not in without}
    return json.dumps([whole["module"], whole["class_name"], kept], sort_keys=True)


def _twin(model: keras.Model) -> keras.Model:
    """A model like `model`, compiled alike, with variables of its own."""
    twin = model.__class__.from_config(model.get_config())
    optimizer = model.optimizer.__class__.from_config(model.optimizer.get_config())
    twin.compile(optimizer=optimizer, loss=model.loss)
    twin.optimizer.build(twin.trainable_variables)
    return twin


def _copy_state(source: keras.Model, target: keras.Model) -> None:
    """Weights, random generators and optimizer of `target` become those of `source`."""
    for ours, theirs in (
        (target.variables, source.variables),
        (target.optimizer.variables, source.optimizer.variables),
    ):
        for variable, value in zip(ours, theirs, strict=True):
            variable.assign(value)
