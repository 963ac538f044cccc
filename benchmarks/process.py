"""A worker process: started, pinned to cores, told lines, given up when it fails."""

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".venv-peers" / "bin" / "python"
SECONDS_AT_MOST = 600.0
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "KERASHEP_WORKERS": "1",
}


class WorkerError(Exception):
    """The worker answered with an error, did not answer, or ended."""


@dataclass(frozen=True)
class Launch:
    """How a worker is started; alternatives with equal ones share a process.

    Args:
        module: Name in `benchmarks.alternatives`.
        settings: For the module's `build`.
        peer: Whether it runs in the peers' environment.
        environment: Environment variables besides those for one thread.
        all_cores: Whether it may use all cores rather than one.
    """

    module: str
    settings: dict[str, Any]
    peer: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    all_cores: bool = False

    @property
    def key(self) -> str:
        """Equal for equal launches."""
        return json.dumps([vars(self)[name] for name in sorted(vars(self))])


class WorkerProcess:
    """One running worker.

    Args:
        launch: What to start.
        cores: Cores that it may use while it sets itself up.

    Raises:
        WorkerError: If the peers' environment is needed and missing.
    """

    def __init__(self, launch: Launch, cores: Collection[int]) -> None:
        if launch.peer and not PEERS.exists():
            raise WorkerError(
                "the peers' environment is missing: make .venv-peers/.installed"
            )
        self.log = tempfile.TemporaryFile()  # noqa: SIM115  (closed in `end`)
        self.process = subprocess.Popen(  # noqa: S603
            [
                str(PEERS) if launch.peer else sys.executable,
                "-m",
                "benchmarks.worker",
                f"benchmarks.alternatives.{launch.module}",
                json.dumps(launch.settings),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD, **launch.environment},
        )
        self.move(cores)

    def move(self, cores: Collection[int]) -> None:
        """Restricts all threads to `cores`, where the system can."""
        if not hasattr(os, "sched_setaffinity"):
            return
        tasks = Path(f"/proc/{self.process.pid}/task")
        for task in [*tasks.iterdir()] if tasks.exists() else []:
            try:
                os.sched_setaffinity(int(task.name), cores)
            except ProcessLookupError:
                continue  # the thread has ended meanwhile

    def tell(self, line: str) -> None:
        """Writes a line without waiting."""
        stdin = self.process.stdin
        try:
            if stdin is not None:
                stdin.write(f"{line}\n".encode())
                stdin.flush()
        except (OSError, ValueError) as error:  # it has ended, or was ended
            raise WorkerError(self._ending()) from error

    def answer(self, seconds: float = SECONDS_AT_MOST) -> dict[str, Any]:
        """The next answer.

        Raises:
            WorkerError: If it is an error, or does not come in time.
        """
        stdout = self.process.stdout
        if stdout is None or not select.select([stdout], [], [], seconds)[0]:
            self.end()
            raise WorkerError(f"no answer within {seconds:g} s")
        line = stdout.readline()
        if not line:
            raise WorkerError(self._ending())
        content: dict[str, Any] = json.loads(line)
        if "error" in content:
            raise WorkerError(content["error"])
        return content

    def ask(self, line: str) -> dict[str, Any]:
        """Tells a line and waits for the answer."""
        self.tell(line)
        return self.answer()

    def end(self) -> None:
        """Ends the process; it keeps nothing that needs saving."""
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def _ending(self) -> str:
        if self.log.closed:
            return "ended, because an earlier answer did not come in time"
        code = self.process.wait(timeout=10)
        self.log.seek(0)
        lines = self.log.read().decode(errors="replace").strip().splitlines()
        return f"ended with code {code}: {lines[-1] if lines else 'no message'}"
