"""Single top and its backgrounds: production, selection, features."""

import numpy as np
import pytest

from kerashep.datasets.simulators.kinematics import (
    boost,
    invariant_mass,
    pseudorapidity,
    transverse_momentum,
)
from kerashep.datasets.simulators.production import JETS
from kerashep.datasets.simulators.single_top import COMPONENTS, simulate, weights
from kerashep.datasets.simulators.single_top_features import (
    QCD_FEATURES,
    TOP_FEATURES,
    feature_unit,
    single_top_features,
)
from kerashep.datasets.simulators.single_top_observation import observe

DRAWN = 65_536
NAMES = ("single_top", "tt_jets", "tt_leptons", "W_jets", "QCD", "WW", "WZ")


@pytest.fixture(scope="module")
def drawn():
    return {
        name: part.draw(np.random.default_rng(3), DRAWN)
        for name, part in zip(NAMES, COMPONENTS, strict=True)
    }


@pytest.fixture(scope="module")
def observed():
    """From other draws: observing merges the jets of its events."""
    return {
        name: observe(
            np.random.default_rng(4), part.draw(np.random.default_rng(4), DRAWN)
        )
        for name, part in zip(NAMES, COMPONENTS, strict=True)
    }


@pytest.fixture(scope="module")
def features(observed):
    return {name: single_top_features(events) for name, events in observed.items()}


@pytest.mark.parametrize("name", NAMES)
def test_drawn_events(drawn, name):
    events = drawn[name]
    count = events.lepton.shape[1]
    assert 0 < count <= DRAWN
    assert events.tags.any(axis=0).all()
    assert events.tags.shape == (JETS, count)
    for part in (events.lepton, events.invisible, events.jets):
        assert part.dtype == np.float32
        assert np.isfinite(part).all()
    assert (invariant_mass(events.lepton) < 0.02 * events.lepton[0]).all()
    assert set(events.charge) == {-1, 1}


def test_tops_are_on_their_mass_shell(drawn):
    """Even with a lost lepton only the products of one top make its mass."""
    for name in ("single_top", "tt_jets"):
        events = drawn[name]
        top = events.lepton + events.invisible + events.jets[:, 0]
        np.testing.assert_allclose(invariant_mass(top), 172.5, rtol=0.01)
        np.testing.assert_allclose(
            invariant_mass(events.lepton + events.invisible), 80.4, rtol=0.02
        )


def test_polarised_along_the_spectator(drawn):
    """The slope of `(1 + P cos) / 2` is three times the mean cosine."""
    events = drawn["single_top"]
    top = events.lepton + events.invisible + events.jets[:, 0]
    reverse = np.concatenate([top[:1], -top[1:]])
    lepton, spectator = (
        boost(vector, reverse, 172.5)[1:]
        for vector in (events.lepton, events.jets[:, 1])
    )
    lengths = np.linalg.norm(lepton, axis=0) * np.linalg.norm(spectator, axis=0)
    cosine = (lepton * spectator).sum(axis=0) / lengths
    assert 3 * cosine.mean() == pytest.approx(0.9, abs=0.03)


