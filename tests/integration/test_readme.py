"""The examples of the README, Python and recipe, run as printed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot

from kerashep.datasets import load_dataset
from kerashep.jobs.parameter_rows import parse_rows
from kerashep.zoo.catalogue import BUILT_IN
from kerashep.zoo.registry import create_model

README = Path(__file__).parents[2] / "README.md"
MOST_LINES = 15  # but blank ones


def example(language="python"):
    blocks = re.findall(rf"```{language}\n(.*?)```", README.read_text("utf-8"), re.S)
    (block,) = blocks
    return block


def lines_of(text):
    return [line for line in text.splitlines() if line.strip()]


def test_example_is_short():
    assert len(lines_of(example())) <= MOST_LINES


def test_example_runs_as_printed(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", example()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(README.parent)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for mass in (500, 750, 1000, 1250, 1500):
        assert re.search(rf"^{mass} GeV: AUC 0\.\d+ ± 0\.\d+", done.stdout, re.M)


def write_samples(folder):
    """ROOT files as the recipe of the README names them, without a label."""
    rng = np.random.default_rng(4)
    for name, peak in (("tt", 300), ("x500", 500), ("x1000", 1000)):
        columns = {
            "lead_pt": rng.exponential(80, 600).astype("float32"),
            "m_jj": rng.normal(peak, 120, 600).astype("float32"),
            "met": rng.exponential(50, 600).astype("float32"),
            "genWeight": rng.uniform(0.5, 1.5, 600),
        }
        with uproot.recreate(folder / f"{name}.root") as file:
            file.mktree("Events", {k: v.dtype for k, v in columns.items()})
            file["Events"].extend(columns)


def kerashep(folder, *arguments):
    code = "from kerashep.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(README.parent)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_recipe_of_files_runs_as_printed(tmp_path):
    write_samples(tmp_path)
    (tmp_path / "search.yaml").write_text(example("yaml"))
    assert len(lines_of(example("yaml"))) <= MOST_LINES
    shown = kerashep(tmp_path, "train", "search.yaml", "--run", "runs/search")
    assert "1200 signal at 500, 1000 GeV and 600 background events" in shown
    document = json.loads((tmp_path / "runs/search/metrics.json").read_text())
    assert [one["mass"] for one in document["per_mass"]] == [500.0, 1000.0]
    assert all(one["roc_auc"]["value"] > 0.8 for one in document["per_mass"])
    shown = kerashep(tmp_path, "evaluate", "runs/search")
    assert "runs/search/evaluation/report.html" in shown


def command(words):
    """The command of the text that holds `words`, without `kerashep`."""
    commands = re.findall(r"`kerashep\s([^`]*)`", README.read_text("utf-8"))
    (found,) = [text for text in commands if words in text]
    return found.split()


def test_events_without_a_mass_train_as_printed(tmp_path):
    sample = load_dataset("resonance", signal_events=60, background_events=300)
    columns = dict(zip(sample.feature_names, sample.features.T, strict=True))
    table = {name: np.ascontiguousarray(values) for name, values in columns.items()}
    pq.write_table(
        pa.table({**table, "label": sample.label}), tmp_path / "events.parquet"
    )
    quick = ("--quick", "--set", "training.epochs=1", "--run", "mine")
    shown = kerashep(tmp_path, *command("single_nn"), *quick)
    assert "No column mass: the events are used without a mass." in shown
    document = json.loads((tmp_path / "mine/metrics.json").read_text())
    assert [one["mass"] for one in document["per_mass"]] == [None]


def test_rows_of_parameters_are_options_of_predict():
    arguments = command("--parameters")
    assert arguments[0] == "predict"
    texts = [arguments[i + 1] for i, v in enumerate(arguments) if v == "--parameters"]
    assert parse_rows(texts) == ((500.0, 0.3), (750.0, 0.1))


def models():
    """Registered name -> what it is, and number of parameters, of the README's table."""
    rows = re.findall(
        r"^\| `(\w+)` \| (.*?) \| (.*?) \| \[", README.read_text("utf-8"), re.M
    )
    return {name: (text, count) for name, text, count in rows}


def test_every_registered_model_is_listed():
    listed = models()
    assert set(listed) == set(BUILT_IN)
    for name, (text, _) in listed.items():
        assert text.startswith(f"`{BUILT_IN[name]}`: ")
    for other in ("`Preprocessed`", "`Ensemble`"):
        assert other in README.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("single_nn", {}),
        ("individual_nns", {"masses_gev": [500, 750, 1000, 1250, 1500]}),
        ("parametric_nn", {}),
        ("affine_pnn", {}),
        ("lbn_classifier", {"num_features": 320}),
        ("lola_classifier", {"num_features": 320}),
        ("particle_flow_network", {"num_features": 320}),
        ("lbn_regressor", {"num_features": 320}),
        ("dense_regressor", {"num_features": 320}),
    ],
)
def test_listed_numbers_of_parameters(name, arguments):
    count = create_model(name, **{"num_features": 27, **arguments}).count_params()
    assert models()[name][1].split()[0] == f"{count:,}"
