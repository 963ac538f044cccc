"""Inside the processes of a pool: one thread, quiet, and gone with their parent."""

import gc
import os
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

WORKERS_VARIABLE = "KERASHEP_WORKERS"
# Read when NumPy and TensorFlow start.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
_ENVIRONMENT = {**ONE_THREAD, WORKERS_VARIABLE: "1", "TF_CPP_MIN_LOG_LEVEL": "3"}


@dataclass(frozen=True)
class PoolResult:
    """Outcome of one item.

    Attributes:
        value: What the task returned; None if it failed.
        error: The last line of the error, None if it succeeded.
        details: The whole traceback of the failure.
        attempts: 1, or 2 if it was retried after a failure of its own.
        warnings: Distinct messages of the Python warnings the task gave.
    """

    value: Any
    error: str | None = None
    details: str = ""
    attempts: int = 1
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the task succeeded."""
        return self.error is None


def process_options() -> dict[str, Any]:
    """How loky starts a process of a pool."""
    return {
        "env": _ENVIRONMENT,
        "initializer": _start,
        "initargs": (os.getpid(),),
        "timeout": 300,
    }


def _start(parent: int) -> None:
    """Silences TensorFlow's start, errors come back as results; ends with the parent.

    A parent that is killed cannot stop its processes: they would go on behind its
    back, beside those of the command that continues.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    os.close(sink)


def guarded(task: Callable[[Any], Any], item: Any, attempt: int) -> PoolResult:
    """The task's result, or its error.

    Args:
        task: Function of one argument.
        item: The argument.
        attempt: Its number.
    """
    with warnings.catch_warnings(record=True) as caught:
        try:
            result = PoolResult(task(item), attempts=attempt)
        except Exception:  # every failure is reported, with the item it belongs to
            text = traceback.format_exc()
            result = PoolResult(None, last_line(text), text, attempt)
    _leave_libraries_alone()
    messages = dict.fromkeys(str(one.message) for one in caught)
    return replace(result, warnings=tuple(messages))


def _leave_libraries_alone() -> None:
    """After the first task: garbage is no longer searched for among what it imported.

    loky collects garbage after each task of over a second, which takes as long as a
    short task for the objects of TensorFlow and of compiled programs.
    """
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()


def last_line(text: str) -> str:
    """The last line of a traceback that says something.

    Args:
        text: The traceback.
    """
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "unknown error"
