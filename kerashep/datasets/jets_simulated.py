"""Simulated jets with constituents: top against QCD.

Any number, in NumPy, without download: see `kerashep.datasets.simulators.jets` for what
is in the simulation and what is not.
"""

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.data.particle_group import constituent_names
from kerashep.datasets.jet_shapes import IN_GEV, JET_SHAPES, shape_variables
from kerashep.datasets.simulators.jets import (
    MOST_CONSTITUENTS,
    qcd,
    simulate,
    top,
)

PROCESS_NAMES = ("QCD", "top")


def load_jets_simulated(
    *,
    events: int = 100_000,
    constituents: int = 160,
    shapes: bool = False,
    seed: int = 0,
) -> Events:
    """Simulates jets of 550 to 650 GeV, half of them of tops, in random order.

    Args:
        events: How many jets, at least 2.
        constituents: How many of each are features, by falling pt; at most 200.
        shapes: Whether features are the 16 shape variables of them instead.
        seed: Seed of all random numbers.

    Returns:
        Events with the features `E_0`, `PX_0`, `PY_0`, `PZ_0`, `E_1`, ... (GeV; absent
        constituents are zeros), so that `features.reshape(events, constituents, 4)` are
        four-vectors. Processes `QCD` and `top` (the signal), unit weights, provenance
        `simulated`.

    Raises:
        ValueError: If a number is out of range.
    """
    if events < 2:
        raise ValueError(f"`events` must be at least 2. Received: events={events}.")
    check_constituents(constituents)
    vectors = np.empty((events, constituents, 4), np.float32)
    order = np.random.default_rng([seed, 0]).permutation(events)
    label = np.zeros(events, np.float32)
    tops = events // 2
    label[order[:tops]] = 1
    for number, (process, rows) in enumerate(
        ((top, order[:tops]), (qcd, order[tops:]))
    ):
        rng = np.random.default_rng([seed, 1, number])
        found, _ = simulate(process, len(rows), rng)
        vectors[rows] = found[:, :constituents]
    return jet_events(vectors, label, "simulated", shapes=shapes)


def jet_events(
    vectors: NDArray[np.float32],
    label: NDArray[np.float32],
    provenance: str,
    process_names: tuple[str, str] = PROCESS_NAMES,
    *,
    shapes: bool = False,
) -> Events:
    """Jets as events.

    Args:
        vectors: `(jets, constituents, 4)` (E, px, py, pz) in GeV.
        label: `(jets,)` 1 for tops.
        provenance: `pythia` or `simulated`.
        process_names: Of the background and the signal.
        shapes: Whether features are the shape variables instead of the vectors.
    """
    names, units = constituent_names(vectors.shape[1]), ["GeV"] * vectors.shape[1] * 4
    features = vectors.reshape(len(vectors), len(names))
    if shapes:
        features, names = shape_variables(vectors), JET_SHAPES
        units = ["GeV" if name in IN_GEV else "" for name in JET_SHAPES]
    return Events(
        features=features,
        feature_names=names,
        feature_units=tuple(units),
        label=label,
        process_names=process_names,
        provenance=provenance,
    )


def check_constituents(constituents: int) -> None:
    """Refuses numbers of constituents that the data sets do not have.

    Args:
        constituents: Of each jet.
    """
    if not 1 <= constituents <= MOST_CONSTITUENTS:
        raise ValueError(
            f"`constituents` must be from 1 to {MOST_CONSTITUENTS}. "
            f"Received: constituents={constituents}."
        )
