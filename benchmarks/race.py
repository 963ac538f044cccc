"""Alternatives in processes of their own, timed in turn: A B C A B C."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Queue
from typing import Any

from benchmarks.process import Launch, WorkerError, WorkerProcess
from benchmarks.timing import Timing, as_dict, machine
from benchmarks.worker import RUN


@dataclass(frozen=True)
class Alternative:
    """One line of a benchmark.

    Args:
        name: As it stands in the results.
        launch: Its process.
        work: What that process is told to do.
    """

    name: str
    launch: Launch
    work: str = RUN


@dataclass
class Results:
    """What a race found.

    Attributes:
        timings: Times of each alternative that finished all rounds.
        outcomes: What came out of its last run, such as the held-out loss.
        failures: Why the others did not.
        versions: Packages of each alternative.
        parts: Seconds of the parts of a run, of alternatives that were asked.
    """

    timings: dict[str, Timing] = field(default_factory=dict)
    outcomes: dict[str, dict[str, float]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    parts: dict[str, dict[str, float]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For the results file."""
        return {
            "machine": machine("tensorflow", "keras"),
            "versions": self.versions,
            "outcomes": self.outcomes,
            "failures": self.failures,
            "timings": {name: as_dict(t) for name, t in self.timings.items()},
        }


def race(
    alternatives: Sequence[Alternative], rounds: int, parts_of: Sequence[str] = ()
) -> Results:
    """Times alternatives in turn; only one process works at a time.

    Set-up (imports, data, building, compiling, one untimed run) is not timed; there two
    processes work at a time, one a core. Afterwards all are moved to one core, the last
    one, but those that may use all. An alternative that fails is left out from then on.

    Args:
        alternatives: In the order of a round; names must differ.
        rounds: How often each is timed.
        parts_of: Names of those asked for the parts of their time afterwards.
    """
    results = Results()
    workers = _set_up(alternatives, results)
    times: dict[str, list[dict[str, Any]]] = {}
    try:
        for number in range(rounds):
            for one in alternatives:
                if one.name in results.failures:
                    continue
                try:
                    worker = workers[one.launch.key]
                    found = worker.ask(f"run {one.work}")
                except WorkerError as error:
                    results.failures[one.name] = str(error)
                    continue
                times.setdefault(one.name, []).append(found)
                _say(f"round {number + 1}/{rounds}: {one.name} {found['wall']:.2f} s")
        _parts(alternatives, parts_of, workers, results)
    finally:
        for worker in workers.values():
            worker.end()
    for name, rows in times.items():
        if name not in results.failures:
            results.outcomes[name] = rows[-1]["outcome"]
            walls, cpus = ([row[clock] for row in rows] for clock in ("wall", "cpu"))
            results.timings[name] = Timing(tuple(walls), tuple(cpus))
    return results


def _set_up(
    alternatives: Sequence[Alternative], results: Results
) -> dict[str, WorkerProcess]:
    """Starts all processes and runs each alternative once."""
    cores = sorted(getattr(os, "sched_getaffinity", lambda _: {0})(0))
    free: Queue[int] = Queue()
    for core in cores:
        free.put(core)
    workers: dict[str, WorkerProcess] = {}

    def start(key: str) -> None:
        own = [one for one in alternatives if one.launch.key == key]
        core = free.get()
        try:
            launch = own[0].launch
            worker = WorkerProcess(launch, cores if launch.all_cores else {core})
            workers[key] = worker
            found = worker.answer()["versions"]
            for one in own:
                results.versions[one.name] = found
                _warm_up(one, worker, results)
            if not launch.all_cores:
                worker.move({cores[-1]})
        except WorkerError as error:
            for one in own:
                results.failures[one.name] = str(error)
                _say(f"{one.name} FAILED: {error}")
        finally:
            free.put(core)

    keys = dict.fromkeys(one.launch.key for one in alternatives)
    with ThreadPoolExecutor(len(cores)) as threads:
        for outcome in [threads.submit(start, key) for key in keys]:
            outcome.result()
    return workers


def _warm_up(one: Alternative, worker: WorkerProcess, results: Results) -> None:
    try:
        worker.ask(f"warm {one.work}")
    except WorkerError as error:
        results.failures[one.name] = str(error)
        _say(f"{one.name} FAILED: {error}")
    else:
        _say(f"ready: {one.name}")


def _parts(
    alternatives: Sequence[Alternative],
    parts_of: Sequence[str],
    workers: dict[str, WorkerProcess],
    results: Results,
) -> None:
    for one in alternatives:
        if one.name in parts_of and one.name not in results.failures:
            try:
                results.parts[one.name] = workers[one.launch.key].ask("parts")
            except WorkerError as error:
                results.parts[one.name] = {}
                _say(f"parts of {one.name} FAILED: {error}")


def _say(text: str) -> None:
    print(f"  {text}", flush=True)
