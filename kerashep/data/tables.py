"""Tables in files of any supported format, recognised by content."""

import contextlib
import difflib
import gzip
import importlib
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerashep._messages import did_you_mean
from kerashep.data.formats.table_info import Table, TableError, TableInfo

FORMATS = ("parquet", "csv", "hdf5", "root")
_MAGIC = {b"PAR1": "parquet", b"root": "root", b"\x89HDF\r\n\x1a\n": "hdf5"}
_FOREIGN = {
    b"PK\x03\x04": "a ZIP archive (or NumPy .npz)",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"\x93NUMPY": "a NumPy .npy file",
    b"ARROW1": "an Arrow/Feather file",
    b"\x80\x04": "a Python pickle",
    b"\x80\x05": "a Python pickle",
    b"%PDF": "a PDF",
    b"<": "an HTML or XML page",
    b"{": "a JSON file",
    b"version https://git-lfs": "a Git LFS pointer, not the file itself",
}
_GZIP = b"\x1f\x8b"
_WITHOUT_TREES = ("parquet", "csv")


def detect_format(path: str | Path) -> str:
    """Format of a file, by its content and not by its name.

    Args:
        path: Parquet, CSV (plain or gzipped), HDF5 or ROOT file.

    Returns:
        `"parquet"`, `"csv"`, `"hdf5"` or `"root"`.

    Raises:
        FileNotFoundError: If there is no such file, with the closest name beside it.
        ValueError: If the file is empty, truncated or of another kind, saying what
            was recognised.
    """
    path = _existing(Path(path))
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise TableError(f"'{path}' is empty (0 bytes). Copy or produce it again.")
    if head.startswith(_GZIP):
        return _detect_in_gzip(path)
    kind = _kind_of(head)
    if kind not in FORMATS:
        raise TableError(_foreign(path, kind))
    if kind == "parquet":
        _check_parquet_end(path)
    return kind


def table_info(path: str | Path, tree: str | None = None) -> TableInfo:
    """Flat columns, rows (where known without reading) and what is not flat.

    Args:
        path: File of any supported format.
        tree: ROOT tree or HDF5 group or dataset; needed where there are several.
    """
    return _open(Path(path), tree)[1]


def column_names(path: str | Path, tree: str | None = None) -> list[str]:
    """Names of the flat columns in file order; see `table_info`."""
    return list(table_info(path, tree).names)


def read_table(
    path: str | Path, columns: Sequence[str] | None = None, tree: str | None = None
) -> Table:
    """Whole columns of a file.

    Args:
        path: File of any supported format.
        columns: Which columns; all flat ones by default.
        tree: ROOT tree or HDF5 group or dataset; needed where there are several.

    Returns:
        Column -> array `(rows,)` in the file's own dtype (text as objects). Arrays may
        be read-only views of the file.

    Raises:
        ValueError: As `iter_table`, and if the table has no rows.
    """
    parts = list(_chunks(Path(path), columns, tree, None))
    if not parts:
        raise TableError(f"'{path}' has columns but no rows.")
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def iter_table(
    path: str | Path,
    columns: Sequence[str] | None = None,
    tree: str | None = None,
    rows: int = 262_144,
    *,
    lists: Sequence[str] = (),
) -> Iterator[Table]:
    """Streams a file in chunks of at most `rows` rows, in file order.

    Memory is bounded by a chunk (Parquet: by a row group), whatever the file's size.

    Args:
        path: File of any supported format.
        columns: Which columns; all flat ones by default.
        tree: ROOT tree or HDF5 group or dataset; needed where there are several.
        rows: Most rows of a chunk.
        lists: Those of `columns` that may hold lists of numbers (Parquet) or be jagged
            branches (ROOT); they come as awkward arrays.

    Returns:
        Iterator over dicts as of `read_table`. A CSV chunk has the dtypes its own lines
        suggest.

    Raises:
        ValueError: At once if a column does not exist or is not flat, or the file is
            not what it seems; while streaming if the file is damaged or has fewer rows
            than it declares.
    """
    if rows < 1:
        raise ValueError(f"`rows` must be at least 1. Received: rows={rows}.")
    return _chunks(Path(path), columns, tree, rows, lists)


def _chunks(
    path: Path,
    columns: Sequence[str] | None,
    tree: str | None,
    rows: int | None,
    lists: Sequence[str] = (),
) -> Iterator[Table]:
    kind, info = _open(path, tree)
    wanted = list(dict.fromkeys(info.names if columns is None else columns))
    _check_columns(path, info, wanted, lists)
    return _guarded(path, kind, info, _module(kind).chunks(path, wanted, tree, rows))


