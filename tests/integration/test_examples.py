"""Every example runs, at small size."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kerashep.datasets import load_jets_simulated, load_toptagging

ROOT = Path(__file__).parents[2]
EXAMPLES = {
    "compiled_training.py": "1500 GeV: AUC 0.",
    "train_affine_pnn.py": "1500 GeV: AUC 0.",
    "tune_single_top_mlp.py": "'hidden_layers_dim': ",
}  # and what they print
OF_A_RUN = {"explain_lbn.py"}  # run by tests/cli/test_single_top.py
OF_FILES = {"write_jets.py"}
SMALL = ["--events", "200", "--epochs", "1"]


def test_every_example_is_run_here():
    found = {path.name for path in (ROOT / "examples").glob("*.py")}
    assert found == {*EXAMPLES} | OF_A_RUN | OF_FILES


def run(name, *arguments, cwd):
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / name), *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_example(name, tmp_path):
    if name.startswith("tune"):
        pytest.importorskip("keras_tuner", reason="KerasTuner is not installed")
    assert EXAMPLES[name] in run(name, *SMALL, cwd=tmp_path)


def test_written_jets_are_read_as_reference_files(tmp_path):
    sizes = ["--train", "60", "--test", "20", "--constituents", "12"]
    run("write_jets.py", "jets", *sizes, cwd=tmp_path)
    jets = load_jets_simulated(events=80, constituents=12)
    for split, rows in (("train", slice(60)), ("test", slice(60, None))):
        read = load_toptagging(tmp_path / "jets", split=split, constituents=12)
        np.testing.assert_array_equal(read.features, jets.features[rows])
        np.testing.assert_array_equal(read.label, jets.label[rows])
