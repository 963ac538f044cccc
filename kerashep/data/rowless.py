"""The columns of a table, without its rows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.formats.table_info import Table, decode_text
from kerashep.data.tables import detect_format


def without_rows(
    path: str | Path, columns: Sequence[str], tree: str | None = None
) -> Table:
    """Empty columns in the dtypes of a file, to write a file like it.

    Args:
        path: File of any supported format that has those columns.
        columns: Which columns.
        tree: ROOT tree or HDF5 group or dataset, where there are several.

    Returns:
        Column -> array `(0,)`: float64 for CSV, whose dtypes only rows would tell.
    """
    path, kind = Path(path), detect_format(path)
    empty = {name: np.empty(0) for name in columns}
    if kind != "csv":
        empty |= {"parquet": _parquet, "root": _root, "hdf5": _hdf5}[kind](
            path, columns, tree
        )
    return empty


def _parquet(
    path: Path,
    columns: Sequence[str],
    tree: str | None,  # noqa: ARG001
) -> dict[str, NDArray[Any]]:
    import pyarrow.parquet as pq

    from kerashep.data.formats.arrow import to_numpy

    table = pq.read_schema(path).empty_table()
    return {name: to_numpy(table.column(name)) for name in columns}


def _root(
    path: Path, columns: Sequence[str], tree: str | None
) -> dict[str, NDArray[Any]]:
    import uproot

    from kerashep.data.formats.root import _find_tree

    with uproot.open(path) as file:
        table = _find_tree(path, file, tree)
        found = table.arrays(
            filter_name=set(columns).__contains__, entry_stop=0, library="np"
        )
    return {name: decode_text(found[name]) for name in columns}


def _hdf5(
    path: Path, columns: Sequence[str], tree: str | None
) -> dict[str, NDArray[Any]]:
    import h5py

    from kerashep.data.formats.hdf5 import _find_table, _layout

    with h5py.File(path, "r") as file:
        found = _layout(_find_table(path, file, tree)).read(columns, slice(0, 0))
    return {name: decode_text(found[name]) for name in columns}
