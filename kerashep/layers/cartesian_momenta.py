"""Momenta given as transverse momentum and angles, as Cartesian components."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._columns import take_columns
from kerashep.layers._vectors import Vectors


@kerashep_export
class CartesianMomenta(keras.layers.Layer):
    """Turns (pt, eta, phi) into (px, py, pz), and (pt, phi) into (pt, px, py).

    `px = pt cos(phi)`, `py = pt sin(phi)`, `pz = pt sinh(eta)`. Components take the
    places of the columns they come from: px that of pt, py that of eta, pz that of
    phi. A momentum without eta (missing transverse momentum) keeps its magnitude, and
    px and py stand where phi was: one column more. The other features stay as they are.

    Networks learn angles between objects more easily from components, and rotations
    are linear in them. It must see physical units, before any scaling, and in full
    precision: under a mixed dtype policy give it `dtype="float32"`.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.3.

    Args:
        momenta: Columns `(pt, eta, phi)` or `(pt, phi)` of each momentum; angles in
            radians.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        `(batch, ..., features)`; NaN = missing gives NaN components.

    Output shape:
        `(batch, ..., features + n)` for `n` momenta without eta.

    Raises:
        ValueError: If `momenta` are no columns of the features or share one.

    Example:

    >>> layer = CartesianMomenta(momenta=((0, 1, 2),))
    >>> [float(v) for v in layer(keras.ops.array([[2.0, 0.0, 0.0, 7.0]]))[0]]
    [2.0, 0.0, 0.0, 7.0]
    """

    def __init__(self, momenta: Sequence[Sequence[int]], **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.momenta = _checked(momenta)

    def build(self, input_shape: Any) -> None:
        width = input_shape[-1]
        largest = max(max(columns) for columns in self.momenta)
        if width is None or largest >= width:
            raise ValueError(
                f"Layer '{self.name}' reads column {largest} of the features, so it "
                f"needs inputs of shape (batch, ..., {largest + 1} or more). Received: "
                f"shape {tuple(input_shape)}."
            )
        self.input_spec = keras.InputSpec(min_ndim=2, axes={-1: int(width)})
        self._order = output_order(self.momenta, int(width))

    def call(self, inputs: Any) -> Any:
        dtype = keras.backend.result_type(self.variable_dtype, "float32")
        x = ops.cast(inputs, dtype)
        pt = take_columns(x, [columns[0] for columns in self.momenta])
        phi = take_columns(x, [columns[-1] for columns in self.momenta])
        parts = [x, pt * ops.cos(phi), pt * ops.sin(phi)]
        eta = [columns[1] for columns in self.momenta if len(columns) == 3]
        if eta:
            spatial = [columns[0] for columns in self.momenta if len(columns) == 3]
            parts.append(take_columns(x, spatial) * ops.sinh(take_columns(x, eta)))
        found = take_columns(ops.concatenate(parts, axis=-1), self._order)
        return ops.cast(found, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        more = sum(len(columns) == 2 for columns in self.momenta)
        return (*input_shape[:-1], input_shape[-1] + more)

    def get_config(self) -> dict[str, Any]:
        momenta = [list(columns) for columns in self.momenta]
        return {**super().get_config(), "momenta": momenta}


def output_order(momenta: Vectors, width: int) -> list[int]:
    """Where each output column is among the features, all px, all py and all pz.

    Args:
        momenta: Columns of each momentum.
        width: Number of features.
    """
    count = len(momenta)
    places = {column: [column] for column in range(width)}
    with_eta = [i for i, columns in enumerate(momenta) if len(columns) == 3]
    for i, columns in enumerate(momenta):
        px, py = width + i, width + count + i
        if len(columns) == 2:
            places[columns[1]] = [px, py]
        else:
            pz = width + 2 * count + with_eta.index(i)
            for column, source in zip(columns, (px, py, pz), strict=True):
                places[column] = [source]
    return [source for column in range(width) for source in places[column]]


def _checked(momenta: Sequence[Sequence[int]]) -> Vectors:
    given = tuple(tuple(columns) for columns in momenta)
    columns = [column for one in given for column in one]
    shaped = bool(given) and all(len(one) in (2, 3) for one in given)
    whole = all(column == int(column) and column >= 0 for column in columns)
    if not shaped or not whole or len(set(columns)) != len(columns):
        raise ValueError(
            "`momenta` must hold the columns (pt, eta, phi), or (pt, phi), of at least "
            "one momentum, counted from 0 and each used once. "
            f"Received: momenta={momenta}."
        )
    return tuple(tuple(int(column) for column in one) for one in given)
