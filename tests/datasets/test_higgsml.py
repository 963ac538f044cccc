"""Reading HiggsML: a tiny file in its layout, and the published events."""

import numpy as np
import pytest

from kerashep.data import with_training_weights
from kerashep.data.symmetry import PhiRotation, Reflection
from kerashep.datasets import load_dataset, load_higgsml
from kerashep.datasets.higgsml import CATEGORICAL, POLAR_VECTORS, VECTORS
from tests.datasets.higgsml_files import (
    HEADER,
    HIGGSML,
    needs_higgsml,
    published,
    write_higgsml,
)

YIELDS = {1: 691.99, 0: 410_999.85}


@pytest.fixture
def path(tmp_path):
    return write_higgsml(tmp_path / "atlas-higgs-challenge-2014-v2.csv.gz")


def sums(events):
    return {value: events.weight[events.label == value].sum() for value in (0, 1)}


def test_columns_as_in_the_file(path):
    events = load_higgsml(path)
    assert events.feature_names == tuple(HEADER[1:31])
    assert events.event_id.tolist() == list(range(7, 17))
    assert events.label.tolist() == [1, 0, 0, 1, 1, 0, 0, 1, 0, 1]
    assert events.process_names == ("background", "signal")
    np.testing.assert_array_equal(events.process, events.label)
    assert events.provenance == "real"
    assert events.column("DER_mass_MMC")[0] == np.float32(138.47)
    assert events.column("PRI_jet_all_pt")[2] == 0
    units = dict(zip(events.feature_names, events.feature_units, strict=True))
    assert units["PRI_met_sumet"] == units["DER_pt_h"] == "GeV"
    assert units["PRI_tau_phi"] == "rad"
    assert units["PRI_tau_eta"] == units["DER_met_phi_centrality"] == ""


def test_missing_is_nan(path):
    missing = np.isnan(load_higgsml(path).features)
    assert missing.sum(axis=1).tolist() == [0, 7, 11, 0, 11, 7, 0, 7, 0, 0]
    names = np.array(HEADER[1:31])
    assert names[missing[1]].tolist() == [
        *("DER_deltaeta_jet_jet", "DER_mass_jet_jet", "DER_prodeta_jet_jet"),
        *("DER_lep_eta_centrality", "PRI_jet_subleading_pt"),
        *("PRI_jet_subleading_eta", "PRI_jet_subleading_phi"),
    ]


def test_categorical_column(path):
    events = load_higgsml(path)
    assert CATEGORICAL == {"PRI_jet_num": 4}
    assert events.column("PRI_jet_num").tolist() == [2, 1, 0, 2, 0, 1, 2, 1, 2, 2]


def test_weights_are_scaled_to_the_whole_training_set(path):
    for kaggle_set in (None, "t", "b", ["t", "b"]):
        events = load_higgsml(path, kaggle_set=kaggle_set)
        assert sums(events) == pytest.approx(YIELDS)
    events = load_higgsml(path, kaggle_set="t")
    signal = events.weight[events.label == 1]
    assert signal[1] / signal[0] == pytest.approx(3)
    file = load_higgsml(path, scale_weights=False)
    assert file.weight.tolist() == [0.5, 2, 4, 1.5, 3, 8, 16, 6, 1, 1]


def test_selection(path):
    assert load_higgsml(path, kaggle_set="v").event_id.tolist() == [13, 14]
    both = load_higgsml(path, kaggle_set=["b", "v"], max_events=3)
    assert both.event_id.tolist() == [11, 12, 13]
    assert load_higgsml(path, max_events=2).event_id.tolist() == [7, 8]


def test_kaggle_files(tmp_path):
    absent = ("KaggleSet", "KaggleWeight")
    training = write_higgsml(tmp_path / "training.csv", drop=absent)
    events = load_higgsml(training, scale_weights=False)
    assert events.weight[:3].tolist() == [0.001, 0.7, 0.8]
    test = write_higgsml(tmp_path / "test.csv", drop=(*absent, "Weight", "Label"))
    events = load_higgsml(test, cartesian=True)
    assert events.unlabelled
    assert np.isnan(events.label).all()
    assert events.process_names == ("unknown",)
    assert (events.weight == 1).all()
    with pytest.raises(ValueError, match="no signal"):
        with_training_weights(events, "balanced")
    with pytest.raises(ValueError, match=r"no column 'KaggleSet'.*kaggle_set='t'"):
        load_higgsml(training, kaggle_set="t")


