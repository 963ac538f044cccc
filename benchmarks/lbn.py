"""Training steps of a Lorentz Boost Network: kerashep against plain TensorFlow and lbn.

    python -m benchmarks.lbn [--quick]

The work: 160 four-vectors combined to 50 particles and 50 rest frames, boosted
pairwise, 1475 features (E, pt, eta, phi, m and the cosines of all pairs), batch
normalisation, dense layers of 64 and 32 units, Adam, binary cross-entropy, batches of
256; steps of one compiled function on batches that are already there. kerashep's layers
and lbn 1.2.2 are compiled by XLA; the same mathematics written plainly with TensorFlow
is not. One core each. Imports, building and compiling are not timed; each run starts
from the same weights.
"""

from typing import Any

from benchmarks.command import command
from benchmarks.goals import Goal, compared, other
from benchmarks.process import Launch
from benchmarks.race import Alternative, race

NAME = "lbn"
OURS = "kerashep, XLA"
PLAIN = "plain TensorFlow"
PLAIN_XLA = "plain TensorFlow, XLA"
REFERENCE = "lbn 1.2.2, XLA"
GOALS = {
    PLAIN: Goal(
        "LBN step against plain TensorFlow without XLA", 0.5, 0.4, at_most=True
    ),
    REFERENCE: Goal("LBN step against lbn 1.2.2 with XLA", 1.1, 1.0, at_most=True),
}


def measure(quick: bool) -> dict[str, Any]:
    """What goes into the results file."""
    settings = {
        "particles": 160,
        "combinations": 50,
        "units": [64, 32],
        "batch_size": 256,
        "batches": 8,
        "passes": 5 if quick else 25,
    }
    on_tensorflow = {"KERAS_BACKEND": "tensorflow"}

    def launch(implementation: str, jit_compile: bool, peer: bool = False) -> Launch:
        own = {"implementation": implementation, "jit_compile": jit_compile}
        return Launch(
            "lorentz_boost",
            {**settings, **own},
            peer=peer,
            environment=on_tensorflow,
        )

    launches = {
        OURS: launch("kerashep", jit_compile=True),
        PLAIN: launch("plain", jit_compile=False),
        PLAIN_XLA: launch("plain", jit_compile=True),
        REFERENCE: launch("lbn", jit_compile=True, peer=True),
    }
    found = race(
        [Alternative(name, one) for name, one in launches.items()],
        rounds=2 if quick else 4,
    )
    rows = [compared(goal, found.timings, OURS, name) for name, goal in GOALS.items()]
    return {
        "settings": settings,
        "rows": rows,
        "other_ratios": {PLAIN_XLA: other(found.timings, OURS, PLAIN_XLA)},
        **found.as_dict(),
    }


if __name__ == "__main__":
    command(NAME, __doc__, measure)
