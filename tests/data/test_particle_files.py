"""Lists of Parquet files and jagged branches of ROOT files as features."""

from pathlib import Path

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot

from kerashep.data.column_map import ColumnMap
from kerashep.data.event_blocks import iter_events
from kerashep.data.readers import read_events

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
JETS = {"name": "jet", "E": "J_E", "px": "J_x", "py": "J_y", "pz": "J_z", "count": 2}
MET = {"name": "met", "px": "met_x", "py": "met_y"}
MAP = ColumnMap(features=["n"], particles=[JETS, MET], weight="w")


def table():
    lists = {
        "J_x": [[30.0, 40.0, 1.0], [], [20.0]],
        "J_y": [[0.0, 30.0, 0.0], [], [0.0]],
        "J_z": [[5.0, 0.0, 0.0], [], [-8.0]],
        "J_E": [[31.0, 51.0, 1.0], [], [22.0]],
    }
    flat = {
        "n": np.array([3, 0, 1]),
        "met_x": np.array([3.0, 0.0, -6.0]),
        "met_y": np.array([4.0, 1.0, 8.0]),
        "label": np.array([1, 0, 1]),
        "w": np.array([0.5, 1.0, 2.0]),
    }
    return lists, flat


EXPECTED = [
    [3, 51, 40, 30, 0, 31, 30, 0, 5, 5, 3, 4, 0],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0],
    [1, 22, 20, 0, -8, 0, 0, 0, 0, 10, -6, 8, 0],
]


def write(path):
    lists, flat = table()
    if path.suffix == ".parquet":
        pq.write_table(
            pa.table(lists | {n: pa.array(v) for n, v in flat.items()}), path
        )
        return path
    with uproot.recreate(path) as file:
        branches = {n: ak.Array(v) for n, v in lists.items()} | flat
        if path.stem == "ntuple":
            file.mkrntuple("events", branches)
        else:
            kinds = dict.fromkeys(lists, "var * float32")
            kinds |= {name: values.dtype for name, values in flat.items()}
            file.mktree("events", kinds).extend(branches)
    return path


@pytest.mark.parametrize("name", ["e.parquet", "e.root", "ntuple.root"])
@pytest.mark.parametrize("rows", [1, 2, 100])
@pytest.mark.filterwarnings("ignore:.*events have more than 2")
def test_features_of_particles(name, rows, tmp_path, monkeypatch):
    monkeypatch.setattr("kerashep.data.source._CHUNK_ROWS", rows)
    path = write(tmp_path / name)
    events = read_events(path, MAP, provenance="simulated")
    np.testing.assert_allclose(events.features, EXPECTED)
    assert events.feature_names == MAP.feature_names
    assert events.feature_names[-4:] == ("met_0_E", "met_0_px", "met_0_py", "met_0_pz")
    assert events.feature_units == ("", *["GeV"] * 12)
    assert events.weight.tolist() == [0.5, 1, 2]
    blocks = list(iter_events(path, MAP, provenance="simulated", rows=rows))
    np.testing.assert_allclose(np.concatenate([b.features for b in blocks]), EXPECTED)
    assert blocks[0].feature_names == events.feature_names


def test_particles_alone_are_features_enough(tmp_path):
    columns = ColumnMap(particles=[{**JETS, "count": 3}])
    events = read_events(write(tmp_path / "e.root"), columns, provenance="pythia")
    assert events.features.shape == (3, 12)


def test_left_out_particles_are_told_once_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr("kerashep.data.source._CHUNK_ROWS", 1)
    path = write(tmp_path / "e.parquet")
    with pytest.warns(
        UserWarning, match=r"e.parquet': 1 of 3 events have more"
    ) as told:
        read_events(path, MAP, provenance="simulated")
    assert len(told) == 1


@pytest.mark.parametrize("name", ["e.parquet", "e.root"])
def test_lists_that_are_not_declared_are_refused_with_the_key(name, tmp_path):
    path = write(tmp_path / name)
    columns = ColumnMap(features=["n", "J_E"])
    with pytest.raises(ValueError, match=r"'J_E' .*data\.columns\.particles"):
        read_events(path, columns, provenance="simulated")
    wrong = ColumnMap(particles=[{**JETS, "E": "J_e"}])
    with pytest.raises(ValueError, match=r"no column 'J_e'\. Did you mean 'J_E'"):
        read_events(path, wrong, provenance="simulated")
    also_flat = ColumnMap(particles=[{**JETS, "px": "J_px"}], weight="J_w")
    with pytest.raises(ValueError, match=r"no column 'J_px'\..*2 are missing"):
        read_events(path, also_flat, provenance="simulated")


def test_faults_name_file_column_and_row(tmp_path, monkeypatch):
    monkeypatch.setattr("kerashep.data.source._CHUNK_ROWS", 1)
    lists, flat = table()
    lists["J_E"][2] = [-22.0]
    path = tmp_path / "e.parquet"
    pq.write_table(pa.table(lists | flat), path)
    message = (
        r"Column 'J_E' of '.*e.parquet' has 1 negative energies, the first in row 2"
    )
    with pytest.raises(ValueError, match=message):
        read_events(path, MAP, provenance="simulated")
    lists["J_E"][2] = [22.0, 3.0]
    pq.write_table(pa.table(lists | flat), path)
    with pytest.raises(ValueError, match=r"e.parquet': .*row 2, 'J_E' has 2 .*'J_x' 1"):
        read_events(path, MAP, provenance="simulated")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"features": [], "particles": []}, "must name at least one column"),
        ({"particles": [JETS, JETS]}, "`particles` name features twice: jet_0_E"),
        ({"particles": [JETS], "label": "J_E"}, "both a feature and `label`"),
        ({"particles": [{"p": 1}]}, "Unknown key 'p' of a group"),
    ],
)
def test_column_maps_that_make_no_sense(fields, message):
    with pytest.raises(ValueError, match=message):
        ColumnMap(**fields)


def test_the_published_events():
    path = SHARED / "single_top.root"
    if not path.exists():
        pytest.skip("the shared data sets are not here")
    group = dict(zip(("E", "px", "py", "pz"), ("E", "Px", "Py", "Pz"), strict=True))
    jets = {"name": "jet", **{k: f"Jet_{v}" for k, v in group.items()}, "count": 8}
    columns = ColumnMap(particles=[jets], label=None, weight="EventWeight")
    events = read_events(path, columns, provenance="simulated", label=1)
    with uproot.open(path) as file:
        found = file["events"].arrays(["Jet_Px", "NJet"], library="np")
    padded = events.features.reshape(len(events), 8, 4)
    np.testing.assert_array_equal((padded[..., 0] > 0).sum(axis=1), found["NJet"])
    sums = [float(np.sum(row)) for row in found["Jet_Px"]]
    np.testing.assert_allclose(padded[..., 1].sum(axis=1), sums, rtol=1e-3, atol=1e-3)
