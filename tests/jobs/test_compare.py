"""A small comparison from start to end, measured again by an independent code."""

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from kerashep.data.splits import fold_indices
from kerashep.evaluation.measured import Measured
from kerashep.jobs.ablation_cells import events_of, read_fold
from kerashep.jobs.compare import Contest, compare_job
from kerashep.jobs.compare_table import p_value, verdict
from kerashep.jobs.contestants import measure_contestant
from kerashep.jobs.fold_run import FoldRun, run_folds
from kerashep.jobs.source import Source

RECIPE = """
name: toy
model: {name: single_nn, arguments: {units: [8]}}
data:
  dataset: single_top
  arguments: {events: 900, network: qcd, negative_weights: false}
  training_weights: balanced
training: {epochs: 2, batch_size: 64, learning_rate: 1e-2}
quick: {training.epochs: 1}
"""


@pytest.fixture(scope="module")
def contest(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recipe")
    (folder / "recipe.yaml").write_text(RECIPE)
    rivals = ("lightgbm",)
    return Contest(str(folder), (), rivals, seconds=1, folds=2, seeds=2)


@pytest.fixture(scope="module")
def written(contest, tmp_path_factory):
    target = tmp_path_factory.mktemp("out") / "compare.json"
    said = []
    options = {"data": [], "provenance": None, "output": target, "workers": 1}
    files = compare_job(contest, **options, restart=False, say=said.append)
    return files, said, options


@pytest.fixture(scope="module")
def folds(contest, written):
    """The folds that are kept, read again."""
    (target, _), _, _ = written
    folder = target.with_suffix(".cells") / "comparison"
    run = FoldRun(Source(), (), folder, False, 2, 1, print)
    return run_folds(contest.plan(), run)


def document_of(written):
    (target, _), _, _ = written
    return json.loads(target.read_text())["studies"]["comparison"]


def scores_by_hand(folds, label, seed):
    """Out of fold, and of the fold before, which every training has seen."""
    test, train = (np.full(len(folds.events), np.nan) for _ in range(2))
    parts = fold_indices(folds.events, 2, seed=seed)
    for cell, _ in folds.folds:
        if (cell.label, cell.seed) == (label, seed):
            found = read_fold(cell.path)
            np.testing.assert_array_equal(found.rows, parts[cell.fold])
            np.testing.assert_array_equal(found.train_rows, parts[cell.fold - 1])
            test[found.rows], train[found.train_rows] = found.score, found.train_score
    return test, train


@pytest.mark.parametrize("label", ["network", "LightGBM"])
def test_numbers(written, folds, label):
    events = folds.events
    row = next(r for r in document_of(written)["rows"] if r["label"] == label)
    assert row["seeds"] == [1, 2]
    pairs = [scores_by_hand(folds, label, seed) for seed in (1, 2)]
    for key, which in (("roc_auc", 0), ("train_auc", 1)):
        expected = np.mean(
            [
                roc_auc_score(events.label, p[which], sample_weight=events.weight)
                for p in pairs
            ]
        )
        assert row[key]["value"] == pytest.approx(expected)
        assert row[key]["error"] > 0
    gap = row["train_auc"]["value"] - row["roc_auc"]["value"]
    assert row["auc_gap"]["value"] == pytest.approx(gap)
    brier = np.average(
        (pairs[0][0] - events.label) ** 2, weights=events.training_weight
    )
    assert row["brier"]["value"] == pytest.approx(brier, rel=1e-5)
    assert (
        row["roc"]["signal_efficiency"][0]
        == row["roc"]["background_efficiency"][0]
        == 0
    )
    assert row["training_seconds"]["value"] > 0
    assert 0 <= row["ks"]["signal"]["p_value"] <= 1


def test_trees_overtrain_more_than_two_epochs(written):
    rows = {row["label"]: row["auc_gap"] for row in document_of(written)["rows"]}
    assert rows["LightGBM"]["value"] > rows["network"]["value"]


def test_difference_is_paired(written):
    document = document_of(written)
    (one,) = document["differences"]
    values = {row["label"]: row["roc_auc"] for row in document["rows"]}
    expected = values["network"]["value"] - values["LightGBM"]["value"]
    assert one["roc_auc"]["value"] == pytest.approx(expected)
    apart = np.hypot(values["network"]["error"], values["LightGBM"]["error"])
    assert 0 < one["roc_auc"]["error"] < apart
    assert 0 < one["p_value"] <= 1


def test_page_and_words(written):
    (target, page), said, _ = written
    text = page.read_text()
    assert page == target.with_suffix(".html")
    for word in ("LightGBM", "Paired differences", "Calibration", "simulated"):
        assert word in text
    assert text.count("<figure") == 5  # three of all, one of each
    assert "http" not in text.replace("http://www.w3.org", "")
    assert "| LightGBM |" in said[-1]
    assert document_of(written)["command"].startswith("kerashep compare ")


def test_kept_folds_serve_again(contest, written):
    _, _, options = written
    said = []
    compare_job(contest, **options, restart=False, say=said.append)
    assert "8 folds, 0 of them to be trained" in said[0]


def test_an_unfinished_solution_is_left_out(folds):
    lacking = [(c, s) for c, s in folds.folds if c.label != "network" or c.fold != 1]
    assert measure_contestant("network", folds.events, lacking, ams=None) is None


def test_plan_of_all_rivals(contest):
    every = Contest(
        contest.recipe, (), ("automl", "xgboost", "tuned"), seconds=60, mode="Compete"
    )
    plan = every.plan()
    labels = ["network", "AutoML (Compete)", "XGBoost", "tuned network"]
    assert [row.label for row in plan.rows] == labels
    assert [row.rival and row.rival.seconds for row in plan.rows] == [None, 60, 60, 60]
    quick = Contest(contest.recipe, (), ("automl",), seconds=60, quick=True)
    assert quick.resolved().training.epochs == 1
    rival = quick.plan().rival_of(quick.plan().rows[1], quick=True)
    assert rival.seconds == 10


def test_wrong_rival(contest):
    with pytest.raises(
        ValueError, match=r"Unknown rival 'lightgmb'\. Did you mean 'li"
    ):
        Contest(contest.recipe, (), ("lightgmb",)).plan()


def test_events_with_parameters_are_refused(contest):
    overrides = ("data.dataset=gaussian_resonance", "data.arguments={}")
    other = Contest(contest.recipe, overrides, ())
    with pytest.raises(ValueError, match="on events without parameters"):
        events_of(other.resolved(), Source())


def test_p_value():
    assert p_value(Measured(1.96, 1.0)) == pytest.approx(0.05, abs=1e-3)
    assert p_value(Measured(0.0, 0.0)) == 1


def test_verdict_turns_the_difference_to_the_better():
    rows = [
        {"label": name, "roc_auc": {"value": value, "error": 0.01}}
        for name, value in (("a", 0.8), ("b", 0.9))
    ]
    pair = {"first": "a", "second": "b", "p_value": 0.01}
    pair["roc_auc"] = {"value": -0.1, "error": 0.02}
    text = verdict({"rows": rows, "differences": [pair], "provenance": "simulated"})
    assert text.startswith("b has the highest")
    assert "0.100 ± 0.020 more than a (p = 0.01" in text