def test_spectator_is_forward_and_tops_outnumber_antitops(drawn):
    eta = {
        name: np.median(np.abs(pseudorapidity(drawn[name].jets[:, 1])))
        for name in ("single_top", "tt_jets")
    }
    assert eta["single_top"] > 2 > 1.2 > eta["tt_jets"]
    assert (drawn["single_top"].charge == 1).mean() == pytest.approx(0.648, abs=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_acceptance_is_the_one_of_the_yields(observed, name):
    part = COMPONENTS[NAMES.index(name)]
    count = len(observed[name].number)
    error = np.sqrt(count) / DRAWN
    assert count / DRAWN == pytest.approx(part.acceptance, abs=4 * error)


@pytest.mark.parametrize("name", NAMES)
def test_selection(observed, name):
    events = observed[name]
    pt, eta = transverse_momentum(events.lepton), pseudorapidity(events.lepton)
    assert pt.min() > 26
    assert abs(eta).max() < 2.1
    jet_pt = transverse_momentum(events.jets)
    np.testing.assert_array_equal((jet_pt > 30).sum(axis=0), events.number)
    np.testing.assert_array_equal((jet_pt > 0).sum(axis=0), events.number)
    assert set(events.number) == {2, 3}
    assert (np.diff(jet_pt, axis=0) <= 0).all()
    assert events.tags.any(axis=0).all()
    assert (np.abs(pseudorapidity(events.jets[:, 0])[events.tags[0]]) < 2.4).all()


def test_lists_of_features():
    assert len(QCD_FEATURES) == 5
    assert len(set(TOP_FEATURES)) == len(TOP_FEATURES) == 50
    units = {feature_unit(name) for name in TOP_FEATURES}
    assert units == {"GeV", "rad", ""}
    assert [feature_unit(n) for n in QCD_FEATURES] == ["GeV"] * 3 + ["rad"] * 2


@pytest.mark.parametrize("name", NAMES)
def test_features_are_finite(features, name):
    columns = features[name]
    for feature in (*TOP_FEATURES, *QCD_FEATURES):
        assert columns[feature].dtype == np.float32
        assert np.isfinite(columns[feature]).all(), feature
    for cosine in ("cos_star", "cos_helicity"):
        assert np.abs(columns[cosine]).max() <= 1
    for angle in (n for n in TOP_FEATURES if n.startswith("dphi_")):
        assert columns[angle].min() >= 0
        assert columns[angle].max() <= np.pi + 1e-5


def test_features_of_one_event(observed):
    events = observed["single_top"]
    columns = single_top_features(events)
    row = int(
        np.flatnonzero(events.tags[0] & ~events.tags[1] & (events.number == 2))[0]
    )
    jets = events.jets[:, :, row].astype("float64")
    lepton = events.lepton[:, row].astype("float64")
    met = events.met[:, row].astype("float64")
    found = {name: float(values[row]) for name, values in columns.items()}
    pt = np.hypot(lepton[1], lepton[2])
    cosine = (lepton[1:3] * met).sum() / pt / np.hypot(*met)
    mt = np.sqrt(2 * pt * np.hypot(*met) * (1 - cosine))
    assert found["mt_w"] == pytest.approx(mt, rel=1e-3)
    assert found["dphi_lep_met"] == pytest.approx(np.arccos(cosine), abs=1e-3)
    assert found["ht"] == pytest.approx(np.hypot(jets[1], jets[2]).sum(), rel=1e-5)
    assert found["b_pt"] == found["j1_pt"]
    assert found["light_pt"] == found["j2_pt"]
    assert found["m_jets"] == pytest.approx(found["m_j1_j2"], rel=1e-4)
    pair = jets[:, 0] + jets[:, 1]
    mass = np.sqrt(pair[0] ** 2 - (pair[1:] ** 2).sum())
    assert found["m_j1_j2"] == pytest.approx(mass, rel=1e-3)
    assert found["charge_light_eta"] == pytest.approx(
        found["lep_charge"] * abs(found["light_eta"])
    )
    assert (found["njets"], found["ntags"], found["j3_pt"]) == (2, 1, 0)


def test_processes_differ_as_they_should(features):
    def median(process, feature):
        return np.median(features[process][feature])

    assert abs(median("single_top", "m_top") - 172.5) < 15 < median("W_jets", "m_top")
    assert median("QCD", "mt_w") < 25 < 50 < median("W_jets", "mt_w")
    assert median("single_top", "deta_top_light") > 1.5 * median(
        "tt_jets", "deta_top_light"
    )
    assert np.mean(features["single_top"]["cos_star"]) > 0
    assert median("tt_leptons", "met") > median("tt_jets", "met")


def test_weights_sum_to_the_yield():
    weight = weights(500.0, 100, 0.2)
    assert weight.sum() == pytest.approx(500)
    assert (weight < 0).sum() == 20
    assert len(set(np.abs(weight))) == 1
    np.testing.assert_array_equal(weights(6.0, 3, 0.1), [2, 2, 2])


def test_as_many_as_wanted():
    rng = np.random.default_rng(0)
    for number in (0, 1, 7):
        table = simulate(COMPONENTS[1], number, QCD_FEATURES, rng)
        assert table.shape == (number, 5)


def test_yields_are_those_of_an_analysis():
    """About a tenth is signal and top pairs are the largest, as CMS has it."""
    total = sum(part.expected for part in COMPONENTS)
    share = {
        process: sum(p.expected for p in COMPONENTS if p.process == process) / total
        for process in {part.process for part in COMPONENTS}
    }
    assert share["single_top"] == pytest.approx(0.1, abs=0.03)
    assert share["ttbar"] == pytest.approx(0.5, abs=0.1)
    assert share["W_jets"] == pytest.approx(0.25, abs=0.05)
    assert 0.1 < share["QCD"] < 0.2
    assert share["WW"] < 0.02 > share["WZ"]
    assert sum(part.share for part in COMPONENTS) == pytest.approx(1)
