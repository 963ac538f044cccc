"""A mass and a coupling from files to predictions, each command as typed."""

import json

import numpy as np
import pytest

RECIPE = """
name: coupled
model: {name: parametric_nn, arguments: {units: [8]}}
data:
  dataset: file
  columns:
    features: [a, b]
    label: label
    parameters: {mass: mass, coupling: g}
    undefined_parameter: -1
training: {epochs: 1, batch_size: 64, balance: full, compiled: false}
evaluation: {bootstrap: 3, tsne_events: 0}
export: {parity_events: 100}
"""
ROWS = [(500.0, 0.3), (500.0, 1.0), (750.0, 0.3), (750.0, 1.0)]


@pytest.fixture
def recipe(tmp_path):
    (tmp_path / "coupled.yaml").write_text(RECIPE)
    return tmp_path / "coupled.yaml"


@pytest.fixture
def file(write_events):
    rng = np.random.default_rng(1)
    label = np.arange(800) % 2
    rows = np.array(ROWS)[rng.integers(0, 4, 800)]
    rows[label == 0] = -1
    columns = {
        "a": rng.normal(size=800) + label,
        "b": rng.normal(size=800) + rows[:, 1],
        "label": label,
        "mass": rows[:, 0],
        "g": rows[:, 1],
    }
    return write_events(columns, "simulated.parquet")


def test_train_report_evaluate_and_predict(kerashep, recipe, file, tmp_path):
    from kerashep.data.tables import read_table
    from kerashep.export.loading import load_scorer

    shown = kerashep("train", recipe, "--data", file, "--run", "run")
    assert shown.code == 0, shown.err
    assert "500 GeV, coupling 0.3" in shown.out
    document = json.loads((tmp_path / "run/metrics.json").read_text())
    found = [tuple(one["parameters"].items()) for one in document["per_mass"]]
    assert found == [(("mass", mass), ("coupling", g)) for mass, g in ROWS]
    assert document["trained_masses"] == [500.0, 750.0]
    assert document["trained_parameters"] == [list(row) for row in ROWS]
    flags = [flag for one in document["per_mass"] for flag in one["flags"]]
    assert not any("polation" in flag for flag in flags)
    report = (tmp_path / "run/report.html").read_text()
    assert "Class separation at 750 GeV, coupling 0.3" in report
    assert "ROC AUC against mass, coupling 0.3" in report
    names = {path.name for path in (tmp_path / "run/figures").glob("*.png")}
    assert {"separation_500_0.3.png", "roc_auc_coupling_0.3.png"} <= names
    shown = kerashep("evaluate", "run", "--data", file)
    assert shown.code == 0, shown.err
    assert "750 GeV, coupling 1" in shown.out

    command = ("predict", "run", file, "-o", "out.parquet")
    shown = kerashep(*command, "--parameters", "500,0.3", "--parameters", "600,1")
    assert shown.code == 0, shown.err
    added = ["score_mass500_coupling0p3", "score_mass600_coupling1"]
    written = read_table(tmp_path / "out.parquet", ["a", "b", *added], None)
    x = np.stack([written["a"], written["b"]], axis=1).astype("float32")
    scorer = load_scorer(tmp_path / "run")
    for name, row in zip(added, [(500, 0.3), (600, 1)], strict=True):
        m = np.tile(np.float32(row), (len(x), 1))
        np.testing.assert_allclose(written[name], np.ravel(scorer(x, m)), atol=1e-6)
    assert kerashep(*command).out.count("score_mass") == 4  # the trained rows

    for options, words in (
        (("--mass", 500), "takes 2 parameters (mass, coupling)"),
        (("--parameters", "500"), "takes 2 parameters (mass, coupling)"),
        (("--parameters", "500;0.3"), "--parameters must be numbers with commas"),
        (("--parameters", "0.5,0.3"), "look like TeV"),
        (("--mass", 500, "--parameters", "500,1"), "use one of them"),
    ):
        shown = kerashep(*command, *options)
        assert shown.code == 2
        assert words in shown.err


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("evaluation.interpolation={drop: [[500]]}", "`evaluation.interpolation`"),
        ("evaluation.extrapolation=true", "`evaluation.extrapolation`"),
        ("evaluation.masses_gev=[500]", "`evaluation.masses_gev`"),
        ("model={name: individual_nns}", "one network a mass"),
    ],
)
def test_what_needs_one_parameter_is_refused_before_training(
    kerashep, recipe, file, tmp_path, setting, words
):
    shown = kerashep("train", recipe, "--data", file, "--run", "run", "--set", setting)
    assert shown.code == 2
    assert words in shown.err
    assert "parameters" in shown.err
    assert not (tmp_path / "run/model.keras").exists()
