"""Test-time augmentation and plain inference of the dense classifier.

    python -m benchmarks.augmentation [--quick]

The work: scores of 110,000 events, each the mean over eight copies: four rotations of
eight momenta about the beam, each also reflected. kerashep makes the copies inside the
compiled program, as in its exported models, 1024 events and so 8192 copies a batch;
plain Keras makes a copy of all events in NumPy and calls `predict(batch_size=8192)`,
eight times. The line is that of ONNX Runtime, which is a little quicker here than XLA,
the default. Besides, one copy by each way of inference. One core; from NumPy arrays to
NumPy arrays.
"""

from typing import Any

from benchmarks.command import command
from benchmarks.goals import Goal, compared, other
from benchmarks.process import Launch
from benchmarks.race import Alternative, race

NAME = "augmentation"
STACKED, LOOPED = "augmented, predictor", "augmented, predict of each copy"
STACKED_ONNX = "augmented, predictor, ONNX Runtime"
COMPARED = (STACKED, STACKED_ONNX, LOOPED)
SINGLE = (
    "predict, default batch",
    "predict, batch 8192",
    "predictor, XLA",
    "predictor, ONNX Runtime",
    "SavedModel",
)
GOAL = Goal("8-fold test-time augmentation against 8 x `predict(8192)`", 2.5, 4.5)


def measure(quick: bool) -> dict[str, Any]:
    """What goes into the results file."""
    settings = {
        "network": "dense",
        "features": 33,
        "events": 30_000 if quick else 110_000,
    }
    launch = Launch("inference", settings)
    alternatives = [Alternative(name, launch, name) for name in COMPARED]
    alternatives += [Alternative(name, launch, name) for name in SINGLE]
    found = race(
        alternatives, rounds=2 if quick else 4, parts_of=[] if quick else [STACKED]
    )
    events = settings["events"]
    return {
        "settings": settings,
        "rows": [compared(GOAL, found.timings, LOOPED, STACKED_ONNX)],
        "other_ratios": {"XLA": other(found.timings, LOOPED, STACKED)},
        "events_per_second": {
            name: {"wall": events / timing.wall, "cpu": events / timing.cpu}
            for name, timing in found.timings.items()
        },
        "remaining_time": found.parts,
        **found.as_dict(),
    }


if __name__ == "__main__":
    command(NAME, __doc__, measure)