def _guarded(
    path: Path, kind: str, info: TableInfo, chunks: Iterator[Table]
) -> Iterator[Table]:
    """The same chunks; every failure names the file, and no row may be missing."""
    received = 0
    while True:
        with _naming(path, kind):
            chunk = next(chunks, None)
        if chunk is None:
            break
        received += len(next(iter(chunk.values())))
        yield chunk
    if info.rows is not None and received != info.rows:
        raise TableError(
            f"'{path}' declares {info.rows} rows but only {received} could be read: "
            "it is truncated or damaged."
        )


def _open(path: Path, tree: str | None) -> tuple[str, TableInfo]:
    kind = detect_format(path)
    if tree is not None and kind in _WITHOUT_TREES:
        raise TableError(
            f"`tree` names a table in a ROOT or HDF5 file, but '{path}' is {kind}, "
            f"which holds one table. Received: tree='{tree}'; leave it out."
        )
    with _naming(path, kind):
        info: TableInfo = _module(kind).describe(path, tree)
    return kind, info


def _module(kind: str) -> Any:
    return importlib.import_module(f"kerashep.data.formats.{kind}")


@contextlib.contextmanager
def _naming(path: Path, kind: str) -> Iterator[None]:
    try:
        yield
    except (TableError, MemoryError):
        raise
    except Exception as error:
        reason = (str(error).strip() or "no reason given").splitlines()[0]
        raise TableError(
            f"'{path}' was recognised as {kind} by its content but cannot be read "
            f"({type(error).__name__}: {reason}). It may be truncated or damaged: copy "
            "or produce it again."
        ) from error


def _check_columns(
    path: Path, info: TableInfo, wanted: list[str], lists: Sequence[str]
) -> None:
    if not wanted:
        raise TableError(f"No columns to read from '{path}'. Name at least one.")
    readable = set(lists) & set(info.lists)
    refused = [name for name in wanted if name in info.refused.keys() - readable]
    if refused:
        reasons = "; ".join(f"'{name}' {info.refused[name]}" for name in refused)
        raise TableError(f"Columns of '{path}' that are not flat: {reasons}.")
    missing = [name for name in wanted if name not in {*info.names, *readable}]
    if missing:
        others = f" ({len(missing)} are missing: {', '.join(missing)}.)"
        raise TableError(
            f"'{path}' has no column '{missing[0]}'."
            + did_you_mean(missing[0], (*info.names, *(info.lists if lists else ())))
            + (others if len(missing) > 1 else "")
        )


def _existing(path: Path) -> Path:
    if path.is_file():
        return path
    if path.is_dir():
        raise TableError(
            f"'{path}' is a folder; expected a file. Name the files in it."
        )
    beside = path.parent.iterdir() if path.parent.is_dir() else []
    names = sorted(other.name for other in beside if other.is_file())
    close = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5)
    hint = f" Closest in that folder: {', '.join(close)}." if close else ""
    raise FileNotFoundError(f"No file '{path}'.{hint}")


def _kind_of(head: bytes) -> str:
    """A supported format, or a description of what the bytes are."""
    for table in (_MAGIC, _FOREIGN):
        for magic, kind in table.items():
            if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(magic) or head.startswith(
                magic
            ):
                return kind
    if b"\x00" in head:
        return "binary data of an unknown kind"
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return "binary data of an unknown kind"
        text = head[: error.start].decode("utf-8")
    return "csv" if text.strip() else "blank text"


def _detect_in_gzip(path: Path) -> str:
    try:
        with gzip.open(path) as file:
            head = file.read(4096)
    except (OSError, EOFError, zlib.error) as error:
        raise TableError(
            f"'{path}' is a truncated or damaged gzip file ({error}). Copy it again."
        ) from error
    kind = _kind_of(head) if head else "nothing"
    if kind == "csv":
        return kind
    if kind in FORMATS:
        raise TableError(
            f"'{path}' is a gzipped {kind} file; only CSV is read gzipped. Unpack it "
            "first (gunzip)."
        )
    raise TableError(_foreign(path, f"a gzip file that holds {kind}"))


def _check_parquet_end(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4))
        end = file.read()
    if end != b"PAR1" or path.stat().st_size < 12:
        raise TableError(
            f"'{path}' starts as Parquet but its end is missing: it is truncated. Copy "
            "or produce it again."
        )


def _foreign(path: Path, kind: str) -> str:
    return (
        f"'{path}' is no table kerashep can read; recognised: {kind}. Expected "
        "Parquet, CSV (plain or gzipped, with a header line), HDF5 or ROOT."
    )
