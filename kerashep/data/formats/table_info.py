"""What a file offers, whatever its format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = dict[str, NDArray[Any]]


class TableError(ValueError):
    """A file that cannot be read as asked; the message says which and why."""


@dataclass(frozen=True)
class TableInfo:
    """Columns and rows of a table in a file.

    Args:
        names: Flat columns (one value a row) in file order.
        rows: Number of rows, `None` where only reading tells (CSV).
        refused: Column that is not flat -> why it cannot be read.
        lists: Those of `refused` that hold lists of numbers, which can be read where
            they are asked for as such (momenta of particles).
        tree: Name of the ROOT tree or HDF5 table; None where a file has one unnamed.
    """

    names: tuple[str, ...]
    rows: int | None
    refused: Mapping[str, str] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    tree: str | None = None


DECLARE_LISTS = (
    "; momenta of particles are read when declared under `data.columns.particles`"
)


def decode_text(values: NDArray[Any]) -> NDArray[Any]:
    """Text, stored in whatever way, as `str` objects; numbers unchanged."""
    if values.dtype.kind == "S":
        return np.char.decode(values, "utf-8").astype(object)
    if values.dtype.kind == "U":
        return values.astype(object)
    if values.dtype.kind == "O":
        text = [v.decode("utf-8") if isinstance(v, bytes) else v for v in values]
        return np.array(text, dtype=object)
    return values


def is_text(values: NDArray[Any]) -> bool:
    """Whether a column holds text."""
    return values.dtype.kind in "OU"


def is_empty(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a text is absent or blank, or a number is NaN."""
    if is_text(values):
        return np.array(
            [value is None or not str(value).strip() for value in values.tolist()],
            "bool",
        )
    empty: NDArray[np.bool_] = np.isnan(values.astype("float64"))
    return empty
