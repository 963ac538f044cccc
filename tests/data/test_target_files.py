"""Files with a column to be regressed, with and without a label."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kerashep.data.column_map import ColumnMap
from kerashep.data.event_blocks import iter_events
from kerashep.data.events import Events
from kerashep.data.readers import read_events


def write(path, count=50, **changes):
    rng = np.random.default_rng(0)
    columns = {
        "pt": rng.normal(100, 10, count),
        "label": np.arange(count) % 2,
        "m_true": rng.uniform(50, 100, count),
    }
    pq.write_table(pa.table(columns | changes), path)
    return {**columns, **changes}


@pytest.mark.parametrize("label", [None, "label"])
def test_the_target_is_read(tmp_path, label):
    written = write(tmp_path / "jets.parquet")
    columns = ColumnMap(features=["pt"], label=label, target="m_true")
    events = read_events(tmp_path / "jets.parquet", columns, provenance="simulated")
    np.testing.assert_allclose(events.target, written["m_true"], rtol=1e-6)
    assert events.unlabelled == (label is None)
    blocks = iter_events(
        tmp_path / "jets.parquet", columns, provenance="simulated", rows=20
    )
    again = Events.concatenate(list(blocks))
    np.testing.assert_array_equal(again.target, events.target)
    np.testing.assert_array_equal(again.label, events.label)


def test_wrong_targets_are_named(tmp_path):
    values = np.full(50, 80.0)
    values[[3, 9]] = (0.0, np.nan)
    write(tmp_path / "jets.parquet", m_true=values)
    columns = ColumnMap(features=["pt"], label=None, target="m_true")
    with pytest.raises(ValueError, match=r"2 targets that are not positive"):
        read_events(tmp_path / "jets.parquet", columns, provenance="simulated")


def test_a_target_is_no_feature_and_no_label(tmp_path):
    with pytest.raises(ValueError, match="both a feature and `target`"):
        ColumnMap(features=["pt"], target="pt")
    write(tmp_path / "jets.parquet")
    columns = ColumnMap(features=["pt"], label=None)
    with pytest.raises(ValueError, match="Nothing tells signal from background"):
        read_events(tmp_path / "jets.parquet", columns, provenance="simulated")
