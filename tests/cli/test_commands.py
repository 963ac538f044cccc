"""Events to a served model: train, evaluate, predict, export, each as typed."""

import json
from pathlib import Path

import numpy as np
import pytest

METRICS = {"roc_auc", "pr_auc", "significance_ratio", "best_cut"}


@pytest.fixture
def run(kerashep, tiny_recipe, trained_folder):
    """The run folder, trained on first use: this file trains once."""
    if not (trained_folder / "report.html").exists():
        shown = kerashep("train", tiny_recipe(), "--run", trained_folder)
        assert shown.code == 0, shown.err
        assert all(
            name in shown.out for name in ("Written:", "report.html", "[simulated]")
        )
        assert "agree to" in shown.out
    return trained_folder


@pytest.fixture(scope="module")
def trained_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs") / "tiny"


@pytest.fixture
def events(tmp_path):
    """Parquet file of other events of the same kind."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from kerashep.datasets import load_resonance

    sample = load_resonance(
        masses_gev=(500, 750, 1000), signal_events=40, background_events=100, seed=9
    )
    columns = dict(zip(sample.feature_names, sample.features.T, strict=True))
    columns |= {"label": sample.label, "mass": np.nan_to_num(sample.parameters[:, 0])}
    pq.write_table(
        pa.table({name: np.ascontiguousarray(v) for name, v in columns.items()}),
        tmp_path / "others.parquet",
    )
    return sample, tmp_path / "others.parquet"


def test_run_folder_is_complete(run):
    import pandas as pd

    from kerashep.training.recipe import load_recipe

    document = json.loads((run / "metrics.json").read_text())
    assert document["provenance"] == "simulated"
    assert [one["mass"] for one in document["per_mass"]] == [500.0, 750.0, 1000.0]
    for one in document["per_mass"]:
        assert all(set(one[name]) == {"value", "error"} for name in METRICS)
        assert 0 <= one["roc_auc"]["value"] <= 1
    assert set(document["interpolation"]) == {"without 750"}
    assert set(document["matrices"]) == {"interpolation"}
    assert document["model"] == "affine_pnn"
    assert "lightgbm" not in document["versions"]
    assert load_recipe(run / "recipe.yaml").name == "tiny"
    assert len(pd.read_csv(run / "history.csv")) == 2
    assert (run / "model.keras").is_file()
    assert (run / "saved_model" / "saved_model.pb").is_file()
    figures = {path.stem for path in (run / "figures").glob("*.png")}
    assert {
        *("roc_auc", "significance_ratio", "best_cut", "roc_and_precision"),
        *("separation_500", "background_efficiency", "learning_curves"),
        *("overtraining", "representation", "interpolation", "interpolation_matrix"),
    } <= figures
    report = (run / "report.html").read_text()
    assert "simulated" in report
    assert "AffinePNN per mass" in report
    assert "Class separation at 500 GeV" in report
    assert "http://" not in report.replace("http://www.w3.org", "")


def test_rerun_does_not_train_again(run, kerashep, tiny_recipe):
    history, numbers = (run / "history.csv"), (run / "metrics.json")
    before = history.read_text(), json.loads(numbers.read_text())
    first = {name: (run / name).stat().st_mtime_ns for name in ("metrics.json",)}
    shown = kerashep(
        *("train", tiny_recipe(), "--run", run),
        *("--set", "evaluation.tsne_events=0"),
    )
    assert shown.code == 0, shown.err
    assert "epoch 1/2" not in shown.out + shown.err
    assert history.read_text() == before[0]
    assert numbers.stat().st_mtime_ns > first["metrics.json"]
    assert json.loads(numbers.read_text())["per_mass"] == before[1]["per_mass"]


def test_evaluate_on_a_file_needs_a_column_for_each_feature(run, kerashep, events):
    # The recipe's column map names three columns; the model was trained on 27.
    shown = kerashep("evaluate", run, "--data", events[1], "--bootstrap", 3)
    assert shown.code == 2
    assert "Traceback" not in shown.err


def test_evaluate_own_test_events_again(run, kerashep, tmp_path):
    shown = kerashep(
        *("evaluate", run, "--mass", 625, "--mass", 750, "--bootstrap", 3),
        *("-o", tmp_path / "again"),
    )
    # There is no signal of 625 GeV in the run's test events.
    assert shown.code == 2
    assert "625" in shown.err
    shown = kerashep("evaluate", run, "--mass", 750, "-o", tmp_path / "again")
    assert shown.code == 0, shown.err
    document = json.loads((tmp_path / "again" / "metrics.json").read_text())
    assert [one["mass"] for one in document["per_mass"]] == [750.0]
    first = json.loads((run / "metrics.json").read_text())["per_mass"][1]
    assert document["per_mass"][0]["roc_auc"]["value"] == pytest.approx(
        first["roc_auc"]["value"], abs=1e-6
    )


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".root"])
def test_predict_gives_the_scores_of_the_saved_model(
    run, kerashep, events, tmp_path, suffix
):
    import tensorflow as tf

    from kerashep.data.tables import read_table

    sample, path = events
    output = tmp_path / f"scored{suffix}"
    shown = kerashep(
        *("predict", run, path, "-o", output, "--mass", 500, "--mass", 625),
        *("--chunk", 64),
    )
    assert shown.code == 0, shown.err
    assert "220 events scored: score_m500, score_m625" in shown.out
    written = read_table(output, ["label", "score_m500", "score_m625"], None)
    np.testing.assert_array_equal(written["label"], sample.label)
    serve = tf.saved_model.load(str(run / "saved_model")).signatures["serving_default"]
    for mass in (500, 625):
        given = {
            "x": tf.constant(sample.features),
            "m": tf.fill((len(sample), 1), float(mass)),
        }
        (expected,) = serve(**given).values()
        np.testing.assert_allclose(
            written[f"score_m{mass}"], np.ravel(expected), atol=1e-5
        )


def test_predict_keeps_the_name_of_the_tree_and_the_columns_asked_for(
    run, kerashep, events, tmp_path
):
    import uproot

    sample, _ = events
    names = {"met": "MET_pt", "m_jj": "mjj"}
    columns = {
        names.get(name, name): values
        for name, values in zip(sample.feature_names, sample.features.T, strict=True)
    }
    with uproot.recreate(tmp_path / "in.root") as file:
        file["folder/Events"] = {**columns, "run": np.arange(len(sample))}
    shown = kerashep(
        *("predict", run, "in.root", "-o", "out.root", "--mass", 750),
        *("--column", "met=MET_pt", "--column", "m_jj=mjj"),
        *("--keep", "run", "--keep", "MET_pt"),
    )
    assert shown.code == 0, shown.err
    with uproot.open(tmp_path / "out.root") as file:
        assert file["Events"].keys() == ["run", "MET_pt", "score_m750"]
        np.testing.assert_array_equal(
            file["Events"]["MET_pt"].array(), columns["MET_pt"]
        )
    shown = kerashep("predict", run, "in.root", "-o", "o.csv", "--column", "met")
    assert shown.code == 2
    assert "FEATURE=COLUMN" in shown.err


def test_masses_in_tev_are_refused(run, kerashep, events, tmp_path):
    shown = kerashep("predict", run, events[1], "-o", "o.csv", "--mass", 0.75)
    assert shown.code == 2
    assert "Masses must be in GeV; these look like TeV: 0.75" in shown.err
    assert not (tmp_path / "o.csv").exists()
    shown = kerashep("evaluate", run, "--mass", 0.75)
    assert shown.code == 2
    assert "look like TeV: 0.75" in shown.err


def test_predict_warns_of_a_mass_outside_the_trained_range(
    run, kerashep, events, tmp_path
):
    shown = kerashep(
        "predict", run, events[1], "-o", tmp_path / "out.csv", "--mass", 3000
    )
    assert shown.code == 0
    assert "Warning:" in shown.out
    assert "3000" in shown.out


def test_predict_defaults_to_the_training_masses(run, kerashep, events, tmp_path):
    shown = kerashep("predict", run / "saved_model", events[1], "-o", "out.parquet")
    assert "score_m500, score_m750, score_m1000" in shown.out
    assert (tmp_path / "out.parquet").is_file()


def test_export_agrees_and_predicts_the_same(run, kerashep, tmp_path):
    from kerashep.export.loading import load_scorer

    shown = kerashep("export", run, "-o", "copy.keras", "--format", "keras")
    assert shown.code == 0, shown.err
    assert "10000 events" in shown.out
    x = np.random.default_rng(0).normal(100, 30, (50, 27)).astype("float32")
    original, copy = load_scorer(run), load_scorer(tmp_path / "copy.keras")
    np.testing.assert_allclose(copy(x, 750.0), original(x, 750.0), atol=1e-6)
    assert copy.info == original.info


def test_restart_forgets_all_earlier_trainings(run, kerashep, tiny_recipe):
    """Last in this file, because it replaces the run."""
    shown = kerashep(
        *("train", tiny_recipe(), "--run", run, "--restart"),
        *("--set", "training.epochs=1", "--set", "evaluation.tsne_events=0"),
    )
    assert shown.code == 0, shown.err
    for history in (run / "history.csv", *run.glob("interpolation/*/history.csv")):
        assert len(history.read_text().splitlines()) == 2


def test_train_and_evaluate_files(kerashep, tiny_recipe, table, write_events, tmp_path):
    write_events(table, "pythia_a.parquet")
    write_events({name: v[:120] for name, v in table.items()}, "other.parquet")
    small = ["evaluation.interpolation=null", "evaluation.tsne_events=0"]
    small += ["training.compiled=true", "export.saved_model=false", "training.epochs=1"]
    options = [word for value in small for word in ("--set", value)]
    shown = kerashep(
        *("train", tiny_recipe("weight"), "--data", "pythia_a.parquet"),
        *("--run", "mine", *options),
    )
    assert shown.code == 0, shown.err
    assert "[pythia]" in shown.out
    assert not Path("mine/saved_model").exists()
    # What the recipe says of its own files does not hold for another file.
    shown = kerashep("evaluate", "mine", "--data", "other.parquet", "--bootstrap", 3)
    assert shown.code == 0, shown.err
    assert "labelled 'simulated'" in shown.out
    document = json.loads((tmp_path / "mine/evaluation/metrics.json").read_text())
    assert document["provenance"] == "simulated"
    assert document["events"] == {"test": 120}


def without_mass(table, write_events, name="pythia.parquet"):
    return write_events({k: v for k, v in table.items() if k != "mass"}, name)


def test_network_without_parameters_on_events_without_a_mass(
    kerashep, tiny_recipe, table, write_events, tmp_path
):
    write = tiny_recipe("weight")
    text = write.read_text().replace("    parameters: {mass: mass}\n", "")
    write.write_text(text.replace("    undefined_parameter: 0\n", ""))
    path = without_mass(table, write_events)
    small = ["model.name=single_nn", "training.balance=class", "training.epochs=1"]
    small += ["evaluation.interpolation=null", "export.saved_model=true"]
    options = [word for value in small for word in ("--set", value)]
    shown = kerashep("train", write, "--data", path, "--run", "mine", *options)
    assert shown.code == 0, shown.err
    assert "no mass" in shown.out
    for place in ("mine", "mine/evaluation"):
        document = json.loads((tmp_path / place / "metrics.json").read_text())
        (one,) = document["per_mass"]
        assert one["mass"] is None
        assert 0 <= one["roc_auc"]["value"] <= 1
        assert one["signal_events"] + one["background_events"] > 0
        assert (tmp_path / place / "figures" / "separation.png").is_file()
        assert not (tmp_path / place / "figures" / "roc_auc.png").exists()
        report = (tmp_path / place / "report.html").read_text()
        assert "All signal against all background" in report
        assert "SingleNN" in report
        if place == "mine":
            shown = kerashep("evaluate", "mine", "--data", path)
            assert shown.code == 0, shown.err
    # A model with a mass input says what it misses, before it trains.
    shown = kerashep("train", write, "--data", path, *options[2:])
    assert shown.code == 2
    assert "needs events with a parameter such as the mass" in shown.err


def test_network_trained_with_masses_on_a_file_without(
    kerashep, tiny_recipe, table, write_events, tmp_path
):
    small = ["model.name=single_nn", "training.epochs=1", "evaluation.tsne_events=0"]
    small += ["evaluation.interpolation=null", "export.saved_model=false"]
    options = [word for value in small for word in ("--set", value)]
    path = write_events(table, "pythia_a.parquet")
    shown = kerashep("train", tiny_recipe(), "--data", path, "--run", "mine", *options)
    assert shown.code == 0, shown.err
    other = without_mass(table, write_events, "pythia_b.parquet")
    shown = kerashep("evaluate", "mine", "--data", other, "--bootstrap", 3)
    assert shown.code == 0, shown.err
    assert "No column mass" in shown.out
    document = json.loads((tmp_path / "mine/evaluation/metrics.json").read_text())
    assert [one["mass"] for one in document["per_mass"]] == [None]


def test_mass_column_in_tev_is_refused(kerashep, tiny_recipe, table, write_events):
    small = ["training.epochs=1", "evaluation.tsne_events=0"]
    small += ["evaluation.interpolation=null", "export.saved_model=false"]
    options = [word for value in small for word in ("--set", value)]
    path = write_events(table, "pythia_a.parquet")
    shown = kerashep("train", tiny_recipe(), "--data", path, "--run", "mine", *options)
    assert shown.code == 0, shown.err
    other = write_events({**table, "mass": table["mass"] / 1000}, "pythia_b.parquet")
    shown = kerashep("evaluate", "mine", "--data", other, "--bootstrap", 3)
    assert shown.code == 2
    assert "Masses must be in GeV; parameter 'mass'" in shown.err
    assert "between 0.5 and 1, which looks like TeV" in shown.err


def test_evaluate_knows_the_training_file_and_its_units(
    kerashep, tiny_recipe, table, write_events, tmp_path
):
    small = ["training.epochs=1", "evaluation.tsne_events=0"]
    small += ["evaluation.interpolation=null", "export.saved_model=false"]
    options = [word for value in small for word in ("--set", value)]
    path = write_events(table, "pythia_a.parquet")
    shown = kerashep("train", tiny_recipe(), "--data", path, "--run", "mine", *options)
    assert shown.code == 0, shown.err

    copy = tmp_path / "pythia_copy.parquet"
    copy.write_bytes(path.read_bytes())
    for file, known in (
        (copy, True),
        (
            write_events({k: v[:150] for k, v in table.items()}, "pythia_b.parquet"),
            False,
        ),
    ):
        shown = kerashep("evaluate", "mine", "--data", file, "--bootstrap", 3)
        assert shown.code == 0, shown.err
        warned = f"Warning: '{file}': the model was trained on this very content"
        assert (warned in shown.out) == known
        document = json.loads((tmp_path / "mine/evaluation/metrics.json").read_text())
        remark = "The events include those the model was trained on."
        assert all((remark in one["flags"]) == known for one in document["per_mass"])
        report = (tmp_path / "mine/evaluation/report.html").read_text()
        assert (remark in report) == known
    shown = kerashep("evaluate", "mine", "--bootstrap", 3)
    assert "very content" not in shown.out

    momenta = ("met", "m_jj", "m_WWbb")
    tev = {**table, **{name: table[name] / 1000 for name in momenta}}
    file = write_events(tev, "pythia_tev.parquet")
    for command in (
        ("evaluate", "mine", "--data", file, "--bootstrap", 3),
        ("predict", "mine", file, "-o", "o.parquet"),
    ):
        shown = kerashep(*command)
        assert shown.code == 2
        assert "3 of the 3 momenta, energies and masses are about 1000" in shown.err
        assert "'met', 'm_jj', 'm_WWbb'" in shown.err


def test_the_folder_of_a_named_data_set_is_remembered(kerashep, tmp_path, monkeypatch):
    import gzip

    from kerashep.training.recipe import load_recipe

    monkeypatch.delenv("KERASHEP_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    values = rng.normal(size=(600, 29))
    values[:, 0] = np.arange(600) % 2
    values[:, -1] = np.resize(np.repeat([500, 750, 1000, 1250, 1500], 2), 600)
    (tmp_path / "uci").mkdir()
    header = "label," + ",".join(f"f{i}" for i in range(27)) + ",mass"
    with gzip.open(tmp_path / "uci" / "all_train.csv.gz", "wt") as file:
        np.savetxt(file, values, delimiter=",", header=header)
    small = ["model.arguments={units: [4]}", "training.epochs=1"]
    small += ["evaluation.tsne_events=0", "export.saved_model=false"]
    options = [word for value in small for word in ("--set", value)]
    recipe = ("affine_pnn_hepmass", "--quick", "--data", "uci", "--run", "mine")
    shown = kerashep("train", *recipe, *options)
    assert shown.code == 0, shown.err
    folder = load_recipe(tmp_path / "mine" / "recipe.yaml").data.folder
    assert folder == str((tmp_path / "uci").resolve())
    # --quick reads the first events of the text and converts nothing.
    assert not list((tmp_path / "uci").glob("*.parquet"))
    shown = kerashep("evaluate", "mine", "--bootstrap", 3)
    assert shown.code == 0, shown.err
    (tmp_path / "uci").rename(tmp_path / "moved")
    shown = kerashep("evaluate", "mine", "--bootstrap", 3)
    assert shown.code == 2
    assert str(tmp_path / "uci") in shown.err
    assert "--data" in shown.err
    shown = kerashep("evaluate", "mine", "--bootstrap", 3, "--data", "moved")
    assert shown.code == 0, shown.err
