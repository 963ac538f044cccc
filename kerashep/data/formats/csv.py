"""CSV files with a header line, plain or gzipped, by pyarrow.

pyarrow rather than pandas because it refuses a row of the wrong length, which pandas
fills with NaN (short rows) or shifts into the index (long rows).
"""

import csv
import gzip
import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from kerashep.data.formats.arrow import to_numpy
from kerashep.data.formats.table_info import Table, TableError, TableInfo

_DELIMITERS = (",", ";", "\t")
_GZIP = b"\x1f\x8b"
_NONE = pa.null()
_NUMBERS = {pa.int64(), pa.float64()}


def open_text(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked if it is gzipped."""
    with path.open("rb") as raw:
        packed = raw.read(2) == _GZIP
    if packed:
        return io.BufferedReader(gzip.GzipFile(path), 1 << 18)
    return path.open("rb", buffering=1 << 18)


def describe(path: Path, tree: str | None) -> TableInfo:  # noqa: ARG001
    """Columns from the header line; the number of rows is not known."""
    with open_text(path) as file:
        names, _ = _header(path, file.readline())
    return TableInfo(names=tuple(names), rows=None)


def chunks(
    path: Path,
    columns: Sequence[str],
    tree: str | None,  # noqa: ARG001
    rows: int | None,
) -> Iterator[Table]:
    """Chunks of at most `rows` lines, all of them at once if `None`.

    A column has one dtype in all chunks, which its values in the whole file decide: a
    column that is neither fractional nor text in the first chunk is looked through
    beforehand, in a pass of its own.
    """
    kinds = _Kinds() if rows is None else _kinds(path, columns, rows)
    for arrow in _parsed(path, columns, rows, kinds.text):
        yield {name: _values(arrow.column(name), name, kinds) for name in columns}


@dataclass(frozen=True)
class _Kinds:
    """Columns whose dtype does not follow from the values of each chunk alone."""

    text: frozenset[str] = frozenset()
    fractional: frozenset[str] = frozenset()
    with_gaps: frozenset[str] = frozenset()


def _kinds(path: Path, columns: Sequence[str], rows: int) -> _Kinds:
    """What the columns hold in the whole file."""
    first = next(_parsed(path, columns, rows), None)
    if first is None:
        return _Kinds()
    seen = {name: {first.column(name).type} for name in columns}
    unsure = [name for name in columns if seen[name] & {pa.int64(), pa.bool_(), _NONE}]
    for arrow in _parsed(path, unsure, rows) if unsure else ():
        for name in unsure:
            column = arrow.column(name)
            seen[name] |= {column.type} | ({_NONE} if column.null_count else set())
    gaps = {name for name, types in seen.items() if _NONE in types}
    held = {name: types - {_NONE} for name, types in seen.items()}
    mixed = {n for n, types in held.items() if len(types) > 1 and types != _NUMBERS}
    return _Kinds(
        text=frozenset(
            mixed | {n for n, types in held.items() if pa.string() in types}
        ),
        fractional=frozenset(n for n, types in held.items() if pa.float64() in types),
        with_gaps=frozenset(gaps),
    )


def _values(column: pa.ChunkedArray, name: str, kinds: _Kinds) -> NDArray[Any]:
    values = to_numpy(column, may_have_nulls=name in kinds.with_gaps)
    if name in kinds.fractional and values.dtype.kind in "iu":
        return values.astype("float64")
    return values


def _parsed(
    path: Path,
    columns: Sequence[str],
    rows: int | None,
    text: frozenset[str] = frozenset(),
) -> Iterator[pa.Table]:
    """Blocks of lines; columns of `text` as text, others as the block suggests."""
    with open_text(path) as file:
        names, delimiter = _header(path, file.readline())
        first_line = 2
        while lines := list(itertools.islice(file, rows)):
            block = b"".join(lines)
            if block.strip():
                try:
                    yield _parse(block, names, delimiter, columns, text)
                except pa.ArrowInvalid:
                    _check_lengths(path, lines, names, delimiter, first_line)
                    raise
            first_line += len(lines)


def _header(path: Path, line: bytes) -> tuple[list[str], str]:
    """Column names, without a leading `#` or blanks, and the delimiter."""
    text = line.decode("utf-8-sig").strip().removeprefix("#")
    delimiter = max(_DELIMITERS, key=text.count)
    names = [name.strip() for name in next(csv.reader([text], delimiter=delimiter), [])]
    if len(names) == 1 and len(names[0].split()) > 1:
        raise TableError(
            f"'{path}' looks separated by blanks; expected commas, semicolons or tabs. "
            f"Received: first line '{text[:80]}'."
        )
    if names and all(_is_number(name) for name in names):
        raise TableError(
            f"'{path}' has no header line with column names. Received: first line "
            f"'{text[:80]}'. Add one line of names at the top."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise TableError(
            f"'{path}' names columns twice: {', '.join(twice)}. Rename them in its "
            "first line."
        )
    return names, delimiter


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_lengths(
    path: Path, lines: list[bytes], names: list[str], delimiter: str, first_line: int
) -> None:
    """Names the first line with the wrong number of values (unless quoted)."""
    separator, expected = delimiter.encode(), len(names) - 1
    for i, line in enumerate(lines):
        count = line.count(separator)
        if count != expected and line.strip() and b'"' not in line:
            raise TableError(
                f"Line {first_line + i} of '{path}' has {count + 1} values; expected "
                f"{len(names)}, one a column of the first line. The file may be "
                "truncated or damaged there."
            )


def _parse(
    block: bytes,
    names: list[str],
    delimiter: str,
    columns: Sequence[str],
    text: frozenset[str],
) -> pa.Table:
    return pa_csv.read_csv(
        pa.BufferReader(block),
        read_options=pa_csv.ReadOptions(column_names=names),
        parse_options=pa_csv.ParseOptions(delimiter=delimiter),
        convert_options=pa_csv.ConvertOptions(
            include_columns=list(columns),
            column_types={name: pa.string() for name in columns if name in text},
        ),
    )
