"""A trial is trained for real: kept folds, shared programs, and its scores by hand."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from kerashep.datasets import load_dataset
from kerashep.training import trainer_cache
from kerashep.training.fit import train
from kerashep.training.recipe import load_recipe
from kerashep.training.seeding import derive_seed
from kerashep.tuning import trial_run
from kerashep.tuning.fold_file import FoldResult, read_fold, write_fold
from kerashep.tuning.fold_rows import fold_rows, tuned_events
from kerashep.tuning.study_file import Objective
from kerashep.tuning.trial_run import TrialTask, run_trial
from kerashep.tuning.trials import changed_recipe, count_parameters

SETTINGS = (
    "model={name: single_nn, arguments: {units: [6]}}",
    "data={dataset: higgs_simulated, arguments: {events: 900}}",
    "data.training_weights=balanced",
    "preprocessing={}",
    "training={epochs: 2, batch_size: 64, learning_rate: 0.01}",
)
RECIPE = load_recipe("affine_pnn_resonance", overrides=SETTINGS)
LOADED = []


def load(recipe):
    LOADED.append(recipe.data.dataset)
    return load_dataset("higgs_simulated", seed=0, **recipe.data.arguments)


def task(folder, recipe=RECIPE, thresholds=(None, None), **changes):
    names = [folder / f"{recipe.training.learning_rate}_{i}.json" for i in range(2)]
    options = {"number": 1, "load": load, "events": "toy", "objective": Objective()}
    options |= {"seed": 5, "paths": tuple(names), "thresholds": thresholds}
    return TrialTask(recipe=recipe, **{**options, **changes})


@pytest.fixture(scope="module", autouse=True)
def nothing_from_before():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer_cache, "_last", trainer_cache._LastTrainers())
        patch.setattr(trial_run, "_last", trial_run._LastEvents())
        yield


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    ours = task(tmp_path_factory.mktemp("folds"))
    run_trial(ours)
    return ours


def test_each_fold_is_scored_by_a_training_that_has_not_seen_it(done):
    outcome = done.outcome()
    assert outcome.status == "finished"
    events = tuned_events(RECIPE, load(RECIPE))
    rows = fold_rows(events, RECIPE, 2, seed=5)
    parts = {"train": events.take(rows[1].train)}
    trained = train(RECIPE, parts, seed=derive_seed(5, "fold 1"))
    test = events.take(rows[1].held_out)
    score = trained.score(test.features)
    auc = roc_auc_score(test.label, score, sample_weight=test.weight)
    assert outcome.scores[1] == pytest.approx(auc, abs=1e-6)
    assert outcome.folds[1].parameters == trained.core.count_params()
    assert outcome.folds[1].epochs == 2
    assert set(outcome.folds[1].scores) == {"roc_auc", "significance_ratio", "ams"}


def test_what_is_kept_is_not_trained_again(done, tmp_path, monkeypatch):
    monkeypatch.setattr(trial_run, "_trained", None)  # would fail
    run_trial(done)
    other = task(tmp_path, thresholds=(0.9, None))
    write_fold(other.paths[0], FoldResult({"roc_auc": 0.8}))
    run_trial(other)
    assert other.outcome().status == "pruned"
    assert not other.paths[1].exists()


def test_trials_of_one_architecture_share_one_program(done, tmp_path):
    program = trainer_cache._last.trainer
    traces = program.traces
    faster = changed_recipe(RECIPE, {"training.learning_rate": 0.02})
    loaded = len(LOADED)
    again = task(tmp_path, faster, number=2)
    run_trial(again)
    assert len(LOADED) == loaded, "nor are the events loaded again"
    assert trainer_cache._last.trainer is program
    assert program.traces == traces, "two folds and two trials, one program"
    assert again.outcome().scores != done.outcome().scores


def test_a_diverged_training_fails_the_trial_once(tmp_path):
    wild = changed_recipe(RECIPE, {"training.learning_rate": 1e30})
    diverged = task(tmp_path, wild)
    run_trial(diverged)
    outcome = diverged.outcome()
    assert outcome.status == "failed"
    assert "NaN" in outcome.error
    assert read_fold(diverged.paths[1]) is None


def test_the_number_of_parameters_is_known_beforehand(done):
    events = tuned_events(RECIPE, load(RECIPE))
    count = done.outcome().folds[0].parameters
    assert count_parameters(RECIPE, events) == count == 31 * 6 + 7


@pytest.mark.slow
def test_a_served_ensemble_is_scored_too(tmp_path):
    settings = {
        "training.ensemble": {"folds": 2, "members": 1},
        "training.batch_size": 32,
    }
    recipe = changed_recipe(RECIPE, settings)
    whole = task(tmp_path, recipe)
    run_trial(whole)
    outcome = whole.outcome()
    assert outcome.status == "finished"
    assert outcome.folds[0].parameters == 31 * 6 + 7
    assert np.isfinite(outcome.score)
    assert count_parameters(recipe, load(recipe)) == 31 * 6 + 7
