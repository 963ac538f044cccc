"""An alternative in a process of its own, driven by lines on standard input.

    python -m benchmarks.worker benchmarks.alternatives.keras_fit '{"events": 1000}'

The module's `build(settings)` returns a `Work`. Each line is answered by one line of
JSON; `run NAME` does the work NAME once and answers its times. Anything else that is
printed goes to standard error. Runs in the peers' environment too, so only the standard
library is imported here.
"""

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from importlib import metadata
from itertools import chain
from typing import Any, TextIO

RUN = "train"


class Work:
    """What an alternative does, once each time it is told to.

    Attributes:
        packages: Distributions whose versions are noted.
    """

    packages: tuple[str, ...] = ()

    def warm_up(self, name: str) -> None:
        """Compiles, fills caches: by default a whole run. Not timed."""
        self.prepare(name)
        self.run(name)

    def prepare(self, name: str) -> None:
        """Goes back to a fresh initial state. Not timed."""

    def run(self, name: str) -> Mapping[str, float] | None:
        """The work that is timed.

        Returns:
            None, or with `cpu` the processor time of other processes, to be added.
        """
        raise NotImplementedError

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """What came out, such as the loss on held-out events. Not timed."""
        return {}

    def parts(self) -> dict[str, float]:
        """Processor seconds of the parts of one run, where it can be taken apart."""
        return {}


def seconds_of(function: Callable[[], object]) -> float:
    """Processor time of one call, all threads of this process."""
    start = time.process_time()
    function()
    return time.process_time() - start


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Versions of the packages that are installed; TensorFlow also as its CPU build."""
    found = {}
    for package in packages:
        for name in (package, f"{package}-cpu"):
            try:
                found[package] = metadata.version(name)
                break
            except metadata.PackageNotFoundError:
                continue
    return found


def answer(work: Work, line: str) -> dict[str, Any]:
    """Carries out one line: `warm NAME`, `run NAME` or `parts`."""
    command, _, name = line.partition(" ")
    if command == "warm":
        work.warm_up(name)
        return {}
    if command == "parts":
        return dict(work.parts())
    work.prepare(name)
    wall, cpu = time.perf_counter(), time.process_time()
    more = work.run(name) or {}
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "wall": wall,
        "cpu": cpu + more.get("cpu", 0.0),
        "outcome": work.outcome(name),
    }


def serve(module: str, settings: dict[str, Any], answers: TextIO) -> None:
    """Builds the work, then answers lines until there are no more."""

    def say(content: dict[str, Any]) -> None:
        answers.write(json.dumps(content) + "\n")
        answers.flush()

    work: Work | None = None
    for line in chain(("build",), sys.stdin):
        try:
            if work is None:
                work = importlib.import_module(module).build(settings)
                say({"versions": versions(("numpy", *work.packages))})
            else:
                say(answer(work, line.strip()))
        except Exception as error:  # any failure is an answer; the others go on
            traceback.print_exc()
            say({"error": f"{type(error).__name__}: {error}"[:500]})
            if work is None:
                return


def main() -> None:
    """Keeps standard output for the answers alone."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(sys.argv[1], json.loads(sys.argv[2]), answers)


if __name__ == "__main__":
    main()
