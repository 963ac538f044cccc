"""Side-by-side timing: alternatives in turn (A B A B), medians, ratios, machine."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from kerashep._files import write_json

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Timing:
    """Times of one alternative, one entry a round.

    Args:
        wall_seconds: Elapsed time.
        cpu_seconds: Time of all threads of the process on a core. Where a core is
            shared with other programs, only this one is comparable.
    """

    wall_seconds: tuple[float, ...]
    cpu_seconds: tuple[float, ...]

    @property
    def wall(self) -> float:
        """Median elapsed time in seconds."""
        return statistics.median(self.wall_seconds)

    @property
    def cpu(self) -> float:
        """Median processor time in seconds."""
        return statistics.median(self.cpu_seconds)


@dataclass(frozen=True)
class Ratio:
    """How many times as long A takes as B: ratio of medians, spread over rounds."""

    median: float
    lowest: float
    highest: float


def alternate(
    work: Mapping[str, Callable[[], object]], rounds: int, warmup: bool = True
) -> dict[str, Timing]:
    """Times alternatives in turn, so that drifts of the machine touch all alike.

    Args:
        work: Name -> function that does the whole work once.
        rounds: How often each is timed.
        warmup: Whether each is run once before, untimed (compilation, caches).

    Returns:
        Name -> times, in the order of `work`.
    """
    if warmup:
        for function in work.values():
            function()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, function in work.items():
            wall, cpu = time.perf_counter(), time.process_time()
            function()
            elapsed = (time.perf_counter() - wall, time.process_time() - cpu)
            times[name].append(elapsed)
    return {
        name: Timing(tuple(t[0] for t in rows), tuple(t[1] for t in rows))
        for name, rows in times.items()
    }


def ratio(
    slow: Timing, fast: Timing, *, per: float = 1.0, clock: str = "wall"
) -> Ratio:
    """Time of `slow` over time of `fast`, with the spread over the rounds.

    Args:
        slow: The alternative compared with.
        fast: The alternative whose gain is asked for.
        per: Work of `fast` over work of `slow`, where they did different amounts.
        clock: `wall` or `cpu`.
    """
    rows = zip(
        getattr(slow, f"{clock}_seconds"),
        getattr(fast, f"{clock}_seconds"),
        strict=True,
    )
    each = [per * a / b for a, b in rows]
    return Ratio(
        per * getattr(slow, clock) / getattr(fast, clock), min(each), max(each)
    )


def pin_to_one_core() -> int | None:
    """Restricts this process to one core; None where the system cannot."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def machine(*packages: str) -> dict[str, Any]:
    """Processor, cores used, load and versions, to be stored beside the times."""
    usable = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))(0)
    return {
        "processor": _processor(),
        "cores_of_machine": os.cpu_count(),
        "cores_used": len(usable),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in ("numpy", *packages)},
    }


def write_results(name: str, content: Mapping[str, Any]) -> Path:
    """Writes `benchmarks/results/<name>.json`, whole or not at all."""
    path = RESULTS / f"{name}.json"
    write_json(path, dict(content))
    return path


def as_dict(value: Timing | Ratio) -> dict[str, Any]:
    """Plain numbers of a timing (with its medians) or a ratio."""
    if isinstance(value, Timing):
        return {"wall_median": value.wall, "cpu_median": value.cpu, **asdict(value)}
    return asdict(value)


def _version(package: str) -> str | None:
    for name in (package, f"{package}-cpu"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
