"""A whole search: run, shown, continued; and what does not fit is said at once."""

import json
from pathlib import Path

import numpy as np
import pytest

from kerashep.jobs import tune
from kerashep.jobs.search_show import default_folder, show_job
from kerashep.jobs.tune import TuneOptions, tune_job
from kerashep.training.recipe import load_recipe
from tests.jobs.tune_toy import table_without_times, write_study

pytest.importorskip("keras_tuner", reason="KerasTuner is not installed")


@pytest.fixture(scope="module", autouse=True)
def code_that_nobody_edits_meanwhile():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tune, "package_code", lambda: "abc")
        yield


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    place, said = tmp_path_factory.mktemp("search"), []
    study = write_study(place)
    options = TuneOptions(output=place / "out", workers=1)
    written = tune_job(str(study), options, said.append)
    return place, study, written, said


def ran_rows(place):
    return table_without_times(place / "out" / "trials.csv")


def test_what_is_written(ran):
    place, _, written, said = ran
    names = [path.name for path in written]
    assert names[:4] == [
        *("trials.csv", "trials.parquet", "summary.json", "best_recipe.yaml")
    ]
    assert {"history.png", "parallel_coordinates.html"} <= set(names)
    assert all(path.stat().st_size for path in written)
    rows = ran_rows(place)
    assert [row["trial"] for row in rows] == ["1", "2", "3"]
    assert {row["status"] for row in rows} == {"finished"}
    assert {row["units"] for row in rows} <= {"[4]", "[6]"}
    summary = json.loads((place / "out" / "summary.json").read_text())
    best = max(rows, key=lambda row: float(row["score"]))
    assert summary["best"] == int(best["trial"])
    assert summary["provenance"] == "simulated"
    assert summary["trials"] == {"finished": 3}
    (repeated,) = summary["repeated"]
    assert repeated["trial"] == summary["best"]
    assert len(set(repeated["repeats"])) == 2
    assert summary["noise"] == pytest.approx(np.std(repeated["repeats"], ddof=1))
    assert any(line.startswith("trial 3/3, 0 s left, best ") for line in said)
    shown = next(line for line in said if "| trial |" in line)
    assert "simulated" in shown
    assert "±" in shown
    assert "a score fluctuates by" in shown
    assert f"Best: trial {summary['best']}." in shown


def test_the_best_trial_is_a_recipe(ran):
    place = ran[0]
    recipe = load_recipe(place / "out" / "best_recipe.yaml")
    summary = json.loads((place / "out" / "summary.json").read_text())
    best = next(r for r in ran_rows(place) if int(r["trial"]) == summary["best"])
    assert recipe.name == "toy_best"
    assert recipe.training.learning_rate == pytest.approx(float(best["learning_rate"]))
    assert recipe.model.arguments["units"] == json.loads(best["units"])


def test_it_is_shown_without_training(ran):
    place, study, _, said = ran
    again = []
    written = show_job(str(study), place / "out", again.append)
    assert again[0] == next(line for line in said if "| trial |" in line)
    assert {path.parent.name for path in written} == {"figures"}


@pytest.mark.slow
def test_it_goes_on_with_a_larger_budget(ran):
    place, study, _, _ = ran
    folds = sorted((place / "out" / "folds").iterdir())
    times = [path.stat().st_mtime_ns for path in folds]
    before = table_without_times(place / "out" / "trials.csv")
    options = TuneOptions(output=place / "out", workers=1, trials=4)
    tune_job(str(study), options, lambda _: None)
    after = table_without_times(place / "out" / "trials.csv")
    assert after[:3] == before
    assert len(after) == 4
    assert [path.stat().st_mtime_ns for path in folds] == times
    more = {path.name for path in (place / "out" / "folds").iterdir()}
    assert len(more) in (12, 16), "one trial more, and perhaps another is the best"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"objective": {"name": "ams"}}, "events without a mass"),
        ({"space": {"model": "random_scan"}}, "space of the model 'dense_classifier'"),
        (
            {"space": {"values": {"training.learning_rat": [1, 2]}}},
            "Did you mean 'training.learning_rate'",
        ),
        (
            {"set": {"model.arguments.depth": 3, "training.epochs": 0}},
            "training.epochs",
        ),
    ],
)
def test_what_does_not_fit_is_said_before_any_training(tmp_path, changes, message):
    study = write_study(tmp_path, **changes)
    with pytest.raises(ValueError, match=message):
        tune_job(str(study), TuneOptions(output=tmp_path / "out"), lambda _: None)
    assert not (tmp_path / "out" / "folds").exists()


def test_nothing_to_show(tmp_path):
    study = write_study(tmp_path)
    with pytest.raises(ValueError, match=r"No trial is done in .*out.*kerashep tune"):
        show_job(str(study), tmp_path / "out", lambda _: None)
    assert default_folder(study) == default_folder(study.parent / "study.yaml")
    assert default_folder(study) == Path("runs/tuning/toy")
