"""Many trainings over the processors: one process each, results in order."""

import contextlib
import os
import warnings
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from kerashep._processors import usable_processors
from kerashep.training.pool_process import (
    WORKERS_VARIABLE,
    PoolResult,
    guarded,
    last_line,
    process_options,
)


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
    waiting = deque((index, items[index], attempt) for index, attempt in sorted(again))
    with contextlib.closing(_apart(task, _first_of(waiting), count)) as apart:
        for index, result in apart:
            finish(index, result)
    ordered = [results[index] for index in range(len(items))]
    for message in dict.fromkeys(text for one in ordered for text in one.warnings):
        warnings.warn(message, stacklevel=2)
    return ordered


def run_stream(
    task: Callable[[Any], Any],
    ask: Callable[[], Any],
    *,
    workers: int | None = None,
    most_items: int | None = None,
) -> Generator[tuple[Any, PoolResult]]:
    """Runs `task` on items that are not known beforehand, as processes get free.

    Otherwise as `run_pool`: one thread a process, failures are tried once more.

    Args:
        task: Importable function of one argument.
        ask: Called whenever a process is free; returns the next item, or None if there
            is none until another one has finished. The end is None while nothing runs.
        workers: Number of processes, see `worker_count`.
        most_items: After so many a process ends and another takes its place: TensorFlow
            keeps some memory of every program that it has compiled. Never by default.

    Yields:
        Each item with its result, as soon as it is there.
    """

    def asked() -> tuple[Any, Any, int] | None:
        item = ask()
        return None if item is None else (item, item, 1)

    count = worker_count(workers)
    with contextlib.closing(_apart(task, asked, count, most_items)) as apart:
        yield from apart


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
    executor = get_reusable_executor(max_workers=workers, **process_options())
    waiting = deque(enumerate(items))
    running: dict[Future[PoolResult], int] = {}
    try:
        while waiting or running:
            # As many as loky hands on at once: it stumbles over others when stopped.
            while waiting and len(running) < 2 * workers:
                index, item = waiting.popleft()
                try:
                    running[executor.submit(guarded, task, item, 1)] = index
                except BrokenProcessPool:
                    yield index, None
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                index = running.pop(future)
                lost = isinstance(future.exception(), BrokenProcessPool)
                yield index, None if lost else _outcome(future, 1)
    except BaseException:  # also the end of the caller: nothing goes on behind it
        executor.shutdown(kill_workers=True)
        raise


_Attempt = tuple[Any, Any, int]  # key, item, number of the attempt


def _apart(
    task: Callable[[Any], Any],
    ask: Callable[[], _Attempt | None],
    workers: int,
    most_items: int | None = None,
) -> Generator[tuple[Any, PoolResult]]:
    """Yields the key and the result of each attempt, no two items in one executor.

    A process that dies fails the one item it held. A first attempt that fails is
    followed by the second, after the others.
    """
    from joblib.externals.loky import ProcessPoolExecutor

    again, idle = deque[_Attempt](), list[Any]()
    running: dict[Future[PoolResult], tuple[Any, _Attempt]] = {}
    served = Counter[Any]()
    try:
        while True:
            while len(running) < workers:
                attempt = ask() or _first_of(again)()
                if attempt is None:
                    break
                executor = (
                    idle.pop() if idle else ProcessPoolExecutor(1, **process_options())
                )
                future = executor.submit(guarded, task, *attempt[1:])
                running[future] = executor, attempt
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                executor, (key, item, number) = running.pop(future)
                result = _outcome(future, number)
                served[executor] += 1
                if future.exception() is None and served[executor] != most_items:
                    idle.append(executor)
                else:
                    executor.shutdown(kill_workers=True)
                if result.ok or number == 2:
                    yield key, result
                else:
                    again.append((key, item, 2))
    finally:
        for executor in [*idle, *(executor for executor, _ in running.values())]:
            executor.shutdown(kill_workers=True)


def _first_of(waiting: deque[_Attempt]) -> Callable[[], _Attempt | None]:
    return lambda: waiting.popleft() if waiting else None


def _outcome(future: Future[PoolResult], attempt: int) -> PoolResult:
    error = future.exception()
    if error is None:
        return future.result()
    text = f"{type(error).__name__}: {error}"
    return PoolResult(None, last_line(text), text, attempt)


def _failure(item: Any, result: PoolResult) -> str:
    return f"{item} FAILED: {result.error}"
