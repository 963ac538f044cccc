"""Every example runs, at small size."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = {"compiled_training.py", "train_affine_pnn.py"}
OF_A_RUN = {"explain_lbn.py"}  # run by tests/cli/test_single_top.py
SMALL = ["--events", "200", "--epochs", "1"]


def test_every_example_is_run_here():
    found = {path.name for path in (ROOT / "examples").glob("*.py")}
    assert found == EXAMPLES | OF_A_RUN


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_example(name, tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / name), *SMALL],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "1500 GeV: AUC 0." in done.stdout
