"""Many trainings over the processors: one process each, results in order."""

import contextlib
import gc
import os
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from typing import Any

from kerashep._processors import usable_processors

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


def worker_count(workers: int | None = None) -> int:
    """Number of processes: as asked, else `KERASHEP_WORKERS`, else the processors.

    Raises:
        ValueError: If the number is not a positive integer.
    """
    stated = os.environ.get(WORKERS_VARIABLE) if workers is None else workers
    if stated is None:
        return usable_processors()
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
    succeeded: Callable[[Any], None] | None = None,
) -> list[PoolResult]:
    """Runs `task(item)` for each item, each in a process with one thread.

    An item that fails, or whose process dies, is tried once more after the others.
    What was lost because the process of another item died runs again and has not
    failed. Warnings of the tasks are given here, each distinct one once.
    Tasks must draw all randomness from their item, so that results do not depend on
    where and when they run. Processes are reused: starting TensorFlow takes seconds.
    An interruption (Ctrl-C) or an error in `progress` or `succeeded` ends them at once.

    Args:
        task: Importable function of one argument.
        items: What to run it on; must be picklable.
        workers: Number of processes, see `worker_count`.
        progress: Called as `progress(done, total, item)` after each success, and with
            the error after a final failure.
        succeeded: Called with what the task returned as soon as it is there.

    Returns:
        One result an item, in the order of `items`.
    """
    count = worker_count(workers)
    results: dict[int, PoolResult] = {}

    def finish(index: int, result: PoolResult) -> None:
        results[index] = result
        if progress is not None:
            shown = items[index] if result.ok else _failure(items[index], result)
            progress(len(results), len(items), shown)
        if succeeded is not None and result.ok:
            succeeded(result.value)

    again: list[tuple[int, int]] = []
    with contextlib.closing(_together(task, items, count)) as together:
        for index, first in together:
            if first is not None and first.ok:
                finish(index, first)
            else:
                again.append((index, 1 if first is None else 2))
    with contextlib.closing(_apart(task, items, sorted(again), count)) as apart:
        for index, result in apart:
            finish(index, result)
    ordered = [results[index] for index in range(len(items))]
    for message in dict.fromkeys(text for one in ordered for text in one.warnings):
        warnings.warn(message, stacklevel=2)
    return ordered


def _together(
    task: Callable[[Any], Any], items: Sequence[Any], workers: int
) -> Generator[tuple[int, PoolResult | None]]:
    """Yields `(index, result)` as they finish; None for what a dead process lost.

    A process that dies breaks the executor: all that waits is lost, and nobody knows
    whose fault it was. The processes serve later calls too, unless this one is
    interrupted or closed early.
    """
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import BrokenProcessPool

    if not items:
        return
    workers = min(workers, len(items))
    executor = get_reusable_executor(max_workers=workers, **_process_options())
    waiting = deque(enumerate(items))
    running: dict[Future[PoolResult], int] = {}
    try:
        while waiting or running:
            # As many as loky hands on at once: it stumbles over others when stopped.
            while waiting and len(running) < 2 * workers:
                index, item = waiting.popleft()
                try:
                    running[executor.submit(_guarded, task, item, 1)] = index
                except BrokenProcessPool:
                    yield index, None
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                index = running.pop(future)
                lost = isinstance(future.exception(), BrokenProcessPool)
                yield index, None if lost else _outcome(future, 1)
    except BaseException:  # also the end of the caller: nothing goes on behind it
        executor.shutdown(kill_workers=True)
        raise


def _apart(
    task: Callable[[Any], Any],
    items: Sequence[Any],
    again: Sequence[tuple[int, int]],
    workers: int,
) -> Generator[tuple[int, PoolResult]]:
    """Yields `(index, result)` of `(index, attempt)`, no two items in one executor.

    A process that dies fails the one item it held. A first attempt that fails is
    followed by the second, after the others.
    """
    from joblib.externals.loky import ProcessPoolExecutor

    waiting, idle = deque(again), list[Any]()
    running: dict[Future[PoolResult], tuple[Any, int, int]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                index, attempt = waiting.popleft()
                executor = (
                    idle.pop() if idle else ProcessPoolExecutor(1, **_process_options())
                )
                future = executor.submit(_guarded, task, items[index], attempt)
                running[future] = executor, index, attempt
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                executor, index, attempt = running.pop(future)
                result = _outcome(future, attempt)
                if future.exception() is None:
                    idle.append(executor)
                else:
                    executor.shutdown(kill_workers=True)
                if result.ok or attempt == 2:
                    yield index, result
                else:
                    waiting.append((index, 2))
    finally:
        for executor in [*idle, *(executor for executor, _, _ in running.values())]:
            executor.shutdown(kill_workers=True)


def _process_options() -> dict[str, Any]:
    return {"env": _ENVIRONMENT, "initializer": _silence, "timeout": 300}


def _outcome(future: Future[PoolResult], attempt: int) -> PoolResult:
    error = future.exception()
    if error is None:
        return future.result()
    text = f"{type(error).__name__}: {error}"
    return PoolResult(None, _last_line(text), text, attempt)


def _silence() -> None:
    """Drops what TensorFlow writes while it starts; errors come back as results."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    os.close(sink)


def _guarded(task: Callable[[Any], Any], item: Any, attempt: int) -> PoolResult:
    with warnings.catch_warnings(record=True) as caught:
        try:
            result = PoolResult(task(item), attempts=attempt)
        except Exception:  # every failure is reported, with the item it belongs to
            text = traceback.format_exc()
            result = PoolResult(None, _last_line(text), text, attempt)
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


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "unknown error"


def _failure(item: Any, result: PoolResult) -> str:
    return f"{item} FAILED: {result.error}"
