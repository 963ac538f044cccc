"""Training of a densely connected classifier: kerashep against its peers.

    python -m benchmarks.dense_classifier [--quick]

The work: 6 hidden layers of 33 Swish units, the output of each joined to its input but
in the last, 33 features, batches of 256 of 200,000 weighted events, shuffled in each
epoch, Adam, binary cross-entropy, 3 epochs. One core each. Imports, building and
compiling are not timed; each run starts from fresh weights.
"""

from typing import Any

from benchmarks.command import command
from benchmarks.goals import Goal, compared, other
from benchmarks.process import Launch
from benchmarks.race import Alternative, race

NAME = "dense_classifier"
OURS = "kerashep CompiledTrainer"
FIT = "Keras fit"
FIT_XLA = "Keras fit, jit_compile=True"
LUMIN = "lumin 0.9.1"
TORCH = "PyTorch eager, fused Adam"
JAX = "Keras fit on JAX"
TREES = "LightGBM, 100 trees (for scale)"
FLOOR = "matrix products alone (OpenBLAS)"
GOALS = {
    FIT: Goal("6 x 33 dense classifier, batch 256, against Keras `fit`", 3.5, 6),
    LUMIN: Goal("the same against lumin 0.9.1", 2.7, 5),
    TORCH: Goal("the same against PyTorch eager, fused Adam", 1.8, 2.8),
}
FLOOR_GOAL = Goal("full step against its matrix products alone", 2, 1.2, at_most=True)


def measure(quick: bool) -> dict[str, Any]:
    """What goes into the results file."""
    settings = {
        "network": "dense",
        "features": 33,
        "batch_size": 256,
        "events": 40_000 if quick else 200_000,
        "epochs": 2 if quick else 3,
    }
    on_jax = {"KERAS_BACKEND": "jax"}
    launches = {
        OURS: Launch("compiled_trainer", settings),
        FIT: Launch("keras_fit", settings, environment={"KERAS_BACKEND": "tensorflow"}),
        FIT_XLA: Launch(
            "keras_fit",
            {**settings, "jit_compile": True},
            environment={"KERAS_BACKEND": "tensorflow"},
        ),
        LUMIN: Launch("lumin_fit", settings, peer=True),
        TORCH: Launch("torch_eager", settings, peer=True),
        JAX: Launch("keras_fit", settings, peer=True, environment=on_jax),
        TREES: Launch("lightgbm_fit", settings, peer=True),
        FLOOR: Launch("matrix_products", settings),
    }
    found = race(
        [Alternative(name, launch) for name, launch in launches.items()],
        rounds=2 if quick else 5,
        parts_of=[OURS],
    )
    timings = found.timings
    rows = [compared(goal, timings, name, OURS) for name, goal in GOALS.items()]
    rows.append(compared(FLOOR_GOAL, timings, OURS, FLOOR))
    others = {name: other(timings, name, OURS) for name in (FIT_XLA, JAX, TREES)}
    return {
        "settings": settings,
        "rows": rows,
        "other_ratios": others,
        "remaining_time": found.parts,
        **found.as_dict(),
    }


if __name__ == "__main__":
    command(NAME, __doc__, measure)
