"""Blocks of batches for compiled steps, of resident and of streamed events."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from kerashep.data.pipeline import BatchPipeline
from kerashep.data.streaming import StreamedPipeline

Pipeline = BatchPipeline | StreamedPipeline
Block = dict[str, Any]
_MIXED = ("count", "draws")


def resident_tables(pipeline: Pipeline) -> Block:
    """What stays on the device for all blocks: event tables, numbers of the scaler."""
    if isinstance(pipeline, StreamedPipeline):
        return {}
    tables = {
        name: tf.constant(values)
        for name, values in pipeline.tables.items()
        if name != "m" or values.shape[1]
    }
    if pipeline.scaler is not None:
        for name in ("mean", "scale"):
            tables[name] = tf.constant(getattr(pipeline.scaler, name), "float32")
    return tables


def blocks(pipeline: Pipeline, epoch: int, steps: int) -> Iterator[Block]:
    """The batches of an epoch, `steps` at a time; the tail in a block of its own.

    Args:
        pipeline: Resident or streamed.
        epoch: Number of the epoch, from 0.
        steps: Batches a block; the last one before the tail may hold fewer.

    Yields:
        `count`, `draws` and either `index` or the events `x`, `y`, `w`, and `m` where
        it is not that of the tables.
    """
    if isinstance(pipeline, StreamedPipeline):
        for stack in _regrouped(pipeline, epoch, steps):
            yield {"count": np.int32(len(stack["y"])), "draws": (), **stack}
        return
    for drawn in pipeline.blocks(epoch, steps):
        block = {
            "count": np.int32(len(drawn.index)),
            "draws": drawn.draws,
            "index": drawn.index,
        }
        yield block if drawn.parameters is None else {**block, "m": drawn.parameters}


def is_tail(block: Block, pipeline: Pipeline) -> bool:
    """Whether the block is the partial last batch of an epoch."""
    batches: NDArray[Any] = block["index"] if "index" in block else block["y"]
    return bool(batches.shape[1] != pipeline.batch_size)


def padded(block: Block, steps: int) -> Block:
    """The block with zeros after its own, so that all have one shape."""

    def longer(array: NDArray[Any]) -> NDArray[Any]:
        missing = steps - len(array)
        if not missing:
            return array
        zeros = np.zeros((missing, *array.shape[1:]), array.dtype)
        return np.concatenate([array, zeros])

    arrays = {k: longer(v) for k, v in block.items() if k not in _MIXED}
    draws = tuple(longer(draw) for draw in block["draws"])
    return {**arrays, "count": block["count"], "draws": draws}


def first_events(
    pipeline: Pipeline, count: int, model: keras.Model | None = None
) -> tuple[Any, Any, Any]:
    """`(inputs, y, w)` of a few events, only to learn shapes from.

    Args:
        pipeline: Resident or streamed.
        count: Number of events, at most a batch.
        model: Its inputs must be those of the batches.

    Raises:
        ValueError: If the names of the inputs differ.
    """
    x, y, w = next(iter(pipeline.batches(0)))
    if model is not None:
        _check_inputs(model, tuple(x))
    return {name: values[:count] for name, values in x.items()}, y[:count], w[:count]


def _check_inputs(model: keras.Model, given: tuple[str, ...]) -> None:
    """Raises if Keras would take one column for another: it goes by order, not name.

    A single input may have any name; a subclassed model declares none.
    """
    wanted = sorted(t.name for t in getattr(model, "inputs", None) or ())
    if not wanted or len(wanted) == len(given) == 1 or set(wanted) == set(given):
        return
    fix = "Give the pipeline a background mass, or events with parameters."
    if set(wanted) < set(given):
        fix = "Make the pipeline with parametric=False."
    raise ValueError(
        f"Model '{model.name}' has the inputs {', '.join(wanted)}. Received: batches "
        f"with {', '.join(sorted(given))}. {fix}"
    )


def _regrouped(
    pipeline: StreamedPipeline, epoch: int, steps: int
) -> Iterator[dict[str, NDArray[np.float32]]]:
    """Stacks of exactly `steps` batches, however many the parts on disk give."""
    waiting: list[dict[str, NDArray[np.float32]]] = []
    held = 0
    for inputs, y, w in pipeline.stacks(epoch, steps):
        stack = {**inputs, "y": y, "w": w}
        if y.shape[1] != pipeline.batch_size:
            yield from _joined(waiting)
            waiting, held = [], 0
            yield stack
            continue
        missing = steps - held
        waiting.append({name: values[:missing] for name, values in stack.items()})
        held += len(waiting[-1]["y"])
        if held == steps:
            yield from _joined(waiting)
            waiting = [{name: values[missing:] for name, values in stack.items()}]
            held = len(waiting[0]["y"])
    if held:
        yield from _joined(waiting)


def _joined(
    stacks: list[dict[str, NDArray[np.float32]]],
) -> Iterator[dict[str, NDArray[np.float32]]]:
    if sum(len(stack["y"]) for stack in stacks):
        yield {
            name: np.concatenate([stack[name] for stack in stacks])
            for name in stacks[0]
        }
