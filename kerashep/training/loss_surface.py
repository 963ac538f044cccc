"""The loss of a model as a function of its weights, with its derivatives."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]
_ROWS = 4096


class LossSurface:
    """Weighted mean loss of events, `sum(w l) / sum(w)`, at any trainable weights.

    The loss is the one the model was compiled with; penalties (L2) are no part of it,
    dropout is off and batch normalisation uses its moving statistics. Weights are one
    vector, those of `model.trainable_variables` one after the other. The model itself
    is left as it is.

    Args:
        model: Compiled.
        x: Inputs as the model takes them: an array or a dict of arrays.
        y: `(n, 1)` or `(n,)` targets.
        weight: `(n,)`, with a positive sum; ones by default.

    Attributes:
        size: Number of weights.
        kernels: Name -> which of the weights it is, of each kernel.

    Raises:
        ValueError: If the model is not compiled, lengths disagree or the weights do not
            sum to a positive number.
    """

    def __init__(
        self, model: keras.Model, x: Any, y: ArrayLike, weight: ArrayLike | None = None
    ) -> None:
        loss = keras.losses.get(getattr(model, "loss", None))
        if loss is None:
            raise ValueError(
                "`model` must be compiled: call `model.compile(optimizer, loss)` first."
            )
        self.model = model
        self._each = loss.call if isinstance(loss, keras.losses.Loss) else loss
        self._variables = list(model.trainable_variables)
        self._sizes = [int(np.prod(v.shape)) for v in self._variables]
        self.size = sum(self._sizes)
        self.kernels = self._find_kernels()
        self._parts = _parts(x, y, weight)
        self._loss = tf.function(self._weighted_loss)
        self._slope = tf.function(self._weighted_slope)
        self._bend = tf.function(self._weighted_bend)

    @property
    def weights(self) -> Vector:
        """Those the model has."""
        return _flat([np.array(v) for v in self._variables])

    def loss(self, at: Vector | None = None) -> float:
        """At the weights `at`, or at those the model has."""
        with self._at(at):
            return float(sum(np.float64(self._loss(*part)) for part in self._parts))

    def gradient(self, at: Vector | None = None) -> Vector:
        """Gradient at the weights `at`, or at those the model has."""
        with self._at(at):
            return self._sum(lambda part: self._slope(*part))

    def hessian_product(self, vector: Vector) -> Vector:
        """Hessian at the weights of the model times a vector."""
        pieces = [tf.constant(piece) for piece in self._pieces(vector)]
        return self._sum(lambda part: self._bend(*part, pieces))

    def _weighted_loss(self, x: Any, y: Any, weight: Any) -> Any:
        score = self.model(x, training=False)
        values = self._each(y, tf.cast(score, "float32"))
        tf.debugging.assert_equal(tf.shape(values), tf.shape(weight))
        return tf.reduce_sum(values * weight)

    def _weighted_slope(self, x: Any, y: Any, weight: Any) -> list[Any]:
        with tf.GradientTape() as tape:
            loss = self._weighted_loss(x, y, weight)
        return self._gradient(tape, loss)

    def _weighted_bend(self, x: Any, y: Any, weight: Any, pieces: Any) -> list[Any]:
        with tf.GradientTape() as tape:
            slope = self._weighted_slope(x, y, weight)
            along = tf.add_n(
                [tf.reduce_sum(g * p) for g, p in zip(slope, pieces, strict=True)]
            )
        return self._gradient(tape, along)

    def _gradient(self, tape: Any, value: Any) -> list[Any]:
        variables = [v.value for v in self._variables]
        zero = tf.UnconnectedGradients.ZERO
        found: list[Any] = tape.gradient(value, variables, unconnected_gradients=zero)
        return found

    def _sum(self, of: Callable[[Any], list[Any]]) -> Vector:
        total = np.zeros(self.size)
        for part in self._parts:
            total += _flat([np.array(piece) for piece in of(part)])
        return total

    def _pieces(self, vector: Vector) -> list[NDArray[np.float32]]:
        cuts = np.split(np.asarray(vector, "float32"), np.cumsum(self._sizes)[:-1])
        pairs = zip(cuts, self._variables, strict=True)
        return [cut.reshape(variable.shape) for cut, variable in pairs]

    @contextlib.contextmanager
    def _at(self, weights: Vector | None) -> Iterator[None]:
        if weights is None:
            yield
            return
        kept = [np.array(v) for v in self._variables]
        try:
            self._assign(self._pieces(weights))
            yield
        finally:
            self._assign(kept)

    def _assign(self, values: list[NDArray[np.float32]]) -> None:
        for variable, value in zip(self._variables, values, strict=True):
            variable.assign(value)

    def _find_kernels(self) -> dict[str, slice]:
        ends = np.cumsum(self._sizes)
        return {
            variable.path: slice(int(end) - size, int(end))
            for variable, size, end in zip(
                self._variables, self._sizes, ends, strict=True
            )
            if variable.name.endswith("kernel")
        }


def _parts(x: Any, y: ArrayLike, weight: ArrayLike | None) -> list[tuple[Any, ...]]:
    """Batches `(x, y, w / sum(w))`."""
    x = keras.tree.map_structure(np.asarray, x)
    target = np.asarray(y, "float32").reshape(len(np.asarray(y)), -1)
    w = np.ones(len(target)) if weight is None else np.asarray(weight, "float64")
    lengths = {len(a) for a in (*keras.tree.flatten(x), target, w)}
    if len(lengths) != 1 or w.ndim != 1:
        raise ValueError(
            "`x`, `y` and `weight` must hold the same events, `weight` with shape "
            f"(n,). Received: lengths {sorted(lengths)}, weight of shape {w.shape}."
        )
    if not w.sum() > 0:
        raise ValueError(
            "The weights of events must sum to a positive number. "
            f"Received: sum {w.sum():g}."
        )
    w = (w / w.sum()).astype("float32")
    starts = range(0, len(w), _ROWS)
    rows = [slice(start, start + _ROWS) for start in starts]
    return [
        tuple(
            keras.tree.map_structure(lambda a, i=i: tf.constant(a[i]), (x, target, w))
        )
        for i in rows
    ]


def _flat(arrays: list[NDArray[Any]]) -> Vector:
    return np.concatenate([np.ravel(a).astype("float64") for a in arrays])
