"""Time of the exact AMS scan.

    python -m benchmarks.ams_scan [--quick]

The work: the AMS with its error at every distinct score of 10,000,000 weighted events
(float32 scores, two classes that overlap), and the best cut, by NumPy on one core.
"""

from typing import Any

from benchmarks.command import command
from benchmarks.goals import Goal, seconds
from benchmarks.process import Launch
from benchmarks.race import Alternative, race

NAME = "ams_scan"


def measure(quick: bool) -> dict[str, Any]:
    """What goes into the results file."""
    millions = 1 if quick else 10
    settings = {"events": millions * 1_000_000}
    goal = Goal(
        f"AMS at every cut of {millions} million events",
        must=1.0 * millions,
        aim=0.5 * millions,
        at_most=True,
        unit="s",
    )
    found = race([Alternative(NAME, Launch(NAME, settings))], rounds=3 if quick else 5)
    rows = [seconds(goal, found.timings, NAME)]
    return {"settings": settings, "rows": rows, **found.as_dict()}


if __name__ == "__main__":
    command(NAME, __doc__, measure)
