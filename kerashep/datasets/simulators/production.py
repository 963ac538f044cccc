"""What leading-order shapes by hand have in common: recoil, radiation, boson decays.

At 8 TeV. Azimuths are uniform, and nothing prefers one beam.
"""

import numpy as np

from kerashep.datasets.simulators.kinematics import (
    Array,
    direction_around_z,
    from_mass_rapidity,
    from_pt_eta_phi,
    two_body_decay,
    uniform,
)

COLLISION_ENERGY_GEV = 8000.0
JETS = 6  # places for jets of an event
RADIATION_PT_GEV, RADIATION_INDEX = 15.0, 1.9
JET_ETA_WIDTH = 1.8
MAXIMUM_JET_ETA = 5.0
SOFT_RECOIL_GEV = 14.0  # each transverse component


def line_masses(
    rng: np.random.Generator, mass_gev: float, width_gev: float, events: int
) -> Array:
    """Masses (GeV) of a Breit-Wigner line, cut at 20 widths on either side."""
    phase = uniform(rng, -1.0, 1.0, events) * np.float32(np.arctan(40.0))
    mass: Array = mass_gev + np.float32(width_gev / 2) * np.tan(phase)
    return mass


def radiated_jets(
    rng: np.random.Generator, mean: float, events: int, *, reserved: int = 2
) -> Array:
    """Massless jets `(4, JETS, events)` (GeV); absent ones vanish.

    Args:
        rng: Source of all randomness.
        mean: Of their number above 15 GeV, nearly; the activity of events fluctuates.
        events: Number of events.
        reserved: How many of the first places stay empty, for jets of the hard process.
    """
    places = JETS - reserved
    activity = np.float32(mean / places) * rng.standard_exponential(events, np.float32)
    present = np.flatnonzero(rng.random((places, events), np.float32) < activity)
    number = len(present)
    steps = rng.standard_exponential(number, np.float32) / np.float32(RADIATION_INDEX)
    pt = np.minimum(RADIATION_PT_GEV * np.exp(steps), np.float32(1000))
    eta = np.float32(JET_ETA_WIDTH) * rng.standard_normal(number, np.float32)
    eta = np.clip(eta, -MAXIMUM_JET_ETA, MAXIMUM_JET_ETA)
    phi = uniform(rng, -np.pi, np.pi, number)
    jets = np.zeros((4, JETS, events), np.float32)
    for row, component in zip(jets, from_pt_eta_phi(pt, eta, phi), strict=True):
        row[reserved:].reshape(-1)[present] = component
    return jets


def soft_recoil(rng: np.random.Generator, events: int) -> Array:
    """Transverse momentum `(2, events)` (GeV) of hadrons too soft for jets."""
    soft: Array = np.float32(SOFT_RECOIL_GEV) * rng.standard_normal(
        (2, events), np.float32
    )
    return soft


def recoiling(rng: np.random.Generator, mass: Array, recoil: Array) -> Array:
    """Four-vectors of transverse momentum `recoil` and of random rapidity.

    Args:
        rng: Source of the rapidity, narrower for heavier systems.
        mass: `(events,)` (GeV).
        recoil: `(2, events)` (GeV).
    """
    limit = np.log(np.float32(COLLISION_ENERGY_GEV) / mass)
    rapidity = np.float32(0.34) * limit * rng.standard_normal(len(mass), np.float32)
    return from_mass_rapidity(mass, np.clip(rapidity, -limit, limit), *recoil)


def to_massless(
    rng: np.random.Generator, boson: Array, mass: Array, spin: int
) -> tuple[Array, Array]:
    """Two massless daughters of a boson, `(4, events)` each (GeV).

    Args:
        rng: Source of the decay angles.
        boson: `(4, events)` four-momenta (GeV).
        mass: `(events,)` its masses (GeV).
        spin: 0 decays isotropically, 1 as `1 + cos^2` about the beam.
    """
    if spin:
        cosine = 2 * np.sinh(np.arcsinh(uniform(rng, -2.0, 2.0, len(mass))) / 3)
    else:
        cosine = uniform(rng, -1.0, 1.0, len(mass))
    return two_body_decay(boson, mass, (0.0, 0.0), direction_around_z(rng, cosine))


def jet_at(rng: np.random.Generator, pt: Array, eta: Array) -> Array:
    """Massless four-vectors of `pt` (GeV), `eta` (cut at 5) and random azimuth."""
    eta = np.clip(eta, -MAXIMUM_JET_ETA, MAXIMUM_JET_ETA)
    return from_pt_eta_phi(pt, eta, uniform(rng, -np.pi, np.pi, len(pt)))


def power_law(
    rng: np.random.Generator, events: int, least: float, index: float
) -> Array:
    """Numbers above `least` of density `x^-(index + 1)`, cut at 1000."""
    steps = rng.standard_exponential(events, np.float32) / np.float32(index)
    value: Array = np.minimum(np.float32(least) * np.exp(steps), np.float32(1000))
    return value


def normal(rng: np.random.Generator, events: int, mean: float, sigma: float) -> Array:
    """Gaussian numbers."""
    values: Array = mean + np.float32(sigma) * rng.standard_normal(events, np.float32)
    return values


def signs(rng: np.random.Generator, events: int, positive_share: float) -> Array:
    """Numbers 1 and -1."""
    positive = rng.random(events, np.float32) < positive_share
    return np.where(positive, 1, -1).astype(np.float32)
