"""Ten members of an ensemble: on one core, and on two.

    python -m benchmarks.members [--quick]

The work: ten trainings of the dense classifier (see `dense_classifier`) on 200,000
events for 3 epochs, that differ in their seed. On one core they run one after another
in one process through one program, which is reset for each. "10 x one member" is ten
times a `fit` of one member and nothing else: without reset, building and compiling,
and just after another one. The second ratio takes building and compiling into the time
of both: once for ten members, and once for each of ten single ones. On two cores the
members run in two processes, which have been started and have compiled before.
"""

from typing import Any

from benchmarks.command import command
from benchmarks.goals import Goal, compared
from benchmarks.process import Launch
from benchmarks.race import Alternative, race

NAME = "members"
MEMBERS, CORES = 10, 2
ONE, ALL = "one member", "ten members, one core"
ONE_ANEW = "one member, with building and compiling"
ALL_ANEW = "ten members, one core, with building and compiling once"
POOL = "ten members, two cores (run_pool)"
ONE_CORE_GOAL = Goal(
    "10 members, one core, against 10 x one member", 1.05, 1.0, at_most=True
)
TWO_CORES_GOAL = Goal("10 members, two cores against one", 1.6, 1.85)


def measure(quick: bool) -> dict[str, Any]:
    """What goes into the results file."""
    settings = {
        "network": "dense",
        "features": 33,
        "batch_size": 256,
        "events": 20_000 if quick else 200_000,
        "epochs": 3,
        "members": MEMBERS,
    }
    one_core = Launch("members", settings)
    two_cores = Launch("pool_members", {**settings, "workers": CORES}, all_cores=True)
    alternatives = [
        Alternative(ONE, one_core, "one member"),
        Alternative(ALL, one_core, "all members"),
        Alternative(POOL, two_cores),
    ]
    parts_of = [] if quick else [ALL, POOL]
    found = race(alternatives, rounds=2 if quick else 3, parts_of=parts_of)
    timings = found.timings
    result = {
        "settings": settings,
        "rows": [
            compared(ONE_CORE_GOAL, timings, ALL, ONE, per=1 / MEMBERS),
            # Two processes share out the time, not the work: only the clock tells.
            compared(TWO_CORES_GOAL, timings, ALL, POOL, clock="wall"),
        ],
        "remaining_time": found.parts,
        **found.as_dict(),
    }
    if not quick:
        result["with_building_and_compiling"] = _anew(one_core)
    return result


def _anew(one_core: Launch) -> dict[str, Any]:
    alternatives = [
        Alternative(ONE_ANEW, one_core, "one member anew"),
        Alternative(ALL_ANEW, one_core, "all members anew"),
    ]
    found = race(alternatives, rounds=1)
    both = compared(ONE_CORE_GOAL, found.timings, ALL_ANEW, ONE_ANEW, per=1 / MEMBERS)
    return {"ratio": both, **found.as_dict()}


if __name__ == "__main__":
    command(NAME, __doc__, measure)
