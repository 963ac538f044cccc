"""Tables written to ROOT, Parquet, CSV or HDF5, a chunk at a time."""

import contextlib
import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep._files import atomic_path
from kerashep._messages import did_you_mean
from kerashep.data.formats.table_info import Table, is_text

_SUFFIXES = (".csv", ".csv.gz", ".h5", ".hdf5", ".parquet", ".root")


@contextlib.contextmanager
def table_writer(path: str | Path, *, tree: str = "events") -> Iterator["TableWriter"]:
    """Opens a file to stream a table into; the suffix chooses the format.

    The file appears under its name once the block has ended well, whole; after an
    error nothing is left and an older file of that name is untouched.

    Args:
        path: Ends in `.root` (a TTree), `.parquet`, `.csv`, `.csv.gz`, `.h5` or
            `.hdf5` (a group of datasets).
        tree: Name of the ROOT tree or HDF5 group.

    Yields:
        A `TableWriter`.

    Raises:
        ValueError: For an unknown suffix, or if nothing was written.
    """
    path = Path(path)
    suffix = _suffix(path)
    with atomic_path(path) as target:
        writer = TableWriter(
            _open_sink(suffix, target, tree), strict=".csv" not in suffix
        )
        try:
            yield writer
        finally:
            writer.close()
        if not writer.names:
            raise ValueError(f"Nothing was written to '{path}': no columns are known.")


class _Sink(Protocol):
    def write(self, table: Table) -> None: ...
    def close(self) -> None: ...


class TableWriter:
    """Receives chunks of a table; made by `table_writer`.

    Attributes:
        names: Columns, as of the first chunk.
        rows: Rows written so far.
    """

    def __init__(self, sink: _Sink, *, strict: bool) -> None:
        self.names: tuple[str, ...] = ()
        self.rows = 0
        self._sink = sink
        self._strict = strict
        self._dtypes: dict[str, Any] = {}

    def write(self, columns: Mapping[str, ArrayLike]) -> None:
        """Appends rows.

        Args:
            columns: Column -> `(rows,)`; the same columns at every call. Values are
                kept in the dtype of the first call.

        Raises:
            ValueError: If columns differ in length or from those of the first call, are
                not one-dimensional, or would lose precision in the first call's dtype.
        """
        table = {name: np.asarray(column) for name, column in columns.items()}
        rows = self._check_shape(table)
        if not self.names:
            self.names = tuple(table)
            self._dtypes = {name: values.dtype for name, values in table.items()}
        if set(table) != set(self.names):
            raise ValueError(
                f"Every chunk must have the columns {', '.join(self.names)}. "
                f"Received: {', '.join(table)}."
            )
        self._sink.write({name: self._cast(name, table[name]) for name in self.names})
        self.rows += rows

    def close(self) -> None:
        """Finishes the file; `table_writer` calls it."""
        self._sink.close()

    def _check_shape(self, table: Table) -> int:
        shapes = {name: values.shape for name, values in table.items()}
        if len(set(shapes.values())) != 1 or len(next(iter(shapes.values()))) != 1:
            raise ValueError(
                "Columns must be one-dimensional and of one length. "
                f"Received: {shapes}."
            )
        return int(next(iter(shapes.values()))[0])

    def _cast(self, name: str, values: NDArray[Any]) -> NDArray[Any]:
        dtype = self._dtypes[name]
        if not self._strict or values.dtype == dtype:
            return values
        if dtype.kind in "OU" and values.dtype.kind in "OU":
            return values
        if dtype.kind == "f" and values.dtype.kind in "biuf":
            return values.astype(dtype)
        if not np.can_cast(values.dtype, dtype, "safe"):
            raise ValueError(
                f"Column '{name}' changes from {dtype} to {values.dtype} after "
                f"{self.rows} rows. Give every chunk one dtype (for example float64)."
            )
        return values.astype(dtype)


def _suffix(path: Path) -> str:
    for suffix in sorted(_SUFFIXES, key=len, reverse=True):
        if path.name.lower().endswith(suffix):
            return suffix
    given = "".join(path.suffixes[-2:]) or path.name
    raise ValueError(
        f"The suffix of '{path}' is no format to write."
        + did_you_mean(given, _SUFFIXES)
    )


def _open_sink(suffix: str, path: Path, tree: str) -> _Sink:
    if suffix == ".root":
        return _RootSink(path, tree)
    if suffix == ".parquet":
        return _ParquetSink(path)
    if suffix in (".h5", ".hdf5"):
        return _Hdf5Sink(path, tree)
    return _CsvSink(path, packed=suffix.endswith(".gz"))


class _RootSink:
    def __init__(self, path: Path, tree: str) -> None:
        import uproot

        self._file = uproot.recreate(path)
        self._name = tree
        self._tree: Any = None

    def write(self, table: Table) -> None:
        import awkward

        types = {name: "string" if is_text(v) else v.dtype for name, v in table.items()}
        if self._tree is None:
            self._tree = self._file.mktree(self._name, types)
        if not len(next(iter(table.values()))):
            return
        self._tree.extend(
            {
                name: awkward.Array(_texts(values)) if is_text(values) else values
                for name, values in table.items()
            }
        )

    def close(self) -> None:
        self._file.close()


class _ParquetSink:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Any = None

    def write(self, table: Table) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        arrow = pa.table(
            {
                name: pa.array(values, pa.string() if is_text(values) else None)
                for name, values in table.items()
            }
        )
        if self._file is None:
            self._file = pq.ParquetWriter(self._path, arrow.schema)
        self._file.write_table(arrow)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class _CsvSink:
    def __init__(self, path: Path, *, packed: bool) -> None:
        self._file: Any = gzip.open(path, "wb", 3) if packed else path.open("wb")  # noqa: SIM115
        self._empty = True

    def write(self, table: Table) -> None:
        import pyarrow as pa
        import pyarrow.csv as pa_csv

        if self._empty:
            header = io.StringIO()
            csv.writer(header, lineterminator="\n").writerow(table)
            self._file.write(header.getvalue().encode("utf-8"))
            self._empty = False
        options = pa_csv.WriteOptions(include_header=False)
        pa_csv.write_csv(pa.table(table), self._file, options)

    def close(self) -> None:
        self._file.close()


class _Hdf5Sink:
    def __init__(self, path: Path, tree: str) -> None:
        import h5py

        self._file = h5py.File(path, "w")
        self._group = self._file.create_group(tree, track_order=True)

    def write(self, table: Table) -> None:
        import h5py

        for name, values in table.items():
            if name not in self._group:
                dtype = h5py.string_dtype() if is_text(values) else values.dtype
                self._group.create_dataset(
                    name, shape=(0,), maxshape=(None,), dtype=dtype, chunks=True
                )
            data = self._group[name]
            start = data.shape[0]
            data.resize((start + len(values),))
            data[start:] = _texts(values) if is_text(values) else values

    def close(self) -> None:
        self._file.close()


def _texts(values: NDArray[Any]) -> list[str]:
    """Texts for formats without nulls: absent ones are blank."""
    return ["" if value is None else str(value) for value in values.tolist()]
