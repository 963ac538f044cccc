"""From a CSV file of the HiggsML challenge to scores of one model of many members."""

import json

import numpy as np
import pandas as pd
import pytest

from kerashep.datasets import load_dataset
from kerashep.training.recipe import load_recipe

SMALL = {
    "training.epochs": 2,
    "training.batch_size": 64,
    "training.ensemble.folds": 2,
    "training.ensemble.sub_epochs": 1,
    "model.arguments": "{depth: 2, width: 6, embedding_widths: [3]}",
    "evaluation.bootstrap": 4,
    "export.parity_events": 50,
}


@pytest.fixture(scope="module")
def csv(tmp_path_factory):
    """Simulated events as a file of the challenge: -999, s and b, in its columns."""
    events = load_dataset("higgs_simulated", events=1200, seed=3)
    table = pd.DataFrame(events.features, columns=events.feature_names).fillna(-999.0)
    table.insert(0, "EventId", np.arange(len(table)))
    table["Weight"] = events.weight
    table["Label"] = np.where(events.label == 1, "s", "b")
    path = tmp_path_factory.mktemp("data") / "training.csv"
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs") / "ensemble"


@pytest.fixture
def run(kerashep, csv, folder):
    """Trained on first use."""
    if not (folder / "report.html").exists():
        settings = [f"--set={key}={value}" for key, value in SMALL.items()]
        command = ("train", "higgsml_dense", "--data", csv, "--run", folder)
        shown = kerashep(*command, *settings, "--workers", "1")
        assert shown.code == 0, shown.err
        for text in ("member 2/2", "agree to", "AMS", "smoothed cut"):
            assert text in shown.out
    return folder


def test_run_folder_holds_members_scores_and_the_ams(run, csv):
    document = json.loads((run / "metrics.json").read_text())
    assert document["provenance"] == "real"
    assert set(document["ams"]) >= {"at_fraction", "best", "smoothed", "smoothed_cut"}
    assert (run / "figures" / "ams.png").is_file()
    assert (run / "figures" / "embedding_PRI_jet_num.png").is_file()
    table = pd.read_parquet(run / "out_of_fold.parquet")
    assert table.score.between(0, 1).all()
    assert len(table) == 960
    assert set(table.event_id) < set(range(1200))
    recipe = load_recipe(run / "recipe.yaml")
    assert recipe.data.folder == str(csv)
    history = pd.read_csv(run / "history.csv")
    assert list(history.epoch) == [1, 2]


def test_scores_of_a_file_are_those_of_the_model(run, csv, kerashep, tmp_path):
    from kerashep.export.keras_file import load_keras

    out = tmp_path / "scored.parquet"
    shown = kerashep("predict", run, csv, "-o", out, "--keep", "EventId")
    assert shown.code == 0, shown.err
    assert "Warning" not in shown.err
    scored = pd.read_parquet(out)
    model, info = load_keras(run / "model.keras")
    assert info.missing_value == -999.0
    raw = pd.read_csv(csv)[list(info.feature_names)].to_numpy("float32")
    x = np.where(raw == -999, np.nan, raw).astype("float32")
    expected = model.predict({"x": x}, verbose=0)[:, 0]
    np.testing.assert_allclose(scored.score, expected, rtol=1e-4, atol=1e-5)
    table = pd.read_csv(csv)
    table.loc[3, "PRI_jet_num"] = 7
    table.to_csv("jets.csv", index=False)
    shown = kerashep("predict", run, "jets.csv", "-o", tmp_path / "seven.parquet")
    assert shown.code == 0, shown.err
    assert "1 events have no score (NaN)" in shown.out + shown.err


def test_a_finished_ensemble_is_not_trained_again(run, csv, kerashep):
    before = (run / "model.keras").stat().st_mtime_ns
    settings = [f"--set={key}={value}" for key, value in SMALL.items()]
    command = ("train", "higgsml_dense", "--data", csv, "--run", run, *settings)
    shown = kerashep(*command)
    assert shown.code == 0, shown.err
    assert "member" not in shown.out
    assert (run / "model.keras").stat().st_mtime_ns == before
    other = kerashep(*command, "--set=training.epochs=3")
    assert other.code == 2
    assert "training.epochs was 2, is now 3" in other.err
    assert "--restart" in other.err


