"""Where the time of a compiled training goes: the same steps with parts left out.

Each program below runs all full batches of a training in XLA; the difference of two is
the time of what the longer one does besides.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.alternatives.matrix_products import layer_shapes
from benchmarks.worker import seconds_of
from kerashep.data.pipeline import BatchPipeline
from kerashep.training.compiled import CompiledTrainer
from kerashep.training.compiled_blocks import (
    blocks,
    is_tail,
    padded,
    resident_tables,
)
from kerashep.training.event_program import EventProgram

REPEATS = 2
EVENTS_AT_MOST = 500_000
Blocks = list[dict[str, Any]]


def training_parts(
    trainer: CompiledTrainer, pipeline: BatchPipeline, network: str, epochs: int
) -> dict[str, float]:
    """Processor seconds of the parts of a training of `epochs` epochs.

    Each is the quicker of two runs. Only a part of a long training is run, and its time
    multiplied: at least one epoch of `fit` and of drawing, half a million events of the
    rest.

    Args:
        trainer: Its model is trained on further, and its time of a `fit` measured.
        pipeline: What it trains on; without transforms, scaler and drawn masses.
        network: `dense` or `affine_pnn`, for the shapes of its matrices.
        epochs: Epochs of a training.
    """
    steps, events = trainer.steps_per_call, len(pipeline.tables["y"])
    run_epochs = min(epochs, max(1, EVENTS_AT_MOST // events))

    def drawn() -> Blocks:
        every = [b for e in range(run_epochs) for b in blocks(pipeline, e, steps)]
        return [b if is_tail(b, pipeline) else padded(b, steps) for b in every]

    every = drawn()
    tails = [block for block in every if is_tail(block, pipeline)]
    full = [block for block in every if not is_tail(block, pipeline)]
    some = full[: max(1, EVENTS_AT_MOST // (pipeline.batch_size * steps))]
    whole = _quickest({"fit": lambda: trainer.fit(epochs=run_epochs), "drawing": drawn})
    partial = _quickest(_programs(trainer.model, pipeline, some, tails))
    partial["products"] = _products_in_xla(network, pipeline, some)
    last = partial.pop("tails")
    left_out = _steps(full) / _steps(some)
    partial = {name: seconds * left_out for name, seconds in partial.items()}
    times = epochs / run_epochs
    found = {**whole, **partial, "tails": last}
    return _named({name: seconds * times for name, seconds in found.items()})


def _programs(
    model: Any, pipeline: BatchPipeline, full: Blocks, tails: Blocks
) -> dict[str, Callable[[], object]]:
    """The train steps, and what is left of them without optimizer, and so on."""
    tables = resident_tables(pipeline)
    program = EventProgram(model, pipeline, with_rates=False)
    gradients = [tf.zeros_like(v) for v in model.trainable_variables]
    shorter = {
        "backward": _loop(_gradients(model), gradients),
        "forward": _loop(_loss(model), tf.zeros(())),
        "gather": _loop(_gathered, tf.zeros(())),
    }
    return {
        "steps": lambda: [program(tables, block) for block in full],
        "tails": lambda: [program(tables, block, tail=True) for block in tails],
        **{name: _on_blocks(loop, tables, full) for name, loop in shorter.items()},
    }


def _steps(some: Blocks) -> int:
    return sum(int(block["count"]) for block in some)


def _named(seconds: dict[str, float]) -> dict[str, float]:
    """Differences of the measured programs, as they stand in the results file."""
    s = seconds
    return {
        "whole fit": s["fit"],
        "Keras' fit, callbacks and metrics around the calls": (
            s["fit"] - s["steps"] - s["tails"] - s["drawing"]
        ),
        "drawing the index blocks in NumPy": s["drawing"],
        "partial last batches, as a plain graph": s["tails"],
        "optimizer and metrics, in XLA": s["steps"] - s["backward"],
        "backward, in XLA": s["backward"] - s["forward"],
        "forward and loss, in XLA": s["forward"] - s["gather"],
        "gathering events from the tables, in XLA": s["gather"],
        "for comparison: the matrix products of the dense layers alone, in XLA": s[
            "products"
        ],
    }


def _gathered(tables: dict[str, Any], index: Any, total: Any) -> Any:
    """Sum of all gathered numbers, so that none is left out."""
    rows = [tf.reduce_sum(tf.gather(table, index)) for table in tables.values()]
    return total + tf.add_n(rows)


def _loss(model: Any) -> Callable[..., Any]:
    def body(tables: dict[str, Any], index: Any, total: Any) -> Any:
        return total + _loss_of_batch(model, tables, index)

    return body


def _gradients(model: Any) -> Callable[..., Any]:
    def body(tables: dict[str, Any], index: Any, total: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = _loss_of_batch(model, tables, index)
        variables = [variable.value for variable in model.trainable_variables]
        found = tape.gradient(loss, variables)
        return [before + now for before, now in zip(total, found, strict=True)]

    return body


def _loss_of_batch(model: Any, tables: dict[str, Any], index: Any) -> Any:
    batch = {name: tf.gather(table, index) for name, table in tables.items()}
    y, w = batch.pop("y"), batch.pop("w")
    scores = model(batch, training=True)
    return model.compute_loss(batch, y, scores, sample_weight=w, training=True)


def _loop(body: Callable[..., Any], start: Any) -> Any:
    """A compiled loop over the batches of a block."""

    def run(tables: dict[str, Any], index: Any, count: Any) -> Any:
        def step(i: Any, total: Any) -> Any:
            return i + 1, body(tables, tf.gather(index, i), total)

        first = (tf.constant(0), start)
        return tf.while_loop(lambda i, _: i < count, step, first)[1]

    return tf.function(run, jit_compile=True)


def _on_blocks(run: Any, tables: dict[str, Any], ready: Blocks) -> Callable[[], object]:
    return lambda: [
        tf.nest.map_structure(
            np.asarray, run(tables, tf.constant(b["index"]), tf.constant(b["count"]))
        )
        for b in ready
    ]


def _products_in_xla(network: str, pipeline: BatchPipeline, full: Blocks) -> float:
    """Seconds of the matrix products of all full batches.

    The operands of a step follow from those of the step before, so that XLA leaves none
    out: the kernels have orthonormal rows or columns, and `x` becomes `x k k^T`.
    """
    shapes = layer_shapes(network, pipeline.tables["x"].shape[1])
    rng = np.random.default_rng(0)
    kernels = [tf.constant(_orthonormal(rng, shape)) for shape in shapes]
    x = [rng.random((pipeline.batch_size, i), dtype="float32") for i, _ in shapes]
    gradients = [tf.zeros(shape) for shape in shapes]
    run = tf.function(_product_loop(kernels), jit_compile=True)
    counts = [tf.constant(block["count"]) for block in full]
    x_start = [tf.constant(a) for a in x]
    calls = {"": lambda: [np.asarray(run(x_start, gradients, n)[0]) for n in counts]}
    return _quickest(calls)[""]


def _product_loop(kernels: Sequence[Any]) -> Callable[..., Any]:
    def step(i: Any, x: list[Any], gradients: list[Any]) -> Any:
        new_x, new_gradients = [], []
        for j, (a, kernel) in enumerate(zip(x, kernels, strict=True)):
            y = tf.matmul(a, kernel)
            new_gradients.append(gradients[j] + tf.matmul(a, y, transpose_a=True))
            # The features need no gradient, but must change, or XLA multiplies once.
            other = tf.matmul(y, kernel, transpose_b=True) if j else a * 0.999
            new_x.append(other)
        return i + 1, new_x, new_gradients

    def run(x: list[Any], gradients: list[Any], count: Any) -> Any:
        first = (tf.constant(0), x, gradients)
        _, x, gradients = tf.while_loop(lambda i, *_: i < count, step, first)
        return [tf.add_n([tf.reduce_sum(g) for g in (*x, *gradients)])]

    return run


def _orthonormal(rng: np.random.Generator, shape: tuple[int, int]) -> Any:
    tall = shape[0] >= shape[1]
    q, _ = np.linalg.qr(rng.normal(size=shape if tall else shape[::-1]))
    return np.ascontiguousarray(q if tall else q.T, "float32")


def _quickest(work: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Processor seconds of the quickest run of each, in turn, after an untimed one."""
    times: dict[str, list[float]] = {name: [] for name in work}
    for repeat in range(REPEATS + 1):
        for name, function in work.items():
            seconds = seconds_of(function)
            if repeat:
                times[name].append(seconds)
    return {name: min(rows) for name, rows in times.items()}
