"""One program for many train steps: gather, transform, scale, train."""

import warnings
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from kerashep.data.pipeline import BatchPipeline
from kerashep.training.xla_random import loop_friendly_random

Block = dict[str, Any]


class EventProgram:
    """Runs a block of train steps on resident event tables, in one XLA program.

    Where XLA cannot compile the model, one warning says why and the same steps run as
    an ordinary TensorFlow graph.

    Args:
        model: Compiled Keras model whose `train_step` is run.
        pipeline: Its transforms and scaler are applied to the gathered rows.
        with_rates: Whether blocks hold the learning rate of each step.

    Attributes:
        traces: Number of times the program was traced.
        compiled: Whether XLA is used.
    """

    def __init__(
        self, model: keras.Model, pipeline: BatchPipeline, *, with_rates: bool
    ) -> None:
        self.model = model
        self.transforms, self.scaler = pipeline.transforms, pipeline.scaler
        self.parametric = bool(pipeline.tables["m"].shape[1])
        self.with_rates = with_rates
        self.traces = 0
        self.compiled = True
        self._run = tf.function(self._steps, jit_compile=True)

    def __call__(self, tables: Block, block: Block) -> dict[str, Any]:
        """Runs the steps of `block` and returns the logs so far, as Keras does.

        Args:
            tables: Event tables `x`, `m`, `y`, `w`.
            block: `index` (K, B), `count` (the steps to run, at most K), `draws`, and
                where present `m` (K, B, P), `rates` (K,), `momenta` (K,).
        """
        tensors = tf.nest.map_structure(tf.constant, block)
        if not self.compiled:
            return dict(self._run(tables, tensors))
        try:
            return dict(self._run(tables, tensors))
        except (
            tf.errors.InvalidArgumentError,
            tf.errors.UnimplementedError,
            tf.errors.NotFoundError,
        ) as error:
            if not _is_compilation_failure(error):
                raise
            self._fall_back(error)
            return dict(self._run(tables, tensors))

    def _fall_back(self, error: Exception) -> None:
        reason = str(error).strip().splitlines()[0]
        warnings.warn(
            f"XLA cannot compile the train step of '{self.model.name}', which "
            f"therefore runs as an ordinary graph, slower but alike: {reason}",
            stacklevel=4,
        )
        self.compiled = False
        self._run = tf.function(self._steps)

    def _steps(self, tables: Block, block: Block) -> dict[str, Any]:
        self.traces += 1

        def step(i: Any) -> tuple[Any]:
            if self.with_rates:
                self._set_rates(block, i)
            self.model.train_step(self._batch(tables, block, i))
            return (i + 1,)

        with loop_friendly_random():
            tf.while_loop(lambda i: i < block["count"], step, (tf.constant(0),))
        return dict(self.model.get_metrics_result())

    def _batch(self, tables: Block, block: Block, i: Any) -> tuple[Any, Any, Any]:
        index = tf.gather(block["index"], i)
        x = tf.gather(tables["x"], index)
        for transform, draws in zip(self.transforms, block["draws"], strict=True):
            x = transform.apply(x, tf.gather(draws, i), ops)
        if self.scaler is not None:
            x = _scale(x, self.scaler)
        inputs = {"x": x}
        if self.parametric:
            m = (
                tf.gather(block["m"], i)
                if "m" in block
                else tf.gather(tables["m"], index)
            )
            inputs["m"] = m
        return inputs, tf.gather(tables["y"], index), tf.gather(tables["w"], index)

    def _set_rates(self, block: Block, i: Any) -> None:
        self.model.optimizer.learning_rate.assign(tf.gather(block["rates"], i))
        if "momenta" in block:
            self.model.optimizer.momentum.assign(tf.gather(block["momenta"], i))


def padded(array: NDArray[Any], length: int) -> NDArray[Any]:
    """`array` with zero rows after its own, so that all blocks have one shape."""
    missing = length - len(array)
    if not missing:
        return array
    return np.concatenate([array, np.zeros((missing, *array.shape[1:]), array.dtype)])


def _scale(x: Any, scaler: Any) -> Any:
    """`FeatureScaler.transform` in TensorFlow."""
    log = ops.convert_to_tensor(scaler.log)
    defined = ops.logical_not(ops.isnan(x))
    safe = ops.where(defined, x, 0.0)
    safe = ops.where(log, ops.sign(safe) * ops.log(1.0 + ops.abs(safe)), safe)
    mean = ops.convert_to_tensor(scaler.mean, "float32")
    scale = ops.convert_to_tensor(scaler.scale, "float32")
    return ops.where(defined, (safe - mean) / scale, 0.0)


def _is_compilation_failure(error: Exception) -> bool:
    text = str(error)
    signs = ("XLA", "jit", "not compilable", "unsupported operation", "Compilation")
    return any(sign in text for sign in signs)
