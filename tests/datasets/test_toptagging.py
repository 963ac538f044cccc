"""Top-tagging files: the reference layout and lists."""

import pickle

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kerashep.datasets import load_dataset, load_toptagging
from kerashep.datasets.toptagging import CHUNK_ROWS, MD5

PARTS = ("E", "PX", "PY", "PZ")
NAMES = [f"{part}_{i}" for i in range(200) for part in PARTS]


def jets(rows=60, seed=0):
    rng = np.random.default_rng(seed)
    x = np.zeros((rows, 200, 4), "f4")
    for row, count in enumerate(rng.integers(1, 30, rows)):
        momentum = rng.normal(0, 50, (count, 3))
        momentum = momentum[np.argsort(-np.hypot(momentum[:, 0], momentum[:, 1]))]
        x[row, :count, 1:] = momentum
        x[row, :count, 0] = np.sqrt((momentum**2).sum(axis=1))
    return x, np.arange(rows) % 2


def write_reference(path, x, y, names=NAMES):
    """As pandas' `to_hdf(key="table", format="table")` lays the public files out."""
    rows = np.zeros(
        len(x),
        [
            ("index", "i8"),
            ("values_block_0", "f4", (804,)),
            ("values_block_1", "i8", (2,)),
        ],
    )
    rows["values_block_0"][:, :800] = x.reshape(len(x), 800)
    rows["values_block_0"][:, 800:] = -1
    rows["values_block_1"][:, 1] = y
    with h5py.File(path, "w") as file:
        group = file.create_group("table")
        group.attrs["pandas_type"] = "frame_table"
        table = group.create_dataset(
            "table", data=rows, chunks=(16,), compression="gzip"
        )
        packed = [*names, "truthE", "truthPX", "truthPY", "truthPZ"]
        table.attrs["values_block_0_kind"] = np.bytes_(pickle.dumps(packed, 0))
        table.attrs["values_block_1_kind"] = np.bytes_(
            pickle.dumps(["ttv", "is_signal_new"], 0)
        )
    return path


