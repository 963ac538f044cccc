import numpy as np
import pytest

from kerashep.data.rowless import without_rows
from kerashep.data.writers import table_writer


@pytest.mark.parametrize("rows", [0, 3])
@pytest.mark.parametrize("suffix", ["parquet", "root", "h5", "csv"])
def test_columns_keep_their_dtypes(suffix, rows, tmp_path):
    table = {
        "pt": np.ones(rows, "float32"),
        "run": np.ones(rows, "int32"),
        "process": np.array(["x"] * rows, object),
    }
    path = tmp_path / f"events.{suffix}"
    with table_writer(path) as writer:
        writer.write(table)
    found = without_rows(path, ["process", "pt"])
    assert list(found) == ["process", "pt"]
    assert all(column.shape == (0,) for column in found.values())
    if suffix != "csv":
        assert (found["process"].dtype, found["pt"].dtype) == (object, np.float32)
    assert without_rows(path, []) == {}
