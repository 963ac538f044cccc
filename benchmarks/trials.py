"""Trials of one architecture: one program, reset, against rebuild and `fit`.

    python -m benchmarks.trials [--quick]

The work: 100 trials of the dense classifier (see `dense_classifier`), 3 epochs each,
that differ in learning rate and seed, on 50,000 events. kerashep builds and compiles
once, which is part of its time, and resets for each trial. Plain Keras clears its
session, builds, compiles and fits for each; it is timed on 6 trials and its time
multiplied by 100 / 6. How much is won depends on the length of a trial: the longer, the
nearer to the ratio of `dense_classifier`.
"""

from typing import Any

from benchmarks.command import command
from benchmarks.goals import Goal, compared
from benchmarks.process import Launch
from benchmarks.race import Alternative, race

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
        "trials": 10 if quick else 100,
    }
    few = 2 if quick else 6
    ours, plain = (
        Launch("trials", settings),
        Launch("trials", {**settings, "trials": few}),
    )
    alternatives = [
        Alternative(RESET, ours, RESET),
        Alternative(REBUILD, plain, REBUILD),
    ]
    found = race(
        alternatives, rounds=2 if quick else 3, parts_of=[] if quick else [RESET]
    )
    times = settings["trials"] / few
    return {
        "settings": {**settings, "trials_of_plain_keras": few},
        "rows": [compared(GOAL, found.timings, REBUILD, RESET, per=times)],
        "remaining_time": found.parts,
        **found.as_dict(),
    }


if __name__ == "__main__":
    command(NAME, __doc__, measure)
