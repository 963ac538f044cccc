import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def kerashep(monkeypatch, capsys, tmp_path):
    """Runs the command in this process, in an empty folder, and tells what came."""
    from kerashep.cli.main import main

    monkeypatch.delenv("KERASHEP_TRACEBACK", raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["kerashep", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as raised:
            main()
        shown = capsys.readouterr()
        return Ran(raised.value.code or 0, shown.out, shown.err)

    return run


@pytest.fixture(scope="session")
def loaded_modules():
    """Modules that a command imported, found in a process of its own."""

    def run(*arguments):
        code = (
            "import sys\n"
            f"sys.argv = ['kerashep', *{list(arguments)!r}]\n"
            "from kerashep.cli.main import main\n"
            "try:\n    main()\nfinally:\n    print('MODULES', *sys.modules)\n"
        )
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        shown, _, names = done.stdout.rpartition("MODULES")
        assert done.returncode == 0, done.stderr
        return shown, {name.split(".")[0] for name in names.split()}

    return run


RECIPE = """
name: tiny
description: For tests
model:
  name: affine_pnn
  arguments: {units: [8, 4]}
data:
  dataset: resonance
  arguments: {signal_events: 120, background_events: 400, masses_gev: [500, 750, 1000]}
  columns:
    features: [met, m_jj, m_WWbb]
    label: label
    parameters: {mass: mass}
    undefined_parameter: 0
    weight: WEIGHT
training: {epochs: 2, batch_size: 64, learning_rate: 1e-2, compiled: false, balance: full}
evaluation: {bootstrap: 4, tsne_events: 60, interpolation: {drop: [[750]]}}
export: {parity_events: 500}
seed: 3
"""


@pytest.fixture
def tiny_recipe(tmp_path):
    """Recipe file with a weight column in its column map, or without."""

    def write(weight=None):
        text = RECIPE.replace("    weight: WEIGHT\n", "")
        if weight:
            text = RECIPE.replace("WEIGHT", weight)
        path = tmp_path / "tiny.yaml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def table():
    """Columns that the tiny recipe reads."""
    rng = np.random.default_rng(5)
    label = np.arange(200) % 2
    mass = np.where(label == 1, rng.choice([500, 750, 1000], 200), 0)
    return {
        "met": rng.exponential(80, 200).astype("float32"),
        "m_jj": rng.normal(80, 10, 200).astype("float32"),
        "m_WWbb": (rng.normal(700, 100, 200) + 100 * label).astype("float32"),
        "label": label,
        "mass": mass.astype("float32"),
        "weight": np.ones(200, "float32"),
    }


@pytest.fixture
def write_events(tmp_path):
    def write(columns, name="events.parquet"):
        pq.write_table(pa.table(columns), tmp_path / name)
        return tmp_path / name

    return write
