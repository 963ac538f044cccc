"""One program for many train steps: gather, transform, scale, train."""

import warnings
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from kerashep.data.pipeline import BatchPipeline
from kerashep.data.streaming import StreamedPipeline
from kerashep.data.symmetry import Symmetry
from kerashep.training.xla_random import hashed_dropout, threefry

Block = dict[str, Any]


class EventProgram:
    """Runs a block of train steps on resident event tables, in one XLA program.

    Where XLA cannot compile the model, one warning says why and the same steps run as
    an ordinary TensorFlow graph. So does, without a warning, a block of one step that
    is the tail of an epoch: compiling it takes longer than it could save.

    Args:
        model: Compiled Keras model whose `train_step` is run.
        pipeline: Its transforms, and its scaler's logarithms, are applied to the
            gathered rows.
        with_rates: Whether blocks hold the learning rate of each step.
        jit_compile: Whether XLA compiles the steps, rather than run them as a graph.

    Attributes:
        traces: Number of times the program was traced.
        compiled: Whether XLA is used.
    """

    def __init__(
        self,
        model: keras.Model,
        pipeline: BatchPipeline | StreamedPipeline,
        *,
        with_rates: bool,
        jit_compile: bool = True,
    ) -> None:
        self.model = model
        self.transforms, self.log = _stages(pipeline)
        self.with_rates = with_rates
        self.traces = 0
        self.compiled = jit_compile
        self._run_tail = tf.function(self._graph_steps)
        self._run = tf.function(self._graph_steps)
        if jit_compile:
            self._run = tf.function(self._xla_steps, jit_compile=True)

    def __call__(
        self, tables: Block, block: Block, *, tail: bool = False
    ) -> dict[str, Any]:
        """Runs the steps of `block` and returns the logs so far, as Keras does.

        Args:
            tables: Event tables `x`, `m`, `y`, `w`, and with a scaler its `mean` and
                `scale`.
            block: `index` (K, B), `count` (the steps to run, at most K), `draws`, and
                where present `m` (K, B, P), `rates` (K,), `momenta` (K,). Instead of
                `index` it may hold the events, `x`, `y`, `w` with axes (K, B).
            tail: Whether this is the partial last batch of an epoch.
        """
        tensors = tf.nest.map_structure(tf.constant, block)
        if tail:
            return dict(self._run_tail(tables, tensors))
        if not self.compiled:
            return dict(self._run(tables, tensors))
        try:
            return dict(self._run(tables, tensors))
        except (
            tf.errors.InvalidArgumentError,
            tf.errors.UnimplementedError,
            tf.errors.NotFoundError,
        ) as error:
            if not is_compilation_failure(error):
                raise
            self._fall_back(error)
            return dict(self._run(tables, tensors))

    def check(self, pipeline: BatchPipeline | StreamedPipeline) -> None:
        """Raises a `ValueError` if the program does not do what `pipeline` needs."""
        if _stages(pipeline) != (self.transforms, self.log):
            raise ValueError(
                "The pipeline has other transforms, or a scaler with other logarithms, "
                "than the one the steps were compiled for. Make a new CompiledTrainer."
            )

    def _fall_back(self, error: Exception) -> None:
        reason = str(error).strip().splitlines()[0]
        warnings.warn(
            f"XLA cannot compile the train step of '{self.model.name}', which "
            f"therefore runs as an ordinary graph, slower but alike: {reason}",
            stacklevel=4,
        )
        self.compiled = False
        self._run = tf.function(self._graph_steps)

    def _xla_steps(self, tables: Block, block: Block) -> dict[str, Any]:
        with threefry():
            return self._steps(tables, block)

    def _graph_steps(self, tables: Block, block: Block) -> dict[str, Any]:
        return self._steps(tables, block)

    def _steps(self, tables: Block, block: Block) -> dict[str, Any]:
        self.traces += 1

        def one(i: Any) -> dict[str, Any]:
            if self.with_rates:
                self._set_rates(block, i)
            return dict(self.model.train_step(self._batch(tables, block, i)))

        with hashed_dropout(self.model):
            if type(self.model).train_step is keras.Model.train_step:
                _loop(block["count"], lambda i, logs: (one(i), logs)[1], {})
                return dict(self.model.get_metrics_result())
            shapes = tf.function(one).get_concrete_function(tf.constant(0))
            logs = tf.nest.map_structure(_zeros_of, shapes.structured_outputs)
            return dict(_loop(block["count"], lambda i, _: one(i), logs))

    def _batch(self, tables: Block, block: Block, i: Any) -> tuple[Any, Any, Any]:
        source, rows = (tables, block["index"]) if "index" in block else (block, None)
        index = i if rows is None else tf.gather(rows, i)
        x, y, w = (tf.gather(source[name], index) for name in ("x", "y", "w"))
        for transform, draws in zip(self.transforms, block["draws"], strict=True):
            x = transform.apply(x, tf.gather(draws, i), ops)
        if self.log is not None:
            x = _scaled(x, self.log, tables["mean"], tables["scale"])
        inputs = {"x": x}
        if "m" in block:
            inputs["m"] = tf.gather(block["m"], i)
        elif "m" in tables:
            inputs["m"] = tf.gather(tables["m"], index)
        return inputs, y, w

    def _set_rates(self, block: Block, i: Any) -> None:
        self.model.optimizer.learning_rate.assign(tf.gather(block["rates"], i))
        if "momenta" in block:
            self.model.optimizer.momentum.assign(tf.gather(block["momenta"], i))


def _stages(
    pipeline: BatchPipeline | StreamedPipeline,
) -> tuple[tuple[Symmetry, ...], tuple[bool, ...] | None]:
    """Transforms and logarithms that are left to the program."""
    if isinstance(pipeline, StreamedPipeline):
        return (), None  # has done both
    scaler = pipeline.scaler
    return pipeline.transforms, None if scaler is None else tuple(scaler.log.tolist())


def _loop(count: Any, body: Any, logs: Any) -> Any:
    """`logs` after `logs = body(i, logs)` for each `i` below `count`."""
    first = (tf.constant(0), logs)

    def step(i: Any, before: Any) -> Any:
        return i + 1, body(i, before)

    return tf.while_loop(lambda i, _: i < count, step, first)[1]


def _zeros_of(value: Any) -> Any:
    return tf.zeros(value.shape, value.dtype)


def _scaled(x: Any, log: tuple[bool, ...], mean: Any, scale: Any) -> Any:
    """`FeatureScaler.transform` in TensorFlow."""
    defined = ops.logical_not(ops.isnan(x))
    safe = ops.where(defined, x, 0.0)
    if any(log):
        tamed = ops.sign(safe) * ops.log1p(ops.abs(safe))
        safe = ops.where(ops.convert_to_tensor(log, "bool"), tamed, safe)
    return ops.where(defined, (safe - mean) / scale, 0.0)


def is_compilation_failure(error: Exception) -> bool:
    """Whether XLA could not compile a program, as against an error while it ran."""
    text = str(error)
    signs = ("XLA", "jit", "not compilable", "unsupported operation", "Compilation")
    return any(sign in text for sign in signs)
