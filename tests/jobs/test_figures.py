"""Captions, and the figures that negative weights leave."""

import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.evaluation.representation import Embedding
from kerashep.jobs import assess
from kerashep.jobs.figures import Material, draw_figures

MASSES = (500.0, 750.0)
PLAN = assess.Plan(rows=((500.0,), (750.0,)), trained=(), bootstrap=4, seed=1)


def sample(negative=()):
    """60 background events, 20 and 30 of signal; weight -1 in the rows `negative`."""
    mass = np.repeat([np.nan, *MASSES], [60, 20, 30])
    label = np.isfinite(mass).astype("float32")
    x = np.random.default_rng(2).normal(label, 1.0).astype("float32")
    weight = np.ones(len(mass))
    weight[list(negative)] = -1.0
    return Events(
        features=x[:, None],
        feature_names=("x",),
        label=label,
        provenance="simulated",
        parameters=mass[:, None].astype("float32"),
        parameter_names=("mass",),
        weight=weight,
    )


def score(features, _):
    return 1.0 / (1.0 + np.exp(-features[:, 0]))


@pytest.fixture
def captions(tmp_path):
    """Draws and gives the caption of each figure."""

    def drawn(events, plan=PLAN, **more):
        numbers = assess.per_mass(events, [score], plan)
        curves = assess.curves(events, score, plan)
        material = Material("Net", "simulated", numbers, curves, **more)
        figures = draw_figures(material, tmp_path)
        return {one.path.stem: one.caption for one in figures}, numbers

    return drawn


def test_captions_count_the_events(captions):
    found, _ = captions(sample())
    both = "Test events: signal 20 at 500 GeV, 30 at 750 GeV; 60 background."
    for name in ("roc_auc", "best_cut", "roc_and_precision", "background_efficiency"):
        assert found[name].endswith(both)
    assert found["separation_500"].endswith("events: 20 signal; 60 background.")


def test_equal_counts_are_said_once(captions):
    events = sample().take(np.arange(100))
    found, _ = captions(events)
    assert found["roc_auc"].endswith("20 signal at each mass; 60 background.")


def test_one_mass_with_negative_weights_has_no_curves(captions):
    found, numbers = captions(sample(negative=[61]))
    words = "Without 500 GeV, where negative weights leave no curve."
    assert words in found["roc_and_precision"]
    assert words in found["background_efficiency"]
    assert np.isfinite([one.roc_auc.value for one in numbers]).all()
    assert any("the PR AUC and the curves" in flag for flag in numbers[0].flags)
    assert not any("curves" in flag for flag in numbers[1].flags)


def test_negative_background_weights_leave_the_numbers(captions):
    found, numbers = captions(sample(negative=[3, 4]))
    assert {"roc_auc", "separation_500"} <= found.keys()
    assert not {"roc_and_precision", "background_efficiency"} & found.keys()
    assert np.isfinite([one.roc_auc.value for one in numbers]).all()


def test_caption_of_the_hidden_layer(captions):
    rng = np.random.default_rng(0)
    embedding = Embedding(np.arange(12), rng.normal(size=(12, 2)), 0.5)
    label = np.repeat([0, 1], [5, 7])
    mass = rng.choice(MASSES, 12)
    shown = assess.Representation(embedding, label, mass, 50)
    found, _ = captions(sample(), representation=shown)
    for words in ("The 50 outputs", "12 test events (7 signal, 5 background", "Left:"):
        assert words in found["representation"]
