"""The adapter of mljar-supervised: against a stand-in, and where it is installed."""

import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from kerashep.automl import AutoMLClassifier


class StandIn:
    """Takes what mljar's `AutoML` takes."""

    made: list["StandIn"] = []  # noqa: RUF012

    def __init__(self, results_path, **settings):
        self.folder, self.settings = results_path, settings
        StandIn.made.append(self)

    def fit(self, x, y, sample_weight):
        self.weight = sample_weight
        self.model = LogisticRegression().fit(x, y, sample_weight)
        Path(self.folder, "README.html").write_text("report")

    def predict_proba(self, x):
        return self.model.predict_proba(x)

    def get_leaderboard(self):
        return pd.DataFrame({"name": ["1_Linear"], "metric_value": [0.9]})


@pytest.fixture
def stand_in(monkeypatch):
    module = types.ModuleType("supervised.automl")
    module.AutoML = StandIn
    monkeypatch.setitem(sys.modules, "supervised", types.ModuleType("supervised"))
    monkeypatch.setitem(sys.modules, "supervised.automl", module)
    StandIn.made = []
    return StandIn


def toy(count, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.random(count) < 0.5
    return rng.normal(size=(count, 3)) + 1.5 * y[:, None], np.where(y, "top", "other")


def test_what_mljar_is_asked_for(stand_in, tmp_path):
    x, y = toy(200)
    folder = tmp_path / "new" / "one"
    weight = np.where(y == "top", 1e-4, 3e-4)
    automl = AutoMLClassifier("Compete", seconds=90, folder=folder, threads=2, seed=5)
    automl.fit(x, y, sample_weight=weight)
    (made,) = stand_in.made
    assert made.settings["mode"] == "Compete"
    assert made.settings["total_time_limit"] == 90
    assert made.settings["eval_metric"] == "auc"
    assert (made.settings["n_jobs"], made.settings["random_state"]) == (2, 5)
    assert {"LightGBM", "CatBoost"} < set(made.settings["algorithms"])
    assert not {"Neural Network", "Nearest Neighbors"} & {*made.settings["algorithms"]}
    assert made.weight.mean() == pytest.approx(1)
    assert made.weight.max() / made.weight.min() == pytest.approx(3)
    assert automl.report_ == folder / "README.html"
    assert len(automl.leaderboard_) == 1
    assert automl.unweighted_ == ()
    assert list(automl.classes_) == ["other", "top"]
    test, truth = toy(500, seed=1)
    assert roc_auc_score(truth == "top", automl.predict_proba(test)[:, 1]) > 0.9
    assert (automl.predict(test) == truth).mean() > 0.85


def test_algorithms_that_ignore_weights_are_labelled(stand_in):
    x, y = toy(60)
    automl = AutoMLClassifier(algorithms=["LightGBM", "Neural Network"])
    with pytest.warns(UserWarning, match="Neural Network of mljar-supervised ignore"):
        automl.fit(x, y, sample_weight=np.ones(60))
    assert automl.unweighted_ == ("Neural Network",)
    automl.fit(x, y)  # without weights there is nothing to ignore
    folders = [made.folder for made in stand_in.made]
    assert folders[0] != folders[1]


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mode": "Competing"}, "Unknown `mode` 'Competing'. Did you mean 'Compete'"),
        ({"algorithms": ["XGBoost"]}, "names 'XGBoost', which mljar .* mean 'Xgboost'"),
    ],
)
def test_wrong_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        AutoMLClassifier(**settings).fit(*toy(60))


@pytest.mark.usefixtures("stand_in")
def test_a_full_folder_is_not_taken_for_a_new_one(tmp_path):
    (tmp_path / "params.json").write_text("{}")
    with pytest.raises(ValueError, match="must be new or empty"):
        AutoMLClassifier(folder=tmp_path).fit(*toy(60))


@pytest.mark.usefixtures("stand_in")
def test_weights_must_not_be_negative():
    x, y = toy(60)
    with pytest.raises(ValueError, match="Received: 60 negative ones"):
        AutoMLClassifier().fit(x, y, sample_weight=-np.ones(60))


def test_without_mljar(monkeypatch):
    monkeypatch.setitem(sys.modules, "supervised", None)
    monkeypatch.setitem(sys.modules, "supervised.automl", None)
    with pytest.raises(ImportError, match=r"pip install kerashep\[automl\]"):
        AutoMLClassifier().fit(*toy(60))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_mljar_itself(tmp_path):
    pytest.importorskip("supervised", reason="mljar-supervised is not installed")
    x, y = toy(800)
    weight = np.where(y == "top", 0.2, 1.0)
    automl = AutoMLClassifier("Explain", seconds=40, folder=tmp_path, seed=1)
    automl.fit(x, y, sample_weight=weight)
    test, truth = toy(1000, seed=1)
    probability = automl.predict_proba(test)
    np.testing.assert_allclose(probability.sum(axis=1), 1, atol=1e-6)
    assert roc_auc_score(truth == "top", probability[:, 1]) > 0.9
    assert probability[:, 1].mean() < 0.4  # a signal of low weight
    assert automl.report_.exists()
