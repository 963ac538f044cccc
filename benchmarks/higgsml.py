"""The HiggsML solution: training of its ten models and scoring of all test events.

    python -m benchmarks.higgsml [--quick]

The work: the recipe higgsml_dense on 250,000 simulated events: ten densely connected
networks of 6 x 33, each 15 epochs of batches of 256 on nine of ten folds, with random
rotations and reflections, the learning rates of 1cycle, and the loss on the left-out
fold nine times an epoch; on two cores, in two processes that have imported TensorFlow
before, compiling included. Then scores of 550,000 events by all ten on eight copies of
each, on two cores. Beside it, on one core, one network for two epochs by kerashep and
by lumin 0.9.1, each with its own augmentation, compiling not included.
"""

from typing import Any

from benchmarks.command import command
from benchmarks.goals import Goal, other, seconds
from benchmarks.process import Launch
from benchmarks.race import Alternative, race

NAME = "higgsml"
TRAINING, SCORING = "ten models, 15 epochs, two cores", "550,000 events, two cores"
OURS, LUMIN = "kerashep, one model, 2 epochs, one core", "lumin 0.9.1, the same"
TRAINING_GOAL = Goal(
    "HiggsML, 10 models x 15 epochs of 225,000 events, augmented, two cores",
    *(180, 120),
    at_most=True,
    unit="s",
)
SCORING_GOAL = Goal(
    "HiggsML, scoring 550,000 events x 10 models x 8 copies, two cores",
    *(60, 30),
    at_most=True,
    unit="s",
)


def measure(quick: bool) -> dict[str, Any]:
    """What goes into the results file."""
    whole = {
        "events": 20_000 if quick else 250_000,
        "epochs": 2 if quick else 15,
        "folds": 3 if quick else 10,
        "scored": 20_000 if quick else 550_000,
        "workers": 2,
    }
    one = {
        "events": 20_000 if quick else 225_000,
        "features": 31,
        "network": "dense",
        "batch_size": 256,
        "epochs": 2,
        "augmented": True,
    }
    ensemble = Launch("higgsml_ensemble", whole, all_cores=True)
    both = race(
        [
            Alternative(TRAINING, ensemble, "train"),
            Alternative(SCORING, ensemble, "score"),
        ],
        rounds=1,
    )
    alone = race(
        [
            Alternative(OURS, Launch("compiled_trainer", one)),
            Alternative(LUMIN, Launch("lumin_fit", one, peer=True)),
        ],
        rounds=2 if quick else 4,
    )
    return {
        "settings": {"ensemble": whole, "one model": one},
        "rows": []
        if quick
        else [
            seconds(TRAINING_GOAL, both.timings, TRAINING),
            seconds(SCORING_GOAL, both.timings, SCORING),
        ],
        "other_ratios": {LUMIN: other(alone.timings, LUMIN, OURS)},
        **both.as_dict(),
        "one model": alone.as_dict(),
    }


if __name__ == "__main__":
    command(NAME, __doc__, measure)
