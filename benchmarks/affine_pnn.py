"""Training of an AffinePNN: kerashep against Keras `fit`.

    python -m benchmarks.affine_pnn [--quick]

The work: layers of 300, 150, 100 and 50 ReLU units, each scaled and shifted by
functions of the mass, 27 features, batches of 1024 of 250,000 weighted events, shuffled
in each epoch, Adam, binary cross-entropy, 2 epochs. One core each. Imports, building
and compiling are not timed; each run starts from fresh weights. Without dropout and L2,
and for kerashep and Keras `fit` also with those of the study (0.25 and 1e-4).
"""

from typing import Any

from benchmarks.command import command
from benchmarks.goals import Goal, compared, other
from benchmarks.process import Launch
from benchmarks.race import Alternative, race

NAME = "affine_pnn"
OURS = "kerashep CompiledTrainer"
FIT = "Keras fit"
TORCH = "PyTorch eager, fused Adam"
FLOOR = "matrix products alone (OpenBLAS)"
REGULARISED = ", dropout and L2"
GOAL = Goal("AffinePNN, batch 1024, against Keras `fit`", 1.5, 2.3)


def measure(quick: bool) -> dict[str, Any]:
    """What goes into the results file."""
    settings = {
        "network": "affine_pnn",
        "features": 27,
        "batch_size": 1024,
        "events": 50_000 if quick else 250_000,
        "epochs": 2,
    }
    study = {**settings, "dropout": 0.25, "kernel_l2": 1e-4}
    on_tensorflow = {"KERAS_BACKEND": "tensorflow"}
    launches = {
        OURS: Launch("compiled_trainer", settings),
        FIT: Launch("keras_fit", settings, environment=on_tensorflow),
        TORCH: Launch("torch_eager", settings, peer=True),
        FLOOR: Launch("matrix_products", settings),
    }
    if not quick:
        launches |= {
            OURS + REGULARISED: Launch("compiled_trainer", study),
            FIT + REGULARISED: Launch("keras_fit", study, environment=on_tensorflow),
        }
    found = race(
        [Alternative(name, launch) for name, launch in launches.items()],
        rounds=2 if quick else 4,
        parts_of=[] if quick else [OURS],
    )
    timings = found.timings
    pairs = {
        TORCH: (TORCH, OURS),
        "kerashep against the matrix products": (OURS, FLOOR),
    }
    if not quick:
        pairs[FIT + REGULARISED] = (FIT + REGULARISED, OURS + REGULARISED)
    return {
        "settings": settings,
        "rows": [compared(GOAL, timings, FIT, OURS)],
        "other_ratios": {name: other(timings, *pair) for name, pair in pairs.items()},
        "remaining_time": found.parts,
        **found.as_dict(),
    }


if __name__ == "__main__":
    command(NAME, __doc__, measure)
