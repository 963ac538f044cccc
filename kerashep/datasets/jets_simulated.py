"""Simulated jets with constituents: top against QCD, and bosons of any mass.

Any number, in NumPy, without download: see `kerashep.datasets.simulators.jets` for what
is in the simulation and what is not.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.data.particle_group import constituent_names
from kerashep.datasets.simulators.jets import (
    MOST_CONSTITUENTS,
    boson,
    jet_mass,
    qcd,
    simulate,
    top,
)

PROCESS_NAMES = ("QCD", "top")


@dataclass(frozen=True, eq=False)
class MassJets:
    """Jets with a true mass, for its regression.

    Args:
        constituents: `(jets, n, 4)` float32 (E, px, py, pz) in GeV by falling pt,
            absent ones four zeros.
        true_mass: `(jets,)` float32 mass to be found (GeV).
        jet_mass: `(jets,)` float32 mass of the sum of all constituents (GeV), also of
            those beyond the first n.
        groomed_mass: `(jets,)` float32 soft-drop mass of the constituents (GeV), the
            usual estimate; None where there is none.
        provenance: `pythia` or `simulated`.
    """

    constituents: NDArray[np.float32]
    true_mass: NDArray[np.float32]
    jet_mass: NDArray[np.float32]
    groomed_mass: NDArray[np.float32] | None
    provenance: str


def load_jets_simulated(
    *, events: int = 100_000, constituents: int = 160, seed: int = 0
) -> Events:
    """Simulates jets of 550 to 650 GeV, half of them of tops, in random order.

    Args:
        events: How many jets, at least 2.
        constituents: How many of each are features, by falling pt; at most 200.
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
    return jet_events(vectors, label, "simulated")


def simulate_mass_jets(
    jets: int,
    *,
    masses_gev: tuple[float, float] = (40.0, 200.0),
    pileup: float = 0.0,
    constituents: int = MOST_CONSTITUENTS,
    seed: int = 0,
) -> MassJets:
    """Jets of V -> q q' whose mass is uniform in a range, for the regression of it.

    Args:
        jets: How many.
        masses_gev: Lowest and highest true mass; equal ones for a fixed mass such as
            that of the W. Decays of less than about 220 GeV fit into the cone.
        pileup: Mean number of further collisions, each of which adds about 2 particles.
        constituents: How many of each jet are kept, by falling pt; at most 200.
        seed: Seed of all random numbers.

    Returns:
        The jets, without groomed mass, provenance `simulated`.

    Raises:
        ValueError: If a number is out of range.
    """
    low, high = masses_gev
    if jets < 1 or not 5 <= low <= high <= 250 or pileup < 0:
        raise ValueError(
            "Expected jets >= 1, 5 <= lowest <= highest mass <= 250 GeV and pileup >= "
            f"0. Received: jets={jets}, masses_gev={masses_gev}, pileup={pileup}."
        )
    check_constituents(constituents)
    rng = np.random.default_rng([seed, 2])
    vectors, mass = simulate(boson(low, high), jets, rng, pileup=pileup)
    return MassJets(
        constituents=vectors[:, :constituents].copy(),
        true_mass=mass,
        jet_mass=jet_mass(vectors).astype(np.float32),
        groomed_mass=None,
        provenance="simulated",
    )


def jet_events(
    vectors: NDArray[np.float32],
    label: NDArray[np.float32],
    provenance: str,
    process_names: tuple[str, str] = PROCESS_NAMES,
) -> Events:
    """Jets as events.

    Args:
        vectors: `(jets, constituents, 4)` (E, px, py, pz) in GeV.
        label: `(jets,)` 1 for tops.
        provenance: `pythia` or `simulated`.
        process_names: Of the background and the signal.
    """
    names = constituent_names(vectors.shape[1])
    return Events(
        features=vectors.reshape(len(vectors), len(names)),
        feature_names=names,
        feature_units=("GeV",) * len(names),
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
