"""Arrow columns as NumPy arrays, without a copy where the values allow it."""

from typing import Any

import pyarrow as pa
from numpy.typing import NDArray


def to_numpy(column: Any, *, may_have_nulls: bool = False) -> NDArray[Any]:
    """Values of an Arrow array or chunked array, shape `(rows,)`.

    Args:
        column: The Arrow column.
        may_have_nulls: Whether other chunks of the column may hold nulls; integers
            and Booleans then become float64 in every chunk, not in some.

    Returns:
        Numbers as they are stored (nulls as NaN), text as objects. May be a
        read-only view.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_decimal(column.type) or pa.types.is_null(column.type):
        column = column.cast(pa.float64())
    if may_have_nulls or column.null_count:
        if pa.types.is_boolean(column.type):
            column = column.cast(pa.int8())
        if pa.types.is_integer(column.type):
            column = column.cast(pa.float64())
    if isinstance(column, pa.ChunkedArray):
        values: NDArray[Any] = column.to_numpy()
    else:
        values = column.to_numpy(zero_copy_only=False)
    return values
