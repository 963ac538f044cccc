"""Many trainings over the processors: one process each, results in order."""

import os
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

WORKERS_VARIABLE = "KERASHEP_WORKERS"
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


@dataclass(frozen=True)
class PoolResult:
    """Outcome of one item.

    Attributes:
        value: What the task returned; None if it failed.
        error: The last line of the error, None if it succeeded.
        details: The whole traceback of the failure.
        attempts: 1, or 2 if it was retried.
    """

    value: Any
    error: str | None = None
    details: str = ""
    attempts: int = 1

    @property
    def ok(self) -> bool:
        """Whether the task succeeded."""
        return self.error is None


def worker_count(workers: int | None = None) -> int:
    """Number of processes: as asked, else `KERASHEP_WORKERS`, else the processors.

    Raises:
        ValueError: If the number is not a positive integer.
    """
    stated = os.environ.get(WORKERS_VARIABLE) if workers is None else workers
    if stated is None:
        return len(os.sched_getaffinity(0))
    try:
        count = int(stated)
    except ValueError:
        count = 0
    if count < 1:
        raise ValueError(
            f"The number of workers (--workers, {WORKERS_VARIABLE}) must be a positive "
            f"integer. Received: {stated!r}."
        )
    return count


def run_pool(
    task: Callable[[Any], Any],
    items: Sequence[Any],
    *,
    workers: int | None = None,
    progress: Callable[[int, int, Any], None] | None = None,
) -> list[PoolResult]:
    """Runs `task(item)` for each item, each in a process with one thread.

    An item that fails, or whose process dies, is tried once more after the others.
    Tasks must draw all randomness from their item, so that results do not depend on
    where and when they run. Processes are reused: starting TensorFlow takes seconds.

    Args:
        task: Importable function of one argument.
        items: What to run it on; must be picklable.
        workers: Number of processes, see `worker_count`.
        progress: Called as `progress(done, total, item)` after each success, and with
            the error after a final failure.

    Returns:
        One result an item, in the order of `items`.
    """
    results: list[PoolResult | None] = [None] * len(items)
    waiting = list(range(len(items)))
    for attempt in (1, 2) if items else ():
        done = len(items) - len(waiting)
        for index, result in _run(task, items, waiting, worker_count(workers), attempt):
            results[index] = result
            if result.ok or attempt == 2:
                done += 1
                if progress is not None:
                    shown = (
                        items[index] if result.ok else _failure(items[index], result)
                    )
                    progress(done, len(items), shown)
        waiting = [
            i for i, result in enumerate(results) if result is None or not result.ok
        ]
        if not waiting:
            break
    return [result or PoolResult(None, "not run") for result in results]


def _run(
    task: Callable[[Any], Any],
    items: Sequence[Any],
    waiting: Sequence[int],
    workers: int,
    attempt: int,
) -> Any:
    """Yields `(index, result)` as they finish; a dead process fails what it held."""
    from concurrent.futures import as_completed

    from joblib.externals.loky import get_reusable_executor

    executor = get_reusable_executor(
        max_workers=min(workers, len(waiting)),
        env=_ONE_THREAD,
        initializer=_silence,
        timeout=300,
    )
    futures = {
        executor.submit(_guarded, task, items[index], attempt): index
        for index in waiting
    }
    for future in as_completed(futures):
        error = future.exception()
        if error is None:
            yield futures[future], future.result()
        else:
            text = f"{type(error).__name__}: {error}"
            yield futures[future], PoolResult(None, _last_line(text), text, attempt)


def _silence() -> None:
    """Drops what TensorFlow writes while it starts; errors come back as results."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    os.close(sink)


def _guarded(task: Callable[[Any], Any], item: Any, attempt: int) -> PoolResult:
    try:
        return PoolResult(task(item), attempts=attempt)
    except Exception:  # every failure is reported, with the item it belongs to
        text = traceback.format_exc()
        return PoolResult(None, _last_line(text), text, attempt)


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "unknown error"


def _failure(item: Any, result: PoolResult) -> str:
    return f"{item} FAILED: {result.error}"
