"""Reading UCI HIGGS: a tiny file in its layout, and the published events."""

import gzip

import numpy as np
import pytest

from kerashep.datasets import load_dataset, load_uci_higgs
from tests.datasets.higgsml_files import UCI_HIGGS, needs_uci_higgs


@pytest.fixture
def table():
    table = np.random.default_rng(0).normal(size=(300, 29)).round(3)
    table[:, 0] = np.arange(300) % 2
    return table


@pytest.fixture
def path(tmp_path, table):
    path = tmp_path / "HIGGS.csv.gz"
    with gzip.open(path, "wt") as file:
        np.savetxt(file, table, delimiter=",", fmt="%.18e")
    return path


def test_all_and_part(path, table, monkeypatch):
    monkeypatch.setattr("kerashep.datasets.uci_higgs.BLOCK_BYTES", 20_000)
    events = load_uci_higgs(path)
    np.testing.assert_array_equal(events.features, table[:, 1:].astype("float32"))
    np.testing.assert_array_equal(events.label, table[:, 0])
    assert events.provenance == "simulated"
    assert events.feature_names[:2] == ("lepton_pT", "lepton_eta")
    assert events.feature_names[8] == "jet_1_b_tag"
    assert events.feature_names[-1] == "m_wwbb"
    part = load_dataset("uci_higgs", path=path.parent, max_events=101)
    np.testing.assert_array_equal(part.features, events.features[:101])
    assert len(load_uci_higgs(path, max_events=1000)) == 300


def test_unpacked(tmp_path, path):
    (tmp_path / "x.csv").write_bytes(gzip.decompress(path.read_bytes()))
    assert len(load_uci_higgs(tmp_path / "x.csv")) == 300


def test_part_does_not_read_the_rest(tmp_path, path, monkeypatch):
    monkeypatch.setattr("kerashep.datasets.uci_higgs.BLOCK_BYTES", 20_000)
    text = gzip.decompress(path.read_bytes()) + b"not,numbers\n"
    (tmp_path / "x.csv").write_bytes(text)
    assert len(load_uci_higgs(tmp_path / "x.csv", max_events=20)) == 20
    with pytest.raises(ValueError, match=r"cannot be read as UCI HIGGS.*Expected 29"):
        load_uci_higgs(tmp_path / "x.csv")


def test_bad_input(tmp_path, path):
    with pytest.raises(FileNotFoundError, match=r"archive.ics.uci.edu/dataset/280"):
        load_uci_higgs(tmp_path / "nothing")
    (tmp_path / "short.csv.gz").write_bytes(path.read_bytes()[:-2000])
    (tmp_path / "header.csv").write_text(",".join(f"c{i}" for i in range(29)) + "\n")
    (tmp_path / "empty.csv").write_text("")
    for name in ("short.csv.gz", "header.csv", "empty.csv"):
        with pytest.raises(ValueError, match=f"{name}' cannot be read as UCI HIGGS"):
            load_uci_higgs(tmp_path / name)
    (tmp_path / "nan.csv").write_text(",".join(["1", "2", "nan", *["1"] * 26]) + "\n")
    with pytest.raises(ValueError, match="'lepton_eta' has 1 NaN"):
        load_uci_higgs(tmp_path / "nan.csv")
    (tmp_path / "label.csv").write_text(",".join(["3", *["1"] * 28]) + "\n")
    with pytest.raises(ValueError, match="'label' has 1 values other than 0 and 1"):
        load_uci_higgs(tmp_path / "label.csv")
    with pytest.raises(ValueError, match="max_events=0"):
        load_uci_higgs(path, max_events=0)


@needs_uci_higgs
def test_published_events():
    events = load_uci_higgs(UCI_HIGGS)
    assert events.features.shape == (7500, 28)
    np.testing.assert_allclose(events.features[0, :3], [0.869, -0.635, 0.226])
    assert 0.5 < events.label.mean() < 0.56  # 53 % in all 11M events
    # Masses of true decays: a peak near the W's mass, 1 in the archive's unit.
    assert np.median(events.column("m_jj")) == pytest.approx(0.9, abs=0.1)
