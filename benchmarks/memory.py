"""Peak memory of training on events that stay on disk, and on events in memory.

    python -m benchmarks.memory [--quick]

The work: `kerashep train`, one epoch of an AffinePNN, evaluation and export, on a
Parquet file of 6 million events of 30 features (200,000 with --quick), 80 % of them for
training and 10 % each for validation and the test; once with `data.streamed: true`,
once without. The number is the peak of the memory that the whole process holds for
itself, TensorFlow included, read ten times a second from Linux (`RssAnon`): pages of
mapped files, such as those of the copy on disk, are left out, since the system takes
them back at need. With them it is `peak_resident_gb`.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.command import command
from benchmarks.process import ROOT
from benchmarks.timing import machine

NAME = "memory"
FEATURES = 30
STREAMED, IN_MEMORY = "streamed", "in memory"
_INTERVAL = 0.1  # seconds
_COMMAND = "from kerashep.cli.main import main; main()"
_WRITE = "import sys; from benchmarks.memory import write; write(*sys.argv[1:])"
_RECIPE = f"""
name: memory
model: {{name: affine_pnn, arguments: {{units: [64, 64]}}}}
data:
  dataset: file
  paths: [events.parquet]
  provenance: simulated
  columns:
    features: [{", ".join(f"f{i}" for i in range(FEATURES))}]
    parameters: {{mass: mass}}
    event_id: id
  split: {{by: event_id, fractions: {{train: 0.8, validation: 0.1, test: 0.1}}}}
training: {{epochs: 1, batch_size: 4096, balance: full}}
evaluation: {{bootstrap: 10, tsne_events: 0}}
"""


def measure(quick: bool) -> dict[str, Any]:
    """What goes into the results file."""
    events = 200_000 if quick else 6_000_000
    peaks: dict[str, float] = {}
    resident: dict[str, float] = {}
    failures: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "memory.yaml").write_text(_RECIPE, encoding="utf-8")
        peaks_gb([_WRITE, str(folder / "events.parquet"), str(events)], ROOT)
        for way in (STREAMED, IN_MEMORY):
            try:
                peaks[way], resident[way] = peaks_gb(_training(way), folder)
            except RuntimeError as error:
                failures[way] = str(error)
            else:
                print(f"  {way}: {peaks[way]:.2f} GB", flush=True)
    return {
        "timed": "nothing; whole processes, one at a time",
        "settings": {"events": events, "features": FEATURES},
        "rows": [],  # nothing is asked of it
        "peak_gb": peaks,
        "peak_resident_gb": resident,
        "failures": failures,
        "machine": machine("tensorflow", "keras"),
    }


def peaks_gb(code: Sequence[str], folder: Path) -> tuple[float, float]:
    """Peak memory of a Python process in GB: its own, and with pages of files.

    Args:
        code: What it runs, and its arguments.
        folder: Where.

    Raises:
        RuntimeError: If it ends with an error, with its last line.
    """
    own, resident = 0, 0
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", *code],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "-1"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        while process.poll() is None:
            sizes = _sizes(process.pid)
            own = max(own, sizes.get("RssAnon", 0))
            resident = max(resident, sizes.get("VmHWM", 0))
            time.sleep(_INTERVAL)
        log.seek(0)
        lines = log.read().decode(errors="replace").strip().splitlines()
    if process.returncode:
        raise RuntimeError(lines[-1] if lines else f"code {process.returncode}")
    if not own:
        raise RuntimeError("no /proc/PID/status: the peak is read on Linux only")
    return own * 1024 / 1e9, resident * 1024 / 1e9


def _sizes(pid: int) -> dict[str, int]:
    """Memory of a process by kind, in KiB."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:  # it has ended
        return {}
    return {key: int(size) for key, size in re.findall(r"(\w+):\s+(\d+) kB", text)}


def write(path: str, events: str) -> None:
    """Writes a Parquet file of simulated events with ids, a block at a time."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from benchmarks.events import make_sample

    block, writer = 100_000, None
    for number in range(int(events) // block):
        sample = make_sample(block, FEATURES, parametric=True, seed=number)
        columns = {f"f{i}": sample.x[:, i].copy() for i in range(FEATURES)}
        columns |= {"label": sample.y[:, 0], "mass": sample.inputs["m"][:, 0]}
        ids = np.arange(number * block, (number + 1) * block)
        table = pa.table({**columns, "id": ids})
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _training(way: str) -> list[str]:
    streamed = f"data.streamed={'true' if way == STREAMED else 'false'}"
    run = way.replace(" ", "_")
    return [_COMMAND, "train", "memory.yaml", "--run", run, "--set", streamed]


if __name__ == "__main__":
    command(NAME, __doc__, measure)
