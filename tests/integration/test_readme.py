"""The Python example of the README runs as printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
MOST_LINES = 18


def example():
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.S)
    return block


def test_example_is_short():
    assert len(example().splitlines()) <= MOST_LINES


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
