"""How the time of a training grows with the number of resident events.

    python -m benchmarks.growth [--quick]

The work: the dense classifier (see `dense_classifier`) trained on 100,000 events for 20
epochs, on 1 million for 2 and on 4 million for one. If the time is linear in the
events, all take the same processor time an event. The ratio is that of the slowest to
the quickest. One core.
"""

from collections.abc import Mapping
from statistics import median
from typing import Any

from benchmarks.command import command
from benchmarks.goals import Goal, headline, row, unmeasured
from benchmarks.process import Launch
from benchmarks.race import Alternative, race
from benchmarks.timing import Ratio, Timing

NAME = "growth"
GOAL = Goal(
    "time an event, 10^5 to 4 x 10^6 events, slowest to quickest", 1.15, 1.05, True
)


SIZES = {100_000: 20, 1_000_000: 2, 4_000_000: 1}
QUICK_SIZES = {20_000: 10, 200_000: 1}
_CLOCKS = ("wall", "cpu")


def measure(quick: bool) -> dict[str, Any]:
    """What goes into the results file."""
    settings = {"network": "dense", "features": 33, "batch_size": 256}
    alternatives, passed = [], {}
    for size, epochs in (QUICK_SIZES if quick else SIZES).items():
        launch = Launch(
            "compiled_trainer", {**settings, "events": size, "epochs": epochs}
        )
        alternatives.append(Alternative(f"{size:,} events", launch))
        passed[alternatives[-1].name] = size * epochs
    ends = [] if quick else [alternatives[0].name, alternatives[-1].name]
    found = race(alternatives, rounds=2 if quick else 3, parts_of=ends)
    an_event = {name: per(t, passed[name]) for name, t in found.timings.items()}
    if found.failures:
        rows = [unmeasured(GOAL, f"{next(iter(found.failures))} failed")]
    else:
        ratios = {clock: slowest_to_quickest(an_event, clock) for clock in _CLOCKS}
        rows = [row(GOAL, ratios, headline(**ratios))]
    return {
        "settings": settings,
        "rows": rows,
        "cpu_microseconds_an_event": {n: 1e6 * t.cpu for n, t in an_event.items()},
        "remaining_time": found.parts,
        **found.as_dict(),
    }


def per(timing: Timing, amount: int) -> Timing:
    """Times of one of `amount` equal parts of the work."""
    return Timing(
        tuple(seconds / amount for seconds in timing.wall_seconds),
        tuple(seconds / amount for seconds in timing.cpu_seconds),
    )


def slowest_to_quickest(timings: Mapping[str, Timing], clock: str) -> Ratio:
    """Ratio of the largest to the smallest median, with the spread over the rounds."""
    seconds = [getattr(timing, f"{clock}_seconds") for timing in timings.values()]
    medians = [median(rows) for rows in seconds]
    each = [max(times) / min(times) for times in zip(*seconds, strict=True)]
    return Ratio(max(medians) / min(medians), min(each), max(each))


if __name__ == "__main__":
    command(NAME, __doc__, measure)