def test_cartesian(path):
    polar, events = load_higgsml(path), load_higgsml(path, cartesian=True)
    assert events.features.shape == (10, 31)
    pt, eta, phi = (polar.column(f"PRI_lep_{what}") for what in ("pt", "eta", "phi"))
    px, py, pz = (events.column(f"PRI_lep_p{axis}") for axis in "xyz")
    np.testing.assert_allclose(np.hypot(px, py), pt, rtol=1e-6)
    np.testing.assert_allclose(np.arctan2(py, px), phi, rtol=1e-6)
    np.testing.assert_allclose(np.arcsinh(pz / pt), eta, rtol=1e-6)
    met = np.hypot(events.column("PRI_met_px"), events.column("PRI_met_py"))
    np.testing.assert_allclose(met, events.column("PRI_met"), rtol=1e-6)
    assert np.isnan(events.column("PRI_jet_leading_pz")).sum() == 2
    for name in polar.feature_names[:13]:
        np.testing.assert_array_equal(events.column(name), polar.column(name))


def test_declared_vectors_fit_the_transforms(path):
    events = load_higgsml(path, cartesian=True)
    assert len(VECTORS) == 5
    half_turn = PhiRotation(VECTORS).for_features(events.feature_names)
    turned = half_turn.apply(events.features, np.full(10, np.pi, "float32"))
    changed = ~np.isclose(turned, events.features, equal_nan=True).all(axis=0)
    axes = [name[-3:] for name in np.array(events.feature_names)[changed]]
    assert axes == ["_px", "_py"] * 5
    flip = Reflection("z", VECTORS).for_features(events.feature_names)
    flipped = flip.apply(events.features, -np.ones(10, "float32"))
    changed = ~np.isclose(flipped, events.features, equal_nan=True).all(axis=0)
    assert changed.sum() == 4
    polar = load_higgsml(path)
    PhiRotation(POLAR_VECTORS).for_features(polar.feature_names)


def test_balanced_training_weights_are_those_of_the_study(path):
    events = with_training_weights(load_higgsml(path, kaggle_set="t"), "balanced")
    weight = events.training_weight
    assert weight.mean() == pytest.approx(1)
    signal = events.label == 1
    assert weight[signal].sum() == pytest.approx(weight[~signal].sum())
    assert weight[3] / weight[0] == pytest.approx(3)


def test_found_in_its_folder_by_name(path, monkeypatch):
    assert len(load_dataset("higgsml", path=path.parent, max_events=4)) == 4
    monkeypatch.setenv("KERASHEP_DATA", str(path.parent))
    assert len(load_higgsml()) == 10


@pytest.mark.parametrize(
    ("file", "arguments", "message"),
    [
        ({"drop": ["PRI_tau_eta", "DER_pt_h"]}, {}, "lacks 2 columns, DER_pt_h, PRI_t"),
        ({"rename": {"EventId": "id"}}, {}, "lacks 1 columns, EventId"),
        ({"drop": ["Weight", "KaggleWeight"]}, {}, "columns, KaggleWeight"),
        ({"drop": ["Label"]}, {}, "lacks 1 columns, Label"),
        ({"change": [(2, "Label", "B")]}, {}, "'Label'.*'s' and 'b'. Received: 'B'"),
        ({"change": [(1, "PRI_jet_num", "7")]}, {}, "0 to 3.*1 other.* 7 in row 1"),
        ({"change": [(3, "PRI_lep_pt", "nan")]}, {}, "'PRI_lep_pt'.*first in row 3"),
        ({"change": [(3, "PRI_lep_pt", "high")]}, {}, "'PRI_lep_pt'"),
        ({"change": [(3, "KaggleWeight", "inf")]}, {}, "'KaggleWeight'"),
        ({}, {"kaggle_set": "w"}, "Unknown `kaggle_set` 'w'.*b, t, u, v"),
        ({}, {"max_events": 0}, "max_events=0"),
        ({}, {"max_events": 1}, "0 background events sum to 0"),
        (
            {"change": [(6, "KaggleSet", "b"), (7, "KaggleSet", "b")]},
            {"kaggle_set": "v"},
            r"No event.*\['v'\]. It holds: b, t, u",
        ),
    ],
)
def test_bad_input(tmp_path, file, arguments, message):
    path = write_higgsml(tmp_path / "events.csv", **file)
    with pytest.raises(ValueError, match=message):
        load_higgsml(path, **arguments)


def test_absent_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"opendata.cern.ch/record/328"):
        load_higgsml(tmp_path)


@needs_higgsml
def test_published_events():
    table = published()
    events = load_higgsml(HIGGSML, kaggle_set="t")
    assert len(events) == 16_000
    assert events.event_id.tolist() == list(range(100_000, 116_000))
    assert (int(events.label.sum()), int((events.label == 0).sum())) == (5433, 10_567)
    for name in events.feature_names:
        np.testing.assert_array_equal(
            events.column(name), table[name].astype("float32"), err_msg=name
        )
    assert sums(events) == pytest.approx(YIELDS)
    # The study's rule for a subset, 250000 / n, gives the same up to fluctuations.
    file = load_higgsml(HIGGSML, scale_weights=False)
    for value, total in sums(file).items():
        weight = file.weight[file.label == value]
        error = np.sqrt((weight**2).sum()) * 250_000 / 16_000
        assert total * 250_000 / 16_000 == pytest.approx(YIELDS[value], abs=4 * error)
