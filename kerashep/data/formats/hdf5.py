"""HDF5 tables by h5py.

A table is a group of equally long datasets, a structured dataset, or a frame written
by pandas (`fixed` or `table` layout).
"""

import io
import pickle
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.formats.table_info import Table, TableError, TableInfo, decode_text


@dataclass(frozen=True)
class _Layout:
    """An opened table: its description and how to read rows of some columns."""

    info: TableInfo
    read: Callable[[Sequence[str], slice], Table]


def describe(path: Path, tree: str | None) -> TableInfo:
    """Columns and rows of the only table, or of the group or dataset `tree`."""
    with h5py.File(path, "r") as file:
        table = _find_table(path, file, tree)
        return replace(_layout(table).info, tree=str(table.name))


def chunks(
    path: Path, columns: Sequence[str], tree: str | None, rows: int | None
) -> Iterator[Table]:
    """Chunks of at most `rows` rows, all of them at once if `None`."""
    with h5py.File(path, "r") as file:
        layout = _layout(_find_table(path, file, tree))
        total = layout.info.rows or 0
        step = rows or max(1, total)
        for start in range(0, total, step):
            part = layout.read(columns, slice(start, min(start + step, total)))
            yield {name: decode_text(part[name]) for name in columns}


def _find_table(path: Path, file: Any, tree: str | None) -> Any:
    tables = list(_tables(file))
    names = [table.name for table in tables]
    if tree is not None:
        wanted = "/" + tree.strip("/")
        for table in tables:
            if table.name in (wanted, wanted.removesuffix("/table")):
                return table
        raise TableError(f"'{path}' has no table '{tree}'." + did_you_mean(tree, names))
    if len(tables) != 1:
        raise TableError(
            f"'{path}' has {len(tables)} tables (groups of one-dimensional datasets or "
            "structured datasets); expected one, or its name as `tree`. Received: "
            f"{', '.join(names) or 'none'}."
        )
    return tables[0]


def _tables(group: Any) -> Iterator[Any]:
    """Every group or dataset below `group` that can be read as a table."""
    if "pandas_type" in group.attrs:
        yield group
        return
    children = list(group.values())
    datasets = [child for child in children if isinstance(child, h5py.Dataset)]
    if any(data.ndim == 1 and data.dtype.names is None for data in datasets):
        yield group
    yield from (data for data in datasets if data.dtype.names is not None)
    for child in children:
        if isinstance(child, h5py.Group):
            yield from _tables(child)


def _layout(node: Any) -> _Layout:
    if isinstance(node, h5py.Dataset):
        return _structured(node)
    if "table" in node and "pandas_type" in node.attrs:
        return _structured(node["table"])
    if "block0_values" in node:
        return _pandas_fixed(node)
    return _group(node)


def _group(group: Any) -> _Layout:
    """Datasets of one length; those of another shape are refused by name."""
    data = {
        name: child
        for name, child in group.items()
        if isinstance(child, h5py.Dataset) and child.dtype.names is None
    }
    lengths = Counter(child.shape[0] for child in data.values() if child.ndim == 1)
    rows = lengths.most_common(1)[0][0]
    refused = {
        name: f"has shape {child.shape}, not ({rows},)"
        for name, child in data.items()
        if child.shape != (rows,)
    }
    names = tuple(name for name in data if name not in refused)

    def read(columns: Sequence[str], part: slice) -> Table:
        return {name: data[name][part] for name in columns}

    return _Layout(TableInfo(names=names, rows=rows, refused=refused), read)


def _structured(dataset: Any) -> _Layout:
    """Fields of a structured dataset; pandas packs several columns in one field."""
    places: dict[str, tuple[str, int | None]] = {}
    refused: dict[str, str] = {}
    for field in dataset.dtype.names:
        shape = dataset.dtype[field].shape
        packed = dataset.attrs.get(f"{field}_kind")
        if not shape:
            places[field] = (field, None)
        elif len(shape) == 1 and field.startswith("values_block_") and packed:
            for i, name in enumerate(_unpickle_names(packed)):
                places[str(name)] = (field, i)
        else:
            refused[field] = f"holds an array of shape {shape} a row, not one number"

    def read(columns: Sequence[str], part: slice) -> Table:
        fields = sorted({places[name][0] for name in columns})
        rows = dataset.fields(fields)[part]
        return {name: _pick(rows, *places[name]) for name in columns}

    info = TableInfo(names=tuple(places), rows=int(dataset.shape[0]), refused=refused)
    return _Layout(info, read)


def _pick(rows: NDArray[Any], field: str, position: int | None) -> NDArray[Any]:
    values = rows[field] if position is None else rows[field][:, position]
    return np.ascontiguousarray(values)


def _pandas_fixed(group: Any) -> _Layout:
    """Blocks of columns of one dtype, each a dataset `(rows, columns)`."""
    places: dict[str, tuple[Any, int]] = {}
    refused: dict[str, str] = {}
    for block in range(int(group.attrs["nblocks"])):
        values = group[f"block{block}_values"]
        for i, item in enumerate(decode_text(group[f"block{block}_items"][:])):
            if values.ndim == 2:
                places[str(item)] = (values, i)
            else:
                refused[str(item)] = "is a pickled object column of pandas"
    order = [str(name) for name in decode_text(group["axis0"][:])]
    names = tuple(name for name in order if name in places)

    def read(columns: Sequence[str], part: slice) -> Table:
        used = {places[name][0].name: places[name][0] for name in columns}
        loaded = {key: values[part] for key, values in used.items()}
        return {
            name: np.ascontiguousarray(loaded[places[name][0].name][:, places[name][1]])
            for name in columns
        }

    rows = int(group["axis1"].shape[0])
    return _Layout(TableInfo(names=names, rows=rows, refused=refused), read)


class _NamesOnly(pickle.Unpickler):
    """Reads the pickled list of names PyTables stores, and nothing executable."""

    def find_class(self, module: str, name: str) -> Any:
        raise TableError(f"Column names refer to '{module}.{name}': not read.")


def _unpickle_names(packed: bytes) -> list[Any]:
    names: list[Any] = _NamesOnly(io.BytesIO(bytes(packed)), encoding="utf-8").load()
    return names
