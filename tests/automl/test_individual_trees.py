from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from kerashep.automl import BoostedTrees, IndividualTrees
from kerashep.data.events import Events
from kerashep.data.splits import split_events

MASSES = (500.0, 1000.0, 1500.0)
PYTHIA = Path(__file__).parents[3] / "shared" / "data" / "hepmass_pythia_30k.parquet"


@pytest.fixture(scope="module")
def trees(resonance):
    return IndividualTrees(seed=1, rounds=120, leaves=7).fit(resonance(3000))


def auc(trees, events, mass):
    chosen = events.take((events.label == 0) | (events.parameters[:, 0] == mass))
    return roc_auc_score(chosen.label, trees.score(chosen.features, mass))


@pytest.mark.parametrize("mass", MASSES)
def test_near_the_best_possible_at_each_mass(trees, resonance, best_auc, mass):
    ours = auc(trees, resonance(10_000, seed=7), mass)
    assert best_auc(mass) - 0.02 < ours < best_auc(mass) + 0.01


def test_the_nearest_classifier_scores(trees, resonance):
    x = resonance(20).features
    np.testing.assert_array_equal(trees.score(x, 600.0), trees.score(x, 500.0))
    assert not np.array_equal(trees.score(x, 800.0), trees.score(x, 500.0))
    mixed = np.tile(MASSES, 40)
    each = np.stack([trees.score(x, mass) for mass in MASSES])
    expected = each[np.arange(120) % 3, np.arange(120)]
    np.testing.assert_array_equal(trees.score(x, mixed), expected)


def test_each_classifier_sees_its_signal_and_all_background(resonance, monkeypatch):
    seen = []

    def catch(train, validation, settings, *, parametric):  # noqa: ARG001
        seen.append(train)
        assert not parametric

        class Booster:
            best_iteration = 1

        return Booster()

    monkeypatch.setattr("kerashep.automl.individual_trees.boost", catch)
    events = resonance(100)
    IndividualTrees().fit(events, validation=events)
    assert len(seen) == 3
    for part, mass in zip(seen, MASSES, strict=True):
        assert (part.label == 0).sum() == 300
        signal = part.parameters[part.label == 1]
        assert (signal == mass).all()
        assert len(signal) == 100


def test_one_round_count_a_mass(trees):
    assert len(trees.rounds_used) == 3
    assert all(5 < rounds <= 120 for rounds in trees.rounds_used)


def test_bad_use_raises(resonance):
    with pytest.raises(ValueError, match="not trained: call `fit` first"):
        IndividualTrees().score(np.ones((2, 2)), 500)
    events = resonance(50)
    bare = Events(
        features=events.features,
        feature_names=events.feature_names,
        label=events.label,
        provenance="simulated",
    )
    with pytest.raises(ValueError, match="need events with a parameter"):
        IndividualTrees().fit(bare)


@pytest.mark.skipif(not PYTHIA.exists(), reason="needs ../shared/data")
def test_pythia_events_reach_the_known_separation():
    """Section 10 of the facts: 0.94 at 1000 GeV with all events for training."""
    import pandas as pd

    table = pd.read_parquet(PYTHIA)
    names = [name for name in table if name not in ("label", "mass")]
    label = table.label.to_numpy("float32")
    mass = np.where(label == 1, table.mass, np.nan)
    events = Events(
        features=table[names].to_numpy("float32"),
        feature_names=names,
        label=label,
        provenance="pythia",
        parameters=mass[:, None],
        parameter_names=("mass",),
    )
    events = events.take((label == 0) | (mass == 1000.0))
    parts = split_events(events, {"train": 0.6, "test": 0.4}, seed=1)
    for kind in (IndividualTrees, BoostedTrees):
        trees = kind(seed=1, rounds=80).fit(parts["train"])
        assert 0.925 < auc(trees, parts["test"], 1000.0) < 0.955
