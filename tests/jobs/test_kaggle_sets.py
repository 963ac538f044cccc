"""The AMS of the public and private events of a file, without a training."""

import numpy as np
import pandas as pd
import pytest

from kerashep.datasets import load_dataset
from kerashep.evaluation import ams_at_cut
from kerashep.evaluation.ams_numbers import scaled_to_all
from kerashep.jobs.assess import Plan
from kerashep.jobs.kaggle_sets import kaggle_numbers
from kerashep.training.recipe import load_recipe
from kerashep.training.run_folder import RunFolder

PLAN = Plan(rows=(), trained=(), bootstrap=4, seed=1)
YIELDS = (410_999.85, 691.99)


def visible_mass(features, parameters):
    del parameters
    return np.exp(-(((features[:, 2] - 80) / 60) ** 2))


@pytest.fixture
def table(tmp_path):
    """A quarter each of training and public events, half of private ones, as a file."""
    events = load_dataset("higgs_simulated", events=900, seed=4)
    table = pd.DataFrame(events.features, columns=events.feature_names).fillna(-999.0)
    table.insert(0, "EventId", 5000 + np.arange(len(table)))
    table["Weight"] = table["KaggleWeight"] = events.weight
    table["Label"] = np.where(events.label == 1, "s", "b")
    table["KaggleSet"] = np.array(["t", "b", "v", "v"])[np.arange(len(table)) % 4]
    table.to_csv(tmp_path / "atlas.csv", index=False)
    return table


@pytest.fixture
def run(tmp_path):
    """A run folder whose training events have ids from 0; some have no score."""
    events = load_dataset("higgs_simulated", events=400, seed=5)
    score = visible_mass(events.features, None)
    score[:30] = np.nan
    columns = {
        "event_id": np.arange(400),
        "label": events.label,
        "weight": events.weight,
        "score": score,
    }
    pd.DataFrame(columns).to_parquet(tmp_path / "out_of_fold.parquet")
    return RunFolder(tmp_path)


@pytest.fixture
def recipe(tmp_path):
    place = f"data.folder={tmp_path / 'atlas.csv'}"
    return load_recipe(
        "higgsml_dense",
        overrides=[place, "data.arguments={kaggle_set: t, max_events: 9}"],
    )


def test_whole_sets_at_the_cut_of_scores_out_of_fold(table, run, recipe):
    said = []
    found = kaggle_numbers(recipe, run, [visible_mass], PLAN, said.append)
    assert not said
    score = visible_mass(table.iloc[:, 1:31].to_numpy("float32"), None)
    for name, letter in (("public", "b"), ("private", "v")):
        rows = (table.KaggleSet == letter).to_numpy()
        label = (table.Label == "s").to_numpy()[rows]
        weight = scaled_to_all(label, table.Weight[rows], YIELDS)
        at = ams_at_cut(label, score[rows], weight, found.cut)
        assert getattr(found, name).value == pytest.approx(at.ams)
        assert getattr(found, name).error == pytest.approx(at.error)
    assert found.mmva.value >= found.mvac.value > 0


def test_what_was_trained_on_has_no_such_ams(table, run, recipe, tmp_path):
    said = []
    table["EventId"] -= 4900
    table.to_csv(tmp_path / "atlas.csv", index=False)
    assert kaggle_numbers(recipe, run, [visible_mass], PLAN, said.append) is None
    assert "the model was trained on" in said[0]
    assert "kaggle_set=t" in said[0]
    run.out_of_fold.unlink()
    assert kaggle_numbers(recipe, run, [visible_mass], PLAN, said.append) is None
    assert "training.ensemble" in said[1]


def test_other_events_have_none(table, run, recipe, tmp_path):
    def none(some):
        return kaggle_numbers(some, run, [visible_mass], PLAN, print) is None

    table[table.KaggleSet != "v"].to_csv(tmp_path / "atlas.csv", index=False)
    assert none(recipe)
    table.drop(columns="KaggleSet").to_csv(tmp_path / "atlas.csv", index=False)
    assert none(recipe)
    assert none(load_recipe("higgsml_dense", overrides=["evaluation.ams=null"]))
    simulated = "data.dataset=higgs_simulated"
    assert none(load_recipe("higgsml_dense", overrides=[simulated]))
