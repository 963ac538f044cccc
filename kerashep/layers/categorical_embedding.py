"""Learnt representations of category numbers among the features."""

import itertools
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._columns import take_columns

UNKNOWN = ("error", "reserve")
_LARGEST_WIDTH = 50
_TOLERANCE = 1e-3
# What the backends raise when asked for the numbers of a tensor that has none yet.
_NO_NUMBERS = (NotImplementedError, TypeError, RuntimeError, AttributeError)


@kerashep_export
class CategoricalEmbedding(keras.layers.Layer):
    """Replaces columns of category numbers by learnt vectors, one row a category.

    The codes are the numbers 0, 1, ..., cardinality - 1 themselves, as floats among the
    other features (the number of jets, say): a scaler must leave these columns alone
    (mean 0, scale 1, no logarithm). Rows start from a unit Gaussian.

    A code that is none of these numbers (too large, negative, fractional because a
    scaler touched it, NaN) is unknown. With `unknown="reserve"` all unknown codes of
    a column share one more row, the last; it learns only if unknown codes are in the
    training events. With `unknown="error"` they raise a ValueError that names column
    and value wherever the numbers can be seen, that is when the layer or its model is
    called on data. Inside a compiled program (`fit`, `predict`, a served model) nothing
    can be raised: there the vectors of the event are NaN, and so are its score or the
    loss. A wrong category is never taken for another. Codes count as equal within
    1e-3: ONNX converters replace a division by 1 by a product with 0.99999994.

    Reference: [Guo and Berkhahn, 2016](https://arxiv.org/abs/1604.06737); applied to
    HiggsML by [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.4.

    Args:
        cardinalities: Number of categories, one a categorical column.
        widths: Length of the vectors, one a categorical column. By default
            `min(50, (cardinality + 1) // 2)`.
        columns: Which features hold the codes, in the order of `cardinalities`. By
            default the last ones.
        unknown: `"error"` or `"reserve"`.
        embeddings_regularizer: Keras regularizer of each table.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        `(batch, features)`, the codes among the features.

    Output shape:
        `(batch, features - columns + sum of widths)`: first the other features in their
        order, then the vectors in the order of `cardinalities`.

    Raises:
        ValueError: If the arguments do not fit each other or the features, or for an
            unknown code (see above).

    Example:

    >>> layer = CategoricalEmbedding(cardinalities=[4], widths=[3], columns=[1])
    >>> tuple(layer(keras.ops.array([[120.0, 2.0, 0.5], [90.0, 0.0, 0.1]])).shape)
    (2, 5)
    """

    def __init__(
        self,
        cardinalities: Sequence[int],
        widths: Sequence[int] | None = None,
        columns: Sequence[int] | None = None,
        unknown: str = "error",
        embeddings_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.cardinalities = _counts("cardinalities", cardinalities)
        self.widths = None if widths is None else _counts("widths", widths)
        self.columns = None if columns is None else _positions(columns)
        for name, given in (("widths", self.widths), ("columns", self.columns)):
            if given is not None and len(given) != len(self.cardinalities):
                raise ValueError(
                    f"`{name}` must have one value for each of the "
                    f"{len(self.cardinalities)} `cardinalities`. Received: "
                    f"{name}={list(given)}."
                )
        if unknown not in UNKNOWN:
            raise ValueError(
                f"`unknown` must be one of {UNKNOWN}. Received: unknown='{unknown}'."
            )
        self.unknown = unknown
        self.embeddings_regularizer = keras.regularizers.get(embeddings_regularizer)

    @property
    def vector_widths(self) -> tuple[int, ...]:
        """Length of the vectors of each categorical column."""
        return self.widths or tuple(
            min(_LARGEST_WIDTH, (count + 1) // 2) for count in self.cardinalities
        )

    def columns_among(self, num_features: int) -> tuple[int, ...]:
        """The categorical columns of events with so many features."""
        first = num_features - len(self.cardinalities)
        return self.columns or tuple(range(first, num_features))

    def output_sources(self, num_features: int) -> tuple[int, ...]:
        """For each output of the layer, the feature that it comes from."""
        categorical = self.columns_among(num_features)
        others = (c for c in range(num_features) if c not in categorical)
        pairs = zip(categorical, self.vector_widths, strict=True)
        return (*others, *itertools.chain(*([c] * width for c, width in pairs)))

    def build(self, input_shape: Any) -> None:
        width = input_shape[-1]
        columns = self.columns_among(width or 0)
        if min(columns) < 0 or max(columns) >= width:
            where = "the last ones" if self.columns is None else list(self.columns)
            raise ValueError(
                f"Layer '{self.name}' has {len(self.cardinalities)} categorical "
                f"columns, {where}, which must be among the features. "
                f"Received: features of shape {tuple(input_shape)}."
            )
        self.input_spec = keras.InputSpec(ndim=2, axes={1: width})
        extra = int(self.unknown == "reserve")
        self.tables = [
            self.add_weight(
                name=f"embeddings_{i}",
                shape=(count + extra, length),
                initializer=keras.initializers.RandomNormal(stddev=1.0),
                regularizer=self.embeddings_regularizer,
            )
            for i, (count, length) in enumerate(
                zip(self.cardinalities, self.vector_widths, strict=True)
            )
        ]

    def call(self, inputs: Any) -> Any:
        columns = self.columns_among(inputs.shape[-1])
        if self.unknown == "error":
            _refuse_unknown(self, inputs, columns)
        others = [c for c in range(inputs.shape[-1]) if c not in columns]
        parts = [take_columns(inputs, others)] if others else []
        parts = [ops.cast(part, self.compute_dtype) for part in parts]
        for i, column in enumerate(columns):
            parts.append(self._vectors(inputs[:, column : column + 1], i))
        return ops.concatenate(parts, axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], len(self.output_sources(input_shape[1])))

    def get_config(self) -> dict[str, Any]:
        regularizer = self.embeddings_regularizer
        return {
            **super().get_config(),
            "cardinalities": list(self.cardinalities),
            "widths": None if self.widths is None else list(self.widths),
            "columns": None if self.columns is None else list(self.columns),
            "unknown": self.unknown,
            "embeddings_regularizer": keras.regularizers.serialize(regularizer),
        }

    def _vectors(self, code: Any, i: int) -> Any:
        """Rows of table `i`: a product with a one-hot matrix, whose gradient is dense.

        A code is compared with each number, so what is none of them matches none.
        """
        numbers = np.arange(self.cardinalities[i], dtype="float32")
        match = ops.less(ops.abs(ops.cast(code, "float32") - numbers), _TOLERANCE)
        known = ops.any(match, axis=-1, keepdims=True)
        if self.unknown == "reserve":
            match = ops.concatenate([match, ops.logical_not(known)], axis=-1)
        table = ops.cast(self.tables[i], self.compute_dtype)
        vectors = ops.matmul(ops.cast(match, self.compute_dtype), table)
        if self.unknown == "reserve":
            return vectors
        # One constant: the converter to ONNX turns a tensor of NaN into a product.
        return ops.where(known, vectors, ops.cast(float("nan"), self.compute_dtype))


def _refuse_unknown(
    layer: CategoricalEmbedding, inputs: Any, columns: tuple[int, ...]
) -> None:
    """Raises for unknown codes if `inputs` are numbers rather than symbols."""
    try:
        values = ops.convert_to_numpy(inputs)
    except _NO_NUMBERS:
        return
    for column, count in zip(columns, layer.cardinalities, strict=True):
        code = values[:, column]
        bad = ~(np.abs(code - np.clip(np.rint(code), 0, count - 1)) < _TOLERANCE)
        if bad.any():
            raise ValueError(
                f"Layer '{layer.name}' knows the categories 0 to {count - 1} in column "
                f"{column}, unscaled. Received: {int(bad.sum())} of {len(code)} events "
                f"with another one, first {code[np.argmax(bad)]}. Leave the column out "
                "of the scaling, raise `cardinalities`, or set unknown='reserve'."
            )


def _counts(name: str, values: Sequence[int]) -> tuple[int, ...]:
    counts = tuple(values)
    if not counts or not all(value == int(value) and value > 0 for value in counts):
        raise ValueError(
            f"`{name}` must be positive integers, one a categorical column. "
            f"Received: {name}={values}."
        )
    return tuple(int(value) for value in counts)


def _positions(columns: Sequence[int]) -> tuple[int, ...]:
    given = tuple(columns)
    fine = all(column == int(column) and column >= 0 for column in given)
    if not fine or len(set(given)) != len(given):
        raise ValueError(
            "`columns` must be distinct positions of features, counted from 0. "
            f"Received: columns={columns}."
        )
    return tuple(int(column) for column in given)
