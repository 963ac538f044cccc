"""Parquet files by pyarrow."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kerashep.data.formats.arrow import to_numpy
from kerashep.data.formats.table_info import DECLARE_LISTS, Table, TableInfo


def describe(path: Path, tree: str | None) -> TableInfo:  # noqa: ARG001
    """Columns and rows, from the footer alone."""
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        rows = int(file.metadata.num_rows)
    refused = {
        field.name: f"holds one {field.type} a row, not one number"
        + (DECLARE_LISTS if _is_list(field.type) else "")
        for field in schema
        if pa.types.is_nested(field.type)
    }
    names = tuple(name for name in schema.names if name not in refused)
    lists = tuple(field.name for field in schema if _is_list(field.type))
    return TableInfo(names=names, rows=rows, refused=refused, lists=lists)


def chunks(
    path: Path,
    columns: Sequence[str],
    tree: str | None,  # noqa: ARG001
    rows: int | None,
) -> Iterator[Table]:
    """Chunks of at most `rows` rows, all of them at once if `None`."""
    with pq.ParquetFile(path, memory_map=True) as file:
        nullable = _columns_with_nulls(file.metadata)
        size = rows or max(1, file.metadata.num_rows)
        for batch in file.iter_batches(batch_size=size, columns=list(columns)):
            yield {
                name: _values(batch.column(name), may_have_nulls=name in nullable)
                for name in columns
            }


def _is_list(kind: Any) -> bool:
    """Whether a column holds lists of numbers."""
    if not (
        pa.types.is_list(kind)
        or pa.types.is_large_list(kind)
        or pa.types.is_fixed_size_list(kind)
    ):
        return False
    value = kind.value_type
    return bool(pa.types.is_integer(value) or pa.types.is_floating(value))


def _values(column: Any, *, may_have_nulls: bool) -> Any:
    """NumPy array; awkward array of lists."""
    if not _is_list(column.type):
        return to_numpy(column, may_have_nulls=may_have_nulls)
    import awkward as ak

    return ak.from_arrow(column)


def _columns_with_nulls(metadata: Any) -> set[str]:
    """Columns in which some row group has nulls, or does not say."""
    found: set[str] = set()
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for i in range(row_group.num_columns):
            column = row_group.column(i)
            statistics = column.statistics
            counted = statistics is not None and statistics.has_null_count
            if not counted or statistics.null_count:
                found.add(column.path_in_schema)
    return found
