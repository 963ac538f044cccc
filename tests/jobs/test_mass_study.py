"""Study of mass regressions: same jets, paired differences, nothing trained twice."""

import json
from pathlib import Path

import numpy as np
import pytest

from kerashep.datasets import load_mass_jets
from kerashep.evaluation import resolution
from kerashep.jobs.mass_study import (
    MassCell,
    mass_study_job,
    study_cells,
    untrained_masses,
)
from kerashep.jobs.mass_table import mass_document, mass_text
from kerashep.jobs.regression_study import load_regression
from kerashep.jobs.source import Source, load_events, split
from kerashep.training.recipe import load_recipe


@pytest.fixture(scope="module")
def recipe():
    small = ["data.arguments.events=200", "data.arguments.constituents=5"]
    return load_recipe("lbn_jet_mass", overrides=small, quick=True)


@pytest.fixture(scope="module")
def parts(recipe):
    return split(recipe, load_events(recipe, Source(), seed=recipe.data.split.seed))


def test_rows_without_training_are_of_the_test_jets(recipe, parts):
    jets = load_mass_jets("w_jets_simulated", seed=0, **recipe.data.arguments)
    found = untrained_masses(recipe, parts)
    assert list(found) == ["Jet mass", "One mass for all"]
    test = parts["test"]
    np.testing.assert_array_equal(jets.true_mass[test.event_id], test.target)
    np.testing.assert_array_equal(found["Jet mass"], jets.jet_mass[test.event_id])
    assert set(found["One mass for all"]) == {np.median(parts["train"].target)}


def test_document_and_table(recipe, parts):
    _, plan = load_regression("lbn_jet_mass", None)
    truth = parts["test"].target
    rng = np.random.default_rng(0)
    noise = rng.lognormal(0, 0.1, (4, len(truth)))
    labels = ["LBN, trimmed ratio"] * 2 + ["FCN, trimmed ratio"] * 2
    results = [
        (MassCell(label, recipe, i, Path("none")), truth * one, 2.0)
        for i, (label, one) in enumerate(zip(labels, noise, strict=True))
    ]
    document = mass_document(plan, recipe, parts, results, {"Jet mass": truth})
    rows = {row["label"]: row for row in document["rows"]}
    expected = np.mean([resolution(truth * n, truth).value for n in noise[:2]])
    lbn = rows["LBN, trimmed ratio"]
    assert lbn["resolution"]["value"] == pytest.approx(expected)
    assert (lbn["trainings"], lbn["seconds"]) == (2, 2.0)
    assert rows["Jet mass"]["resolution"]["value"] == 0
    named = [(one["first"], one["second"]) for one in document["differences"]]
    assert ("LBN, trimmed ratio", "Jet mass") in named
    assert ("LBN, trimmed ratio", "Soft-drop mass") not in named
    text = mass_text(json.loads(json.dumps(document)))
    assert "| Jet mass | 0 ± 0 | 1 ± 0 |" in text
    assert "40 test jets" in text


def test_cells_share_events_and_are_named_by_what_decides_them(tmp_path):
    _, plan = load_regression("lbn_jet_mass", "mass")
    cells = study_cells(plan, Source(), tmp_path, quick=False, seeds=2)
    assert len({cell.path for cell in cells}) == len(cells) == 8
    assert {cell.recipe.data.dataset for cell in cells} == {"w_jets"}
    assert {cell.recipe.training.loss for cell in cells} == {
        "trimmed_ratio",
        "mean_squared_error",
    }
    row = plan.rows[0].model_copy(update={"settings": ("data.split.seed=3",)})
    other = plan.model_copy(update={"rows": (plan.rows[1], row)})
    with pytest.raises(ValueError, match="must have the same `data`"):
        study_cells(other, Source(), tmp_path, quick=False, seeds=1)


def test_unknown_study_is_named():
    with pytest.raises(ValueError, match=r"No regression 'mas'.*Did you mean 'mass'"):
        load_regression("lbn_jet_mass", "mas")


@pytest.mark.slow
def test_quick_study_runs_and_continues(tmp_path):
    said = []
    options = {
        "study": None,
        "data": [],
        "output": tmp_path / "mass.json",
        "quick": True,
        "seeds": None,
        "workers": 1,
        "restart": False,
        "say": said.append,
    }
    text = mass_study_job("lbn_jet_mass", **options)
    document = json.loads((tmp_path / "mass.json").read_text())["studies"]["mass"]
    assert len(document["rows"]) == 6
    assert mass_text(document) in text
    again = mass_study_job("lbn_jet_mass", **options)
    assert again == text
    assert "  4 of them are there already" in said
