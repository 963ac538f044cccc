"""Keras' `evaluate` on events that stay resident, in one XLA program."""

import warnings
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerashep.training.event_program import is_compilation_failure

BATCH = 8192
_MARK = b"resident events"


class CompiledEvaluation:
    """Stands for validation data in `keras.Model.fit`.

    `data` is a data set of one element, which `test_function` recognises: it then runs
    the model's real `test_step` on all events, in large batches in one program. Any
    other data goes through Keras' own function, so that callbacks may call `evaluate`.

    Args:
        model: Compiled Keras model.
        jit_compile: Whether XLA compiles the program.

    Attributes:
        compiled: Whether XLA is used; False once it could not compile the model.
        traces: Number of times the program was traced.
    """

    def __init__(self, model: keras.Model, *, jit_compile: bool = True) -> None:
        self.model = model
        self.validation: Any = None
        self.compiled, self.traces = jit_compile, 0
        self._run = tf.function(self._steps, jit_compile=jit_compile or None)
        model.test_function = None
        model.make_test_function()
        self._ordinary = model.test_function

    def use(self, validation: tuple[Any, ...]) -> None:
        """Copies the events to evaluate from now on.

        Nothing is compiled anew for shapes that were there before.

        Args:
            validation: `(x, y, weight)` arrays; `x` as the model takes it.
        """
        self.validation = tf.nest.map_structure(tf.constant, _float32(validation))

    def release(self) -> None:
        """Lets go of the events; `use` gives others before the next evaluation."""
        self.validation = None

    @property
    def data(self) -> Any:
        """One element: the mark."""
        options = tf.data.Options()
        options.autotune.enabled = False
        return tf.data.Dataset.from_tensors(_MARK).with_options(options)

    def test_function(self, iterator: Any) -> dict[str, Any]:
        """What `evaluate` calls for each element of its data."""
        element = next(iterator)
        if not (tf.is_tensor(element) and element.dtype == tf.string):
            result: dict[str, Any] = self._ordinary(iter([element]))
            return result
        if self.compiled:
            try:
                return dict(self._run(self.validation))
            except tf.errors.OpError as error:
                if not is_compilation_failure(error):
                    raise
                reason = str(error).strip().splitlines()[0]
                warnings.warn(
                    f"XLA cannot compile the evaluation of '{self.model.name}', which "
                    f"therefore runs as an ordinary graph, slower but alike: {reason}",
                    stacklevel=2,
                )
                self.compiled = False
                self._run = tf.function(self._steps)
        return dict(self._run(self.validation))

    def _steps(self, validation: Any) -> dict[str, Any]:
        self.traces += 1
        rows = tf.nest.flatten(validation)[0].shape[0]
        full = rows // BATCH

        def part(first: Any, count: int) -> Any:
            return tf.nest.map_structure(
                lambda table: tf.slice(
                    table,
                    [first] + [0] * (len(table.shape) - 1),
                    [count, *table.shape[1:]],
                ),
                validation,
            )

        def step(i: Any) -> tuple[Any]:
            self.model.test_step(part(i * BATCH, BATCH))
            return (i + 1,)

        if full:
            tf.while_loop(lambda i: i < full, step, (tf.constant(0),))
        if rows % BATCH:
            self.model.test_step(part(full * BATCH, rows % BATCH))
        return dict(self.model.get_metrics_result())


def _float32(validation: tuple[Any, ...]) -> Any:
    def convert(values: Any) -> Any:
        array = np.asarray(values)
        return array.astype("float32") if array.dtype == "float64" else array

    return keras.tree.map_structure(convert, validation)
