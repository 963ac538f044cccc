"""What a Lorentz Boost Network combines: numbers and figures of a run."""

import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.jobs import assess
from kerashep.jobs.combination_figures import windows
from kerashep.jobs.combinations import combination_study
from kerashep.jobs.figures import Material, draw_figures
from kerashep.zoo import LBNClassifier, Preprocessed, SingleNN

NAMES = tuple(f"jet_{i}_{part}" for i in range(3) for part in ("E", "px", "py", "pz"))


@pytest.fixture(scope="module")
def events():
    """Three massless jets an event, the third only in every second one."""
    rng = np.random.default_rng(6)
    momenta = rng.normal(0.0, 50.0, (240, 3, 3))
    momenta[::2, 2] = 0.0
    energy = np.linalg.norm(momenta, axis=2, keepdims=True)
    vectors = np.concatenate([energy, momenta], axis=2)
    return Events(
        features=vectors.reshape(240, 12).astype("float32"),
        feature_names=NAMES,
        label=np.arange(240) // 2 % 2,
        weight=rng.uniform(0.5, 2.0, 240),
        provenance="simulated",
    )


@pytest.fixture(scope="module")
def model():
    return Preprocessed(
        LBNClassifier(num_features=12, combinations=4, units=[8]),
        [0.0] * 12,
        [1.0] * 12,
    )


def test_study_names_and_counts(model, events):
    study = combination_study(model, events, seed=1, events=200)
    assert study.weights.particle_names == ("jet_0", "jet_1", "jet_2")
    assert study.weights.particles.shape == study.weights.restframes.shape == (3, 4)
    kinds = study.importance["Kind of feature"]
    assert set(kinds.names) == {"E", "pt", "eta", "phi", "m", "pair_cos"}
    combined = study.importance["Combination"]
    assert combined.names == ("0", "1", "2", "3")
    assert len(study.importance["Feature"].names) == 5 * 4 + 6
    assert [int(one.name) for one in study.masses] == list(combined.order)
    assert len(study.label) == len(study.masses[0].mass_gev) == 200
    assert len(windows(study)) == 2


def test_other_models_and_events_of_one_class_have_no_study(model, events):
    assert combination_study(model, events.take(events.label == 1), seed=1) is None
    assert combination_study(SingleNN(12, units=[2]), events, seed=1) is None


def test_figures_are_among_those_of_a_run(model, events, tmp_path):
    plan = assess.Plan(rows=(), trained=(), bootstrap=2, seed=1)

    def score(features, _):
        return 1 / (1 + np.exp(-features[:, 1] / 50))

    material = Material(
        "LBNClassifier",
        "simulated",
        assess.per_mass(events, [score], plan),
        assess.curves(events, score, plan),
        combinations=combination_study(model, events, seed=1),
    )
    drawn = {one.path.stem: one for one in draw_figures(material, tmp_path)}
    for name in ("combination_weights", "combination_importance", "learnt_masses"):
        assert drawn[name].path.is_file()
        assert drawn[name].section == "What the network combines"
    assert "240 test events" in drawn["combination_importance"].caption
    assert "top (172.5 GeV)" in drawn["learnt_masses"].caption
