"""Trials of one architecture: one program, reset, against rebuild and `fit`.

    python -m benchmarks.trials [--quick]

The work: 100 trials of the dense classifier (see `dense_classifier`), 3 epochs each,
that differ in learning rate and seed, on 50,000 events. kerashep builds and compiles
once, which is part of its time, and resets for each trial. Plain Keras clears its
session, builds, compiles and fits for each; it is timed on 6 trials and its time
multiplied by 100 / 6. How much is won depends on the length of a trial; the results
file has the same for 200,000 events, with 6 trials of kerashep against 2 (the time of
building and compiling once then weighs more than in 100).
"""

from typing import Any

from benchmarks.command import command
from benchmarks.goals import Goal, compared
from benchmarks.process import Launch
from benchmarks.race import Alternative, Results, race

NAME = "trials"
RESET, REBUILD = "reset of one program", "rebuild, compile and fit"
GOAL = Goal("100 trials of one architecture (3 epochs) against rebuild + `fit`", 5, 9)


def measure(quick: bool) -> dict[str, Any]:
    """What goes into the results file."""
    settings = {
        "network": "dense",
        "features": 33,
        "batch_size": 256,
        "events": 20_000 if quick else 50_000,
        "epochs": 3,
        "trials": 20 if quick else 100,
    }
    few = 2 if quick else 6
    found = _race(settings, few, rounds=2 if quick else 3)
    times = settings["trials"] / few
    result = {
        "settings": {**settings, "trials_of_plain_keras": few},
        "rows": [compared(GOAL, found.timings, REBUILD, RESET, per=times)],
        "remaining_time": found.parts,
        **found.as_dict(),
    }
    if not quick:
        longer = _race({**settings, "events": 200_000, "trials": 6}, 2, rounds=2)
        goal = Goal("200,000 events", GOAL.must, GOAL.aim)
        ratio = compared(goal, longer.timings, REBUILD, RESET, per=6 / 2)
        result["longer_trials"] = {"ratio": ratio, **longer.as_dict()}
    return result


def _race(settings: dict[str, Any], few: int, rounds: int) -> Results:
    ours = Launch("trials", settings)
    plain = Launch("trials", {**settings, "trials": few})
    alternatives = [
        Alternative(RESET, ours, "reset of one program"),
        Alternative(REBUILD, plain, "rebuild, compile and fit"),
    ]
    return race(alternatives, rounds, parts_of=[RESET])


if __name__ == "__main__":
    command(NAME, __doc__, measure)
