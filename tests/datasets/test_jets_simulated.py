"""Data sets of simulated jets."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from kerashep.datasets import (
    load_dataset,
    load_jets_simulated,
    load_mass_jets,
    shape_variables,
    simulate_mass_jets,
)


def test_events():
    events = load_dataset("jets_simulated", events=301, constituents=40, seed=1)
    assert events.features.shape == (301, 160)
    assert events.feature_names[:5] == ("E_0", "PX_0", "PY_0", "PZ_0", "E_1")
    assert set(events.feature_units) == {"GeV"}
    assert events.label.sum() == 150
    assert events.provenance == "simulated"
    assert events.process_names == ("QCD", "top")
    assert 0.2 < events.label[:150].mean() < 0.8
    more = load_jets_simulated(events=301, constituents=60, seed=1)
    np.testing.assert_array_equal(more.features[:, :160], events.features)
    other = load_jets_simulated(events=301, constituents=40, seed=2)
    assert not np.array_equal(other.features, events.features)


def test_tops_are_found_but_not_all():
    train = load_jets_simulated(events=3000, constituents=100, seed=1)
    test = load_jets_simulated(events=2000, constituents=100, seed=2)
    model = HistGradientBoostingClassifier(max_iter=50, random_state=0)
    model.fit(shape_variables(train.features), train.label)
    scores = model.predict_proba(shape_variables(test.features))[:, 1]
    assert 0.95 < roc_auc_score(test.label, scores) < 0.993


def test_mass_jets():
    jets = simulate_mass_jets(200, pileup=5.0, constituents=50, seed=3)
    assert jets.constituents.shape == (200, 50, 4)
    assert jets.true_mass.shape == jets.jet_mass.shape == (200,)
    assert 40 <= jets.true_mass.min() < 60
    assert 180 < jets.true_mass.max() <= 200
    assert jets.groomed_mass is None
    assert jets.provenance == "simulated"
    w = simulate_mass_jets(50, masses_gev=(80.4, 80.4), seed=3)
    np.testing.assert_allclose(w.true_mass, 80.4, rtol=1e-6)
    again = simulate_mass_jets(200, pileup=5.0, constituents=50, seed=3)
    np.testing.assert_array_equal(jets.constituents, again.constituents)


def test_mass_jets_as_events():
    arguments = {"events": 60, "constituents": 30, "pileup": 2.0, "seed": 4}
    events = load_dataset("w_jets_simulated", **arguments)
    jets = load_mass_jets("w_jets_simulated", **arguments)
    assert events.unlabelled
    assert events.provenance == "simulated"
    assert events.feature_names[:5] == ("E_0", "PX_0", "PY_0", "PZ_0", "E_1")
    part = events.take(np.array([50, 3, 7]))
    np.testing.assert_array_equal(part.target, jets.true_mass[part.event_id])
    vectors = part.features.reshape(3, 30, 4)
    np.testing.assert_array_equal(vectors, jets.constituents[part.event_id])
    with pytest.raises(ValueError, match="w_jets and w_jets_simulated"):
        load_mass_jets("jets")


def test_jets_without_a_true_mass_are_left_out():
    jets = simulate_mass_jets(6, constituents=5)
    jets.true_mass[2] = 0.0
    events = jets.events()
    assert events.event_id.tolist() == [0, 1, 3, 4, 5]
    np.testing.assert_array_equal(events.target, jets.true_mass[events.event_id])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: load_jets_simulated(events=1), "`events` must be at least 2"),
        (
            lambda: load_jets_simulated(constituents=201),
            "`constituents` must be from 1",
        ),
        (lambda: simulate_mass_jets(0), "Expected events >= 1"),
        (lambda: simulate_mass_jets(5, masses_gev=(200, 40)), "lowest <= highest"),
        (lambda: simulate_mass_jets(5, pileup=-1), "pileup >="),
    ],
)
def test_wrong_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