def write_lists(path, x, y):
    counts = (x[..., 0] > 0).sum(axis=1)
    columns = {
        name: [x[row, :count, i].tolist() for row, count in enumerate(counts)]
        for i, name in enumerate(PARTS)
    }
    pq.write_table(pa.table({**columns, "is_signal_new": y.astype("i1")}), path)
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("KERASHEP_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = tmp_path / "data"
    place.mkdir()
    for seed, name in enumerate(("train", "val", "test")):
        write_reference(place / f"{name}.h5", *jets(seed=seed))
    return place


def test_flat_columns_must_fall_in_pt(tmp_path):
    x, y = jets()
    x[3, :2] = [[5, 3, 4, 0], [10, 0, 10, 0]]
    path = write_reference(tmp_path / "unsorted.h5", x, y)
    with pytest.raises(ValueError, match=r"ordered by falling pt.*: 1 of 60 jets"):
        load_toptagging(path, constituents=20)


@pytest.mark.parametrize(
    ("split", "seed"), [("train", 0), ("validation", 1), ("test", 2)]
)
def test_reference_files(folder, split, seed):
    x, y = jets(seed=seed)
    events = load_dataset("toptagging", path=folder, split=split, constituents=20)
    np.testing.assert_array_equal(events.features.reshape(60, 20, 4), x[:, :20])
    np.testing.assert_array_equal(events.label, y)
    assert events.feature_names == tuple(NAMES[:80])
    assert events.provenance == "pythia"
    assert events.process_names == ("QCD", "top")
    assert set(events.feature_units) == {"GeV"}


@pytest.mark.parametrize("writer", [write_reference, write_lists])
def test_parts_of_a_file(writer, tmp_path, monkeypatch):
    monkeypatch.setattr("kerashep.datasets.toptagging.CHUNK_ROWS", 7)
    x, y = jets()
    path = writer(tmp_path / "toptag_any", x, y)
    part = load_toptagging(path, constituents=5, first_event=10, max_events=23)
    np.testing.assert_array_equal(part.features.reshape(23, 5, 4), x[10:33, :5])
    np.testing.assert_array_equal(part.label, y[10:33])
    whole = load_toptagging(path)
    assert whole.features.shape == (60, 640)
    rest = load_toptagging(path, first_event=55, max_events=100, constituents=200)
    np.testing.assert_array_equal(rest.features.reshape(5, 200, 4), x[55:])


def test_only_the_asked_for_rows_are_read(tmp_path, monkeypatch):
    path = write_lists(tmp_path / "a.parquet", *jets())
    monkeypatch.setattr("kerashep.datasets.toptagging.CHUNK_ROWS", 7)
    read = []
    from kerashep.datasets import toptagging

    plain = toptagging._features
    monkeypatch.setattr(toptagging, "_features", lambda *a: read.append(1) or plain(*a))
    load_toptagging(path, max_events=10)
    assert len(read) == 2
    assert CHUNK_ROWS >= 1000


def test_a_folder_with_lists(tmp_path):
    x, y = jets()
    write_lists(tmp_path / "toptag_small.parquet", x, y)
    events = load_toptagging(tmp_path, constituents=30)
    np.testing.assert_array_equal(events.features.reshape(60, 30, 4), x[:, :30])


def test_a_split_is_a_file_of_its_own(tmp_path):
    """Never the jets that another split would be."""
    path = write_lists(tmp_path / "toptag_small.parquet", *jets())
    with pytest.raises(FileNotFoundError, match=r"test\.h5, test\.parquet"):
        load_toptagging(tmp_path, split="test")
    with pytest.raises(ValueError, match="`split` chooses a file of a folder"):
        load_toptagging(path, split="test")
    write_lists(tmp_path / "test.parquet", *jets(rows=20, seed=1))
    assert len(load_toptagging(tmp_path, split="test")) == 20
    assert len(load_toptagging(tmp_path)) == 60


def test_wrong_files_and_arguments(folder, tmp_path):
    x, y = jets()
    other = write_reference(tmp_path / "x.h5", x, y, [f"f{i}" for i in range(800)])
    with pytest.raises(ValueError, match=r"no file of top tagging: it lacks E_0, PX_0"):
        load_toptagging(other)
    labels = write_lists(tmp_path / "y.parquet", x, y * 2)
    with pytest.raises(ValueError, match=r"must hold 0 \(QCD\) and 1 .*Received: 0, 2"):
        load_toptagging(labels)
    for arguments, message in (
        ({"split": "val"}, "Did you mean 'validation'|Unknown split 'val'"),
        ({"constituents": 0}, "from 1 to 200"),
        ({"first_event": 60}, "no jet number 60"),
        ({"first_event": -1}, "must not be negative"),
        ({"max_events": 0}, "`max_events` positive"),
    ):
        with pytest.raises(ValueError, match=message):
            load_toptagging(folder, **arguments)


def test_absent_files(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"zenodo\.org/records/2603256.*fetch"):
        load_toptagging(tmp_path)
    asked = []

    def retrieve(url, known_hash, fname, path):
        asked.append((url, known_hash))
        return write_reference(path / fname, *jets())

    monkeypatch.setattr("pooch.retrieve", retrieve)
    assert len(load_toptagging(tmp_path, split="test", fetch=True)) == 60
    (url, known_hash) = asked[0]
    assert url == "https://zenodo.org/records/2603256/files/test.h5"
    assert known_hash == f"md5:{MD5['test.h5']}"

    def fail(*_, **__):
        raise OSError("no route")

    monkeypatch.setattr("pooch.retrieve", fail)
    with pytest.raises(ConnectionError, match=r"by hand.*no route"):
        load_toptagging(tmp_path, split="train", fetch=True)