@pytest.mark.parametrize("form", ["saved_model", "onnx"])
def test_exports_take_raw_columns_and_give_the_scores(form, run, csv, kerashep):
    """All events of the file; -999 as it stands there, copies and members inside."""
    if form == "onnx":
        pytest.importorskip("tf2onnx")
    from kerashep.export import load_scorer

    name = "out.onnx" if form == "onnx" else "out"
    export = ("export", run, "-o", name, "--format", form)
    shown = kerashep(*export, "--events", csv)
    assert shown.code == 0, shown.err
    assert "on 1200 events" in shown.out
    exported, original = load_scorer(name), load_scorer(run)
    raw = pd.read_csv(csv)[list(original.info.feature_names)].to_numpy("float32")
    assert (raw == -999).any()
    known = np.where(raw == -999, np.nan, raw).astype("float32")
    np.testing.assert_allclose(exported(raw), original(known), atol=1e-5)
    pd.DataFrame({"PRI_met": [1.0]}).to_csv("other.csv")
    refused = kerashep(*export, "--events", "other.csv")
    assert refused.code == 2
    assert "lacks the column 'DER_mass_MMC'" in refused.err


def test_an_interrupted_ensemble_continues(run, csv, kerashep, tmp_path, monkeypatch):
    """Stopped after the first member; the whole is the same as in one go."""
    from kerashep.export import load_scorer
    from kerashep.training import kfold

    train, asked = kfold._train_fold, []

    def stopping(folds, plan, fold):
        asked.append(fold)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return train(folds, plan, fold)

    monkeypatch.setattr(kfold, "_train_fold", stopping)
    settings = [f"--set={key}={value}" for key, value in SMALL.items()]
    again = ("train", "higgsml_dense", "--data", csv, "--run", "broken", *settings)
    assert kerashep(*again, "--workers", "1").code != 0
    assert (tmp_path / "broken" / "checkpoint" / "fold_000.npz").is_file()
    other = kerashep(*again, "--set=training.epochs=3", "--workers", "1")
    assert other.code == 2
    assert "training.epochs was 2, is now 3" in other.err
    assert load_recipe("broken/recipe.yaml").training.epochs == 2
    shown = kerashep(*again, "--workers", "1")
    assert shown.code == 0, shown.err
    assert "1 of 2 members were trained before" in shown.out
    assert asked == [0, 1, 1]
    assert not list((tmp_path / "broken" / "checkpoint").glob("fold_*"))
    x = np.nan_to_num(pd.read_csv(csv).to_numpy()[:, 1:31].astype("float32"))
    assert (load_scorer("broken")(x) == load_scorer(run)(x)).all()


def test_evaluate_again(run, csv, kerashep, tmp_path):
    shown = kerashep("evaluate", run, "--data", csv, "-o", tmp_path / "again")
    assert shown.code == 0, shown.err
    assert "the model was trained on this very content" in shown.out
    document = json.loads((tmp_path / "again" / "metrics.json").read_text())
    assert document["per_mass"][0]["mass"] is None
    assert document["per_mass"][0]["roc_auc"]["value"] > 0.6


def test_reproduce_runs_the_ablations_of_the_model(csv, kerashep, monkeypatch):
    from kerashep.jobs import ablate

    asked = []
    monkeypatch.setattr(ablate, "ablate_job", lambda _, **rest: asked.append(rest))
    for study in ((), ("--study", "symmetry")):
        shown = kerashep("reproduce", "higgsml_dense", *study, "--data", csv)
        assert shown.code == 0, shown.err
    assert [one["ablations"] for one in asked] == [[], ["symmetry"]]
    refused = kerashep("reproduce", "higgsml_dense", "--provenance", "real")
    assert refused.code == 2
    assert "leave --provenance out" in refused.err


@pytest.mark.slow
def test_reproduce_prints_ours_beside_the_papers(csv, kerashep, tmp_path):
    target = tmp_path / "results.json"
    shown = kerashep(
        *("reproduce", "higgsml_dense", "--study", "symmetry", "--data", csv),
        *("--quick", "--workers", "1", "-o", target),
    )
    assert shown.code == 0, shown.err
    assert "Augmentation - Fixing" in shown.out
    assert "3.79 ± 0.01" in shown.out
    document = json.loads(target.read_text())["studies"]["symmetry"]
    assert [row["label"] for row in document["rows"]] == ["Fixing", "Augmentation"]
    assert document["data"][0]["name"] == "training.csv"
    assert (tmp_path / "results_figures" / "symmetry_metrics.png").is_file()


def test_named_data_sets_take_one_file(csv, kerashep, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text(csv.read_text())
    shown = kerashep("train", "higgsml_dense", "--data", csv, "--data", other)
    assert shown.code == 2
    assert "its file or its folder" in shown.err
    made = kerashep(
        "train", "higgsml_dense", "--set=data.dataset=higgs_simulated", "--data", csv
    )
    assert made.code == 2
    assert "data.columns" in made.err
