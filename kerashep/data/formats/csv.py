"""CSV files with a header line, plain or gzipped, by pyarrow.

pyarrow rather than pandas because it refuses a row of the wrong length, which pandas
fills with NaN (short rows) or shifts into the index (long rows).
"""

import csv
import gzip
import io
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.csv as pa_csv

from kerashep.data.formats.arrow import to_numpy
from kerashep.data.formats.table_info import Table, TableError, TableInfo

_DELIMITERS = (",", ";", "\t")
_GZIP = b"\x1f\x8b"


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
    """Chunks of at most `rows` lines, all of them at once if `None`."""
    with open_text(path) as file:
        names, delimiter = _header(path, file.readline())
        first_line = 2
        while True:
            lines = file.readlines() if rows is None else list(_take(file, rows))
            if not lines:
                return
            block = b"".join(lines)
            if block.strip():
                try:
                    yield _parse(block, names, delimiter, columns)
                except pa.ArrowInvalid:
                    _check_lengths(path, lines, names, delimiter, first_line)
                    raise
            first_line += len(lines)


def _take(file: IO[bytes], lines: int) -> Iterator[bytes]:
    return itertools.islice(file, lines)


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
    block: bytes, names: list[str], delimiter: str, columns: Sequence[str]
) -> Table:
    table = pa_csv.read_csv(
        pa.BufferReader(block),
        read_options=pa_csv.ReadOptions(column_names=names),
        parse_options=pa_csv.ParseOptions(delimiter=delimiter),
        convert_options=pa_csv.ConvertOptions(include_columns=list(columns)),
    )
    return {name: to_numpy(table.column(name)) for name in columns}
