"""Rate of the simulator behind the data set `resonance`.

    python -m benchmarks.simulator [--quick]

The work: 500,000 events that pass the selection, 27 features each, of the background
(top pairs) and of the signal (a resonance of 1 TeV), by NumPy on one core. The row
gives events a second.
"""

from typing import Any

from benchmarks.command import command
from benchmarks.goals import Goal, headline, row, unmeasured
from benchmarks.process import Launch
from benchmarks.race import Alternative, Results, race
from benchmarks.timing import Ratio, Timing

NAME = "simulator"
GOALS = {
    process: Goal(f"simulated {process}", 200_000, 250_000, unit="events/s")
    for process in ("background", "signal")
}


def measure(quick: bool) -> dict[str, Any]:
    """What goes into the results file."""
    settings = {"events": 50_000 if quick else 500_000}
    launch = Launch("simulator", settings)
    found = race(
        [Alternative(name, launch, name) for name in GOALS], rounds=3 if quick else 5
    )
    rows = [rate_row(name, found, settings["events"]) for name in GOALS]
    return {"settings": settings, "rows": rows, **found.as_dict()}


def rate_row(name: str, found: Results, events: int) -> dict[str, Any]:
    """Row of the rate of one process."""
    if name not in found.timings:
        return unmeasured(GOALS[name], f"{name} failed")
    rates = {
        clock: rate(found.timings[name], events, clock) for clock in ("wall", "cpu")
    }
    return row(GOALS[name], rates, headline(**rates))


def rate(timing: Timing, amount: int, clock: str) -> Ratio:
    """`amount` a second by the median, with the spread over the rounds."""
    each = [amount / seconds for seconds in getattr(timing, f"{clock}_seconds")]
    return Ratio(amount / getattr(timing, clock), min(each), max(each))


if __name__ == "__main__":
    command(NAME, __doc__, measure)
