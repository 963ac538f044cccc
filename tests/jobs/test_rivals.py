"""What stands beside a network in a comparison."""

import sys
import time
import types

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from kerashep.data import with_training_weights
from kerashep.datasets import load_single_top
from kerashep.jobs import network_search as module
from kerashep.jobs.network_search import search_network
from kerashep.jobs.rivals import AutoML, NetworkSearch, Trees, fit_rival, software
from kerashep.training.recipe import recipe_from_dict

RECIPE = recipe_from_dict(
    {
        "name": "toy",
        "model": {"name": "single_nn", "arguments": {"units": [4]}},
        "data": {"dataset": "single_top"},
        "training": {"epochs": 1, "batch_size": 64},
    }
)


@pytest.fixture(scope="module")
def events():
    made = load_single_top(events=900, network="qcd", negative_weights=False)
    return with_training_weights(made, "balanced")


def auc(score, events):
    found = np.asarray(score(events.features, events.parameters))
    return roc_auc_score(events.label, found, sample_weight=events.weight)


def test_trees_end_in_time(events, tmp_path):
    trees = Trees(backend="lightgbm", trials=10_000, members=1, seconds=1)
    begin = time.monotonic()
    score = fit_rival(trees, RECIPE, events, seed=1, folder=tmp_path)
    assert time.monotonic() - begin < 20  # 10,000 trials would take minutes
    assert auc(score, events) > 0.9
    assert software(trees) == ("lightgbm",)


def test_automl_gets_an_empty_folder_and_the_weights(events, tmp_path, monkeypatch):
    given = {}

    class StandIn:
        def __init__(self, results_path, **settings):
            given.update(settings, folder=results_path)

        def fit(self, x, y, sample_weight):  # noqa: ARG002
            given["weight"] = sample_weight

        def predict_proba(self, x):
            return np.stack([1 - x[:, 0] / 1e4, x[:, 0] / 1e4], axis=1)

        def get_leaderboard(self):
            return None

    module = types.ModuleType("supervised.automl")
    module.AutoML = StandIn
    monkeypatch.setitem(sys.modules, "supervised", types.ModuleType("supervised"))
    monkeypatch.setitem(sys.modules, "supervised.automl", module)
    folder = tmp_path / "fold.automl"
    folder.mkdir()
    (folder / "params.json").write_text("left by an interrupted training")
    rival = AutoML(mode="Compete", seconds=7)
    score = fit_rival(rival, RECIPE, events, seed=3, folder=folder)
    assert list(folder.iterdir()) == []
    assert (given["mode"], given["total_time_limit"]) == ("Compete", 7)
    np.testing.assert_allclose(given["weight"], events.training_weight, rtol=1e-5)
    found = score(events.features, events.parameters)
    np.testing.assert_allclose(found, events.features[:, 0] / 1e4, rtol=1e-5)
    assert "mljar-supervised" in software(rival)


def test_search_tries_the_recipe_first_and_trains_the_best(events, monkeypatch):
    """Trials are scored by a stand-in: the second one wins."""
    pytest.importorskip("keras_tuner", reason="KerasTuner is not installed")
    tried, trained = [], []

    def second_is_best(recipe, *_):
        tried.append(recipe)
        return 0.9 - abs(len(tried) - 2)

    monkeypatch.setattr(module, "_auc", second_is_best)
    monkeypatch.setattr(module, "_trained", lambda *given: trained.append(given[:2]))
    monkeypatch.setattr(module, "predictor", lambda model: model)
    section = NetworkSearch(space="single_top_mlp", trials=4, seconds=60)
    search_network(section, RECIPE, events, seed=1)
    assert len(tried) == 4
    assert tried[0] == RECIPE
    ((best, used),) = trained
    assert best == tried[1] != RECIPE
    assert used is events
    units = [one.model.arguments["units"] for one in tried[1:]]
    assert all(1 <= len(widths) <= 7 for widths in units)


@pytest.mark.slow
def test_a_real_search(events):
    pytest.importorskip("keras_tuner", reason="KerasTuner is not installed")
    section = NetworkSearch(space="single_top_mlp", trials=2, seconds=60)
    assert auc(search_network(section, RECIPE, events, seed=1), events) > 0.7
