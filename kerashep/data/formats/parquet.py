"""Parquet files by pyarrow."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kerashep.data.formats.arrow import to_numpy
from kerashep.data.formats.table_info import Table, TableInfo


def describe(path: Path, tree: str | None) -> TableInfo:  # noqa: ARG001
    """Columns and rows, from the footer alone."""
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        rows = int(file.metadata.num_rows)
    refused = {
        field.name: f"holds one {field.type} a row, not one number"
        for field in schema
        if pa.types.is_nested(field.type)
    }
    names = tuple(name for name in schema.names if name not in refused)
    return TableInfo(names=names, rows=rows, refused=refused)


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
                name: to_numpy(batch.column(name), may_have_nulls=name in nullable)
                for name in columns
            }


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
