"""Momenta declared as columns of the raw features."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from kerashep._symmetry import Columns

Vectors = tuple[tuple[int, ...], ...]
AXES = ("x", "y", "z")


def checked_vectors(vectors: Sequence[Sequence[int]]) -> Vectors:
    """`vectors` as tuples.

    Raises:
        ValueError: If there is none, one has not two or three columns, or a column is
            negative, no integer or used twice.
    """
    given = tuple(tuple(vector) for vector in vectors)
    columns = [column for vector in given for column in vector]
    shaped = bool(given) and all(len(vector) in (2, 3) for vector in given)
    if not shaped or any(column != int(column) or column < 0 for column in columns):
        raise ValueError(
            "`vectors` must hold the columns (px, py, pz), or (px, py), of at least "
            f"one momentum, counted from 0. Received: vectors={vectors}."
        )
    if len(set(columns)) != len(columns):
        raise ValueError(
            f"A column is a component of one vector only. Received: vectors={vectors}."
        )
    return tuple(tuple(int(column) for column in vector) for vector in given)


def check_axes(name: str, axes: Sequence[str], vectors: Vectors) -> tuple[str, ...]:
    """`axes` as a tuple.

    Raises:
        ValueError: If one is not x, y or z or comes twice, or no vector has a component
            along it.
    """
    given = tuple(axes)
    if not set(given) <= set(AXES) or len(set(given)) != len(given):
        raise ValueError(
            f"`{name}` must name each of {AXES} at most once. Received: {name}={axes}."
        )
    if "z" in given and all(len(vector) < 3 for vector in vectors):
        raise ValueError(
            f"A reflection along z needs a vector with three columns (px, py, pz). "
            f"Received: {name}={axes}, vectors={vectors}."
        )
    return given


def component(vectors: Vectors, axis: str) -> Columns:
    """Columns of the components along `axis` of the vectors that have one."""
    at = AXES.index(axis)
    return np.array([vector[at] for vector in vectors if len(vector) > at], np.intp)


def check_width(layer: keras.layers.Layer, vectors: Vectors, shape: Any) -> int:
    """Number of features, if the vectors are among them.

    Raises:
        ValueError: If a column lies outside.
    """
    width = shape[-1]
    largest = max(max(vector) for vector in vectors)
    if len(shape) < 2 or width is None or largest >= width:
        raise ValueError(
            f"Layer '{layer.name}' reads column {largest} of the features, so it needs "
            f"inputs of shape (batch, ..., {largest + 1} or more). "
            f"Received: shape {tuple(shape)}."
        )
    return int(width)
