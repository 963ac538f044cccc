"""How the time of a training grows with the number of resident events.

    python -m benchmarks.growth [--quick]

The work: 4 million events passed through the dense classifier (see `dense_classifier`),
as 40 epochs of 100,000, 4 of 1 million or one of 4 million. If the time
is linear in the events, all take the same processor time. The ratio is that of the
slowest to the quickest. One core.
"""

from collections.abc import Mapping
from statistics import median
from typing import Any

from benchmarks.command import command
from benchmarks.goals import Goal, row, unmeasured
from benchmarks.process import Launch
from benchmarks.race import Alternative, race
from benchmarks.timing import Ratio, Timing

NAME = "growth"
GOAL = Goal(
    "time an event, 10^5 to 4 x 10^6 events, slowest to quickest", 1.15, 1.05, True
)


def measure(quick: bool) -> dict[str, Any]:
    """What goes into the results file."""
    sizes = (20_000, 200_000) if quick else (100_000, 1_000_000, 4_000_000)
    settings = {"network": "dense", "features": 33, "batch_size": 256}
    alternatives = []
    for size in sizes:
        own = {**settings, "events": size, "epochs": sizes[-1] // size}
        launch = Launch("compiled_trainer", own)
        alternatives.append(Alternative(f"{size:,} events", launch))
    ends = [] if quick else [alternatives[0].name, alternatives[-1].name]
    found = race(alternatives, rounds=2 if quick else 3, parts_of=ends)
    timings, ratios = found.timings, {}
    if not found.failures:
        ratios = {clock: slowest_to_quickest(timings, clock) for clock in _CLOCKS}
        rows = [row(GOAL, ratios, "cpu")]
    else:
        rows = [unmeasured(GOAL, f"{next(iter(found.failures))} failed")]
    return {
        "settings": settings,
        "rows": rows,
        "cpu_microseconds_an_event": {
            name: 1e6 * timing.cpu / sizes[-1] for name, timing in timings.items()
        },
        "remaining_time": found.parts,
        **found.as_dict(),
    }


_CLOCKS = ("wall", "cpu")


def slowest_to_quickest(timings: Mapping[str, Timing], clock: str) -> Ratio:
    """Ratio of the largest to the smallest median, with the spread over the rounds."""
    seconds = [getattr(timing, f"{clock}_seconds") for timing in timings.values()]
    medians = [median(rows) for rows in seconds]
    each = [max(times) / min(times) for times in zip(*seconds, strict=True)]
    return Ratio(max(medians) / min(medians), min(each), max(each))


if __name__ == "__main__":
    command(NAME, __doc__, measure)
