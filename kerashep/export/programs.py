"""Compiled functions from one batch of named inputs to scores."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from kerashep.training.pool import worker_count

Batch = Mapping[str, NDArray[Any]]
Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Program:
    """A compiled scoring function and the inputs it takes.

    Args:
        inputs: Shape of each named input without the batch axis.
        run: From arrays of `rows` rows to `(rows,)` float32 scores.
        rows: The number of rows `run` was compiled for; `None` if it takes any.
    """

    inputs: dict[str, tuple[int, ...]]
    run: Callable[[Batch], Scores]
    rows: int | None


def input_shapes(model: keras.Model) -> dict[str, tuple[int, ...]]:
    """Names and shapes (without the batch axis) of the inputs of `model`.

    Raises:
        ValueError: If the model has not been built on inputs.
    """
    if getattr(model, "inputs", None):
        named = _named(model.input, [tensor.name for tensor in model.inputs])
        return {name: tuple(tensor.shape[1:]) for name, tensor in named.items()}
    shapes = (model.get_build_config() or {}).get("input_shape")
    if isinstance(shapes, dict):
        return {name: tuple(shape[1:]) for name, shape in shapes.items()}
    if isinstance(shapes, (tuple, list)):
        return {"x": tuple(shapes[1:])}
    raise ValueError(
        f"Model '{model.name}' has no known inputs: call it once on a batch, such as "
        "`model({'x': x[:1], 'm': m[:1]})`, before it is compiled or exported."
    )


def call_model(model: keras.Model, batch: Mapping[str, Any]) -> Any:
    """Calls `model` on named tensors, whatever structure of inputs it declares."""
    if getattr(model, "inputs", None):
        structure = model.input
    else:
        structure = (model.get_build_config() or {}).get("input_shape")
    if isinstance(structure, dict):
        return model({name: batch[name] for name in structure}, training=False)
    flat = [batch[name] for name in input_shapes(model)]
    inputs = keras.tree.pack_sequence_as(structure, flat) if len(flat) > 1 else flat[0]
    return model(inputs, training=False)


def xla_program(
    models: Sequence[keras.Model], weights: Sequence[float], *, rows: int
) -> Program:
    """All `models` in one XLA program: the weighted mean of their scores.

    The program reads the models' variables when it runs, so it follows later
    training. A model that XLA cannot compile runs as a plain graph, with one warning.

    Args:
        models: Keras models with the same inputs and one output column.
        weights: One weight a model, summing to 1.
        rows: Rows of every batch.
    """
    shapes = input_shapes(models[0])
    for model in models[1:]:
        if input_shapes(model) != shapes:
            raise ValueError(
                "Members of an ensemble must take the same inputs. Received: "
                f"{shapes} and {input_shapes(model)}."
            )

    def score(batch: Mapping[str, Any]) -> Any:
        total = 0.0
        for model, weight in zip(models, weights, strict=True):
            output = keras.ops.cast(call_model(model, batch), "float32")
            total = total + weight * keras.ops.reshape(output, (rows,))
        return total

    return Program(shapes, _compile(score, shapes, rows), rows)


def saved_model_program(folder: Path, *, rows: int) -> Program:
    """The `serve` signature of a SavedModel, compiled by XLA.

    Raises:
        ValueError: If the folder is no SavedModel, or is damaged.
    """
    import tensorflow as tf

    try:
        loaded = tf.saved_model.load(str(folder))
        serve = loaded.signatures["serve"]
    except (OSError, KeyError, ValueError, tf.errors.OpError) as error:
        raise ValueError(
            f"{folder} is no SavedModel of a scorer, or is damaged: "
            f"{_first_line(error)} Expected a folder written by `export_saved_model`."
        ) from error
    signature = serve.structured_input_signature[1]
    shapes = {name: tuple(spec.shape[1:]) for name, spec in signature.items()}

    def score(batch: Mapping[str, Any]) -> Any:
        (output,) = serve(**batch).values()
        return tf.reshape(tf.cast(output, tf.float32), (rows,))

    # `loaded` owns the variables: the program must keep it alive.
    score.owner = loaded  # type: ignore[attr-defined]
    return Program(shapes, _compile(score, shapes, rows), rows)


def onnx_program(path: Path) -> Program:
    """An ONNX file in ONNX Runtime; takes batches of any size.

    Raises:
        ImportError: If ONNX Runtime is not installed.
        ValueError: If the file is no ONNX model, or is damaged.
    """
    session = onnx_session(path)
    shapes = {node.name: tuple(node.shape[1:]) for node in session.get_inputs()}

    def run(batch: Batch) -> Scores:
        (output, *_) = session.run(None, dict(batch))
        return np.reshape(output, -1).astype("float32")

    return Program(shapes, run, None)


def onnx_session(path: Path) -> Any:
    """ONNX Runtime session of `path`; errors as for `onnx_program`."""
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError(
            "ONNX Runtime is not installed: `pip install kerashep[onnx]`."
        ) from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = worker_count()
    try:
        return onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # its error classes share no public base
        raise ValueError(
            f"{path} is no ONNX model, or is damaged: {_first_line(error)}"
        ) from error


def weighted_mean(programs: Sequence[Program], weights: Sequence[float]) -> Program:
    """One program of several with the same inputs, run on each batch in turn."""

    def run(batch: Batch) -> Scores:
        scores = [
            np.float32(weight) * program.run(batch)
            for program, weight in zip(programs, weights, strict=True)
        ]
        return np.asarray(np.sum(scores, axis=0), "float32")

    return Program(programs[0].inputs, run, programs[0].rows)


def _compile(
    score: Callable[[Mapping[str, Any]], Any],
    shapes: Mapping[str, tuple[int, ...]],
    rows: int,
) -> Callable[[Batch], Scores]:
    import tensorflow as tf

    signature = [
        {name: tf.TensorSpec((rows, *shape)) for name, shape in shapes.items()}
    ]
    compiled = tf.function(score, input_signature=signature, jit_compile=True)
    zeros = {name: tf.zeros((rows, *shape)) for name, shape in shapes.items()}
    try:
        compiled(zeros)
    except tf.errors.OpError as error:
        warnings.warn(
            "XLA cannot compile this model, so it runs as a plain TensorFlow graph: "
            f"{_first_line(error)}",
            stacklevel=4,
        )
        compiled = tf.function(score, input_signature=signature, jit_compile=False)

    def run(batch: Batch) -> Scores:
        tensors = {name: tf.constant(array) for name, array in batch.items()}
        return np.asarray(compiled(tensors).numpy())

    return run


def _named(structure: Any, names: Sequence[str]) -> dict[str, Any]:
    if isinstance(structure, dict):
        return dict(structure)
    return dict(zip(names, keras.tree.flatten(structure), strict=True))


def _first_line(error: BaseException) -> str:
    message = getattr(error, "message", None) or str(error)
    return str(message).strip().splitlines()[0] if str(message).strip() else repr(error)
