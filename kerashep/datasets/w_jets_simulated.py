"""Simulated jets of bosons of any mass, which is to be found.

Any number, in NumPy, without download: see `kerashep.datasets.simulators.jets` for what
is in the simulation and what is not.
"""

from collections.abc import Sequence

import numpy as np

from kerashep.data.events import Events
from kerashep.datasets.jets_simulated import check_constituents
from kerashep.datasets.mass_jets import MassJets
from kerashep.datasets.simulators.jets import (
    MOST_CONSTITUENTS,
    boson,
    jet_mass,
    simulate,
)


def load_w_jets_simulated(
    *,
    events: int = 20_000,
    masses_gev: Sequence[float] = (40.0, 200.0),
    pileup: float = 0.0,
    constituents: int = MOST_CONSTITUENTS,
    seed: int = 0,
) -> Events:
    """Jets of V -> q q' as events whose target is the true mass.

    Args:
        events: As for `simulate_mass_jets`, like the others.
        masses_gev: Lowest and highest true mass.
        pileup: Mean number of further collisions.
        constituents: How many of each jet are features, by falling pt; at most 200.
        seed: Seed of all random numbers.

    Returns:
        See `MassJets.events`.
    """
    return simulate_mass_jets(
        events,
        masses_gev=masses_gev,
        pileup=pileup,
        constituents=constituents,
        seed=seed,
    ).events()


def simulate_mass_jets(
    events: int = 20_000,
    *,
    masses_gev: Sequence[float] = (40.0, 200.0),
    pileup: float = 0.0,
    constituents: int = MOST_CONSTITUENTS,
    seed: int = 0,
) -> MassJets:
    """Jets of V -> q q' whose mass is uniform in a range, for the regression of it.

    Args:
        events: How many jets.
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
    if events < 1 or not 5 <= low <= high <= 250 or pileup < 0:
        raise ValueError(
            "Expected events >= 1, 5 <= lowest <= highest mass <= 250 GeV and pileup "
            f">= 0. Received: events={events}, masses_gev={masses_gev}, "
            f"pileup={pileup}."
        )
    check_constituents(constituents)
    rng = np.random.default_rng([seed, 2])
    vectors, mass = simulate(boson(low, high), events, rng, pileup=pileup)
    return MassJets(
        constituents=vectors[:, :constituents].copy(),
        true_mass=mass,
        jet_mass=jet_mass(vectors).astype(np.float32),
        groomed_mass=None,
        provenance="simulated",
    )
