"""A regression from the command line: trained, measured, evaluated, applied."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

RECIPE = """
name: mass
model: {name: dense_regressor, arguments: {units: [16, 8], scale: 100}}
data:
  dataset: w_jets_simulated
  arguments: {events: 400, constituents: 8}
  split: {fractions: {train: 0.6, validation: 0.2, test: 0.2}}
training:
  loss: mean_squared_error
  epochs: 3
  batch_size: 64
  learning_rate: 1e-2
  early_stopping: {monitor: val_loss, patience: 5}
evaluation: {bootstrap: 5, tsne_events: 0}
export: {parity_events: 200}
"""


@pytest.fixture
def run(kerashep, tmp_path):
    (tmp_path / "mass.yaml").write_text(RECIPE)
    shown = kerashep("train", "mass.yaml", "--run", "runs/mass")
    assert shown.code == 0, shown.err
    assert "400 events, 32 features [simulated]" in shown.out
    return kerashep


def test_train_evaluate_and_predict(run, tmp_path):
    from kerashep.datasets import load_dataset

    folder = tmp_path / "runs" / "mass"
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["events"] == {"train": 240, "validation": 80, "test": 80}
    assert metrics["resolution"]["error"] > 0
    assert metrics["median_response"]["error"] > 0
    figures = {path.stem for path in (folder / "figures").iterdir()}
    assert figures == {"response_truth", "response_jet_pt", "learning_curves"}
    assert "Median response" in (folder / "report.html").read_text()
    assert (folder / "saved_model" / "saved_model.pb").is_file()

    shown = run("evaluate", "runs/mass")
    assert shown.code == 0, shown.err
    again = json.loads((folder / "evaluation" / "metrics.json").read_text())
    assert again["resolution"] == metrics["resolution"]

    events = load_dataset("w_jets_simulated", events=30, constituents=8, seed=9)
    columns = dict(zip(events.feature_names, events.features.T, strict=True))
    pq.write_table(pa.table({**columns, "m": events.target}), tmp_path / "jets.parquet")
    shown = run("predict", "runs/mass", "jets.parquet", "-o", "out.parquet")
    assert shown.code == 0, shown.err
    predicted = pq.read_table(tmp_path / "out.parquet")["prediction"].to_numpy()
    check_numbers(predicted, events, folder)


def test_files_with_a_column_of_the_target(kerashep, tmp_path):
    """Trained on a file, evaluated on another one."""
    from kerashep.datasets import load_dataset

    for name, seed in (("one.parquet", 1), ("two.parquet", 2)):
        events = load_dataset("w_jets_simulated", events=200, constituents=8, seed=seed)
        columns = dict(zip(events.feature_names, events.features.T, strict=True))
        pq.write_table(pa.table({**columns, "m": events.target}), tmp_path / name)
    recipe = RECIPE.replace("w_jets_simulated", "file").replace(
        "  arguments: {events: 400, constituents: 8}\n",
        f"  paths: [one.parquet]\n  provenance: simulated\n  columns:\n"
        f"    {{features: {list(events.feature_names)}, label: null, target: m}}\n",
    )
    (tmp_path / "files.yaml").write_text(recipe)
    shown = kerashep("train", "files.yaml", "--run", "runs/files")
    assert shown.code == 0, shown.err
    shown = kerashep("evaluate", "runs/files", "--data", "two.parquet")
    assert shown.code == 0, shown.err
    place = tmp_path / "runs" / "files" / "evaluation" / "metrics.json"
    assert json.loads(place.read_text())["events"] == {"test": 200}
    shown = kerashep("evaluate", "runs/files", "--mass", "80")
    assert shown.code == 2
    assert "--mass is of signal" in shown.err


def check_numbers(predicted, events, folder):
    """The SavedModel gives the same in plain TensorFlow."""
    import tensorflow as tf

    model = tf.saved_model.load(str(folder / "saved_model"))
    served = model.signatures["serving_default"](x=tf.constant(events.features))
    np.testing.assert_allclose(predicted, served["output_0"].numpy()[:, 0], rtol=1e-5)
    assert predicted.std() > 0


def test_what_does_not_fit_is_said(kerashep, tmp_path):
    (tmp_path / "mass.yaml").write_text(RECIPE)
    shown = kerashep("train", "mass.yaml", "--set", "data.dataset=jets_simulated")
    assert shown.code == 2
    assert "The train events have no target" in shown.err
    classify = ["--set", "training.loss=binary_crossentropy"]
    shown = kerashep("train", "mass.yaml", *classify, "--set", "model.name=single_nn")
    assert shown.code == 2
    assert "The events have no label" in shown.err
