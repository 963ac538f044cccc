import gzip
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import uproot

from kerashep.data.tables import read_table
from kerashep.data.writers import table_writer

SUFFIXES = ("parquet", "csv", "csv.gz", "h5", "hdf5", "root")


def chunk(rows: int = 10, start: int = 0) -> dict[str, np.ndarray]:
    number = np.arange(start, start + rows)
    return {
        "pt": (number * 0.1).astype("float32"),
        "event": number,
        "process": np.array([f"p{i % 3}" for i in number], object),
    }


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_chunks_are_appended(suffix, tmp_path):
    path = tmp_path / f"out.{suffix}"
    with table_writer(path) as writer:
        writer.write(chunk(10))
        writer.write(chunk(0, 10))
        writer.write(dict(reversed(chunk(7, 10).items())))
        assert writer.rows == 17
    table = read_table(path)
    assert list(table) == ["pt", "event", "process"]
    for name, expected in chunk(17).items():
        np.testing.assert_array_equal(table[name].astype(expected.dtype), expected)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_other_libraries_read_the_files(tmp_path):
    for suffix in SUFFIXES:
        with table_writer(tmp_path / f"out.{suffix}", tree="scores") as writer:
            writer.write(chunk())
    expected = pd.DataFrame(chunk())
    for frame in (
        pd.read_parquet(tmp_path / "out.parquet"),
        pd.read_csv(tmp_path / "out.csv"),
        pd.read_csv(tmp_path / "out.csv.gz"),
    ):
        pd.testing.assert_frame_equal(frame, expected, check_dtype=False, rtol=1e-6)
    tree = uproot.open(tmp_path / "out.root")["scores"]
    assert type(tree).__name__.startswith("Model_TTree")
    np.testing.assert_array_equal(tree["pt"].array(library="np"), expected["pt"])
    with h5py.File(tmp_path / "out.h5") as file:
        np.testing.assert_array_equal(file["scores/event"][:], expected["event"])
    text = gzip.decompress((tmp_path / "out.csv.gz").read_bytes())
    assert text.startswith(b"pt,event,process\n0,0,")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_failure_leaves_the_old_file(suffix, tmp_path):
    path = tmp_path / f"out.{suffix}"
    path.write_text("old")

    def fail() -> None:
        with table_writer(path) as writer:
            writer.write(chunk())
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_written_is_an_error(suffix, tmp_path):
    with (
        pytest.raises(ValueError, match="Nothing was written"),
        table_writer(tmp_path / f"out.{suffix}"),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_unknown_suffix(tmp_path):
    with (
        pytest.raises(ValueError, match=r"no format to write. Did you mean '\.root'"),
        table_writer(tmp_path / "out.rot"),
    ):
        pass
    with pytest.raises(ValueError, match="no format"), table_writer(Path("out")):
        pass


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (
            {"pt": np.ones(2, "f4"), "event": [1, 2]},
            "must have the columns pt, event, pr",
        ),
        (
            {**chunk(2), "event": [1.5, 2]},
            "'event' changes from int64 to float64 after 3",
        ),
        ({**chunk(2), "pt": np.ones(3)}, "of one length. Received: .*'pt': .3,."),
        ({**chunk(2), "pt": np.ones((2, 2))}, "one-dimensional"),
    ],
)
def test_chunks_must_agree(second, message, tmp_path):
    def write() -> None:
        with table_writer(tmp_path / "out.parquet") as writer:
            writer.write(chunk(3))
            writer.write(second)

    with pytest.raises(ValueError, match=message):
        write()


def test_numbers_keep_the_first_dtype(tmp_path):
    path = tmp_path / "out.parquet"
    with table_writer(path) as writer:
        writer.write({"pt": np.ones(2, "float32")})
        writer.write({"pt": np.arange(2)})
    assert read_table(path)["pt"].dtype == np.float32


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_absent_texts_are_written_as_blank_or_null(suffix, tmp_path):
    path = tmp_path / f"out.{suffix}"
    with table_writer(path) as writer:
        writer.write({"kind": np.array(["a", None], object), "n": [1, 2]})
    assert [text or "" for text in read_table(path)["kind"]] == ["a", ""]


def test_csv_may_turn_from_integers_to_floats(tmp_path):
    path = tmp_path / "out.csv"
    with table_writer(path) as writer:
        writer.write({"njets": [2]})
        writer.write({"njets": [np.nan]})
        writer.write({"njets": [2.5]})
    np.testing.assert_array_equal(read_table(path)["njets"], [2, np.nan, 2.5])
