"""Reading files in exactly UCI's layout."""

import gzip
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from kerashep.datasets import hepmass
from kerashep.datasets.hepmass import load_hepmass


def test_layout_of_the_test_file(hepmass_folder):
    with gzip.open(hepmass_folder / "all_train.csv.gz", "rt") as file:
        header, first = file.readline(), file.readline()
    assert header.startswith("# label,f0,f1,")
    assert header.endswith(",f26,mass\n")
    assert first.startswith("0.000000000000000000e+00,")


def test_events(hepmass_folder, hepmass_table):
    events = load_hepmass(hepmass_folder)
    table = hepmass_table.astype(np.float32)
    np.testing.assert_allclose(events.features, table[:, 1:-1], rtol=1e-6)
    np.testing.assert_array_equal(events.label, table[:, 0])
    np.testing.assert_array_equal(events.column("mass"), np.round(hepmass_table[:, -1]))
    assert events.feature_names[0] == "f0"
    assert events.feature_names[-1] == "f26"
    assert events.provenance == "simulated"
    assert set(events.column("mass")[events.label == 0]) == set(hepmass.MASSES_GEV)


def test_split_and_first_events(hepmass_folder):
    assert len(load_hepmass(hepmass_folder, split="test")) == 100
    some = load_hepmass(hepmass_folder, max_events=7)
    np.testing.assert_array_equal(
        some.features, load_hepmass(hepmass_folder).features[:7]
    )
    assert len(load_hepmass(hepmass_folder, max_events=10_000)) == 600


@pytest.mark.parametrize("way", ["environment", "file", "unpacked"])
def test_ways_to_give_the_place(hepmass_folder, monkeypatch, way):
    packed = hepmass_folder / "all_train.csv.gz"
    path = None
    if way == "environment":
        monkeypatch.setenv("KERASHEP_DATA", str(hepmass_folder))
    elif way == "file":
        path = str(packed)
    else:
        path = hepmass_folder
        (hepmass_folder / "all_train.csv").write_bytes(
            gzip.decompress(packed.read_bytes())
        )
        packed.unlink()
    assert len(load_hepmass(path)) == 600


def test_many_blocks_give_the_same(hepmass_folder, monkeypatch):
    whole = load_hepmass(hepmass_folder).features
    for made in hepmass_folder.glob("*.parquet"):
        made.unlink()
    monkeypatch.setattr(hepmass, "BLOCK_BYTES", 5000)
    np.testing.assert_array_equal(load_hepmass(hepmass_folder).features, whole)


def test_few_events_are_read_without_converting_the_file(hepmass_folder, monkeypatch):
    monkeypatch.setattr(hepmass, "BLOCK_BYTES", 20_000)
    some = load_hepmass(hepmass_folder, max_events=150)
    assert not list(hepmass_folder.glob("*.parquet"))
    assert len(load_hepmass(hepmass_folder, max_events=10_000)) == 600
    whole = load_hepmass(hepmass_folder)
    assert len(list(hepmass_folder.glob("*.parquet"))) == 1
    for name in ("features", "label", "parameters"):
        np.testing.assert_array_equal(getattr(some, name), getattr(whole, name)[:150])
    again = load_hepmass(hepmass_folder, max_events=150)
    np.testing.assert_array_equal(again.features, some.features)


def test_conversion_happens_once_and_again_when_the_text_changes(
    hepmass_folder, monkeypatch
):
    load_hepmass(hepmass_folder)
    made = hepmass_folder / "all_train.csv.parquet"
    first = made.stat().st_mtime_ns
    load_hepmass(hepmass_folder)
    assert made.stat().st_mtime_ns == first
    shutil.copy(hepmass_folder / "all_test.csv.gz", hepmass_folder / "all_train.csv.gz")
    assert len(load_hepmass(hepmass_folder)) == 100
    (hepmass_folder / "all_train.csv.gz").unlink()
    assert len(load_hepmass(hepmass_folder)) == 100
    monkeypatch.setattr(hepmass, "_convert", lambda *_: pytest.fail("converted again"))
    assert len(load_hepmass(hepmass_folder)) == 100


def test_folder_that_cannot_be_written_uses_the_cache(hepmass_folder, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert len(load_hepmass(hepmass_folder)) == 600
    assert not list(hepmass_folder.glob("*.parquet"))
    monkeypatch.setattr(hepmass, "_convert", lambda *_: pytest.fail("converted again"))
    assert len(load_hepmass(hepmass_folder)) == 600


def test_absent_file_says_where_to_get_it(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"archive.ics.uci.edu/dataset/347/hepmass.*'resonance'"
    ):
        load_hepmass(tmp_path)


def test_download_is_verified(tmp_path, monkeypatch):
    import pooch

    calls = []

    def retrieve(url, known_hash, fname, path):
        calls.append((url, known_hash))
        assert fname == "all_test.csv.gz"
        Path(path).mkdir(parents=True, exist_ok=True)
        raise ConnectionResetError("no network")

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(ConnectionError, match=r"by hand from .*Reason: no network"):
        load_hepmass(tmp_path / "new", split="test", fetch=True)
    (url, known_hash) = calls[0]
    assert url.endswith("/00347/all_test.csv.gz")
    assert known_hash.startswith("sha256:")
    assert len(known_hash) == len("sha256:") + 64


def broken(folder, how):
    path = folder / "all_train.csv"
    with gzip.open(folder / "all_train.csv.gz", "rt") as file:
        lines = file.read().splitlines()
    if how == "header":
        lines = lines[1:]
    elif how == "columns":
        lines[5] = lines[5].rsplit(",", 1)[0]
    elif how == "text":
        lines[5] = lines[5].replace("e+00", "zz", 1)
    elif how == "nan":
        lines[5] = lines[5].split(",", 2)[0] + ",nan," + lines[5].split(",", 2)[2]
    elif how == "mass":
        lines[5] = lines[5].rsplit(",", 1)[0] + ",6.0e+02"
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("header", "header line '# label,f0,...,f26,mass'. Received: '0.0000"),
        ("columns", "truncated or of another kind.*Expected 29 columns, got 28"),
        ("text", "truncated or of another kind.*conversion error"),
        ("nan", "Column 'f0' has 1 NaN"),
        ("mass", "Column 'mass' must hold.*1 other values, the first 600 in row 4"),
    ],
)
def test_broken_files(hepmass_folder, how, message):
    broken(hepmass_folder, how)
    for wanted in (None, 600):
        with pytest.raises(ValueError, match=message):
            load_hepmass(hepmass_folder, max_events=wanted)


def test_truncated_file_leaves_no_parquet_behind(hepmass_folder):
    packed = hepmass_folder / "all_train.csv.gz"
    packed.write_bytes(packed.read_bytes()[:20_000])
    with pytest.raises(ValueError, match="truncated"):
        load_hepmass(hepmass_folder)
    assert not list(hepmass_folder.glob("*train*parquet*"))


def test_bad_arguments(hepmass_folder):
    with pytest.raises(ValueError, match="Did you mean 'train'"):
        load_hepmass(hepmass_folder, split="trian")
    with pytest.raises(ValueError, match="max_events=0"):
        load_hepmass(hepmass_folder, max_events=0)
