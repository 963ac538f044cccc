"""Energy deposits: what each particle leaves in each layer, and how wide."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.electrons.geometry import (
    LAYERS,
    MOLIERE_M,
    boundaries,
    transverse_distance,
)
from kerashep.datasets.simulators.electrons.hadronic import (
    NARROW_M,
    RADIUS_M,
    hadronic,
)
from kerashep.datasets.simulators.electrons.lateral import (
    CORE_WIDTH,
    electromagnetic_widths,
    shares,
    tail_widths,
)
from kerashep.datasets.simulators.electrons.longitudinal import electromagnetic
from kerashep.datasets.simulators.electrons.particles import (
    HADRON,
    PHOTON,
    Particles,
    Rows,
)
from kerashep.datasets.simulators.kinematics import Array

SOFTEST_GEV = 0.3  # of a particle that makes a shower
_WIDTH_SPREAD = 0.12  # from shower to shower and layer to layer
_WANDER = 0.06  # of the axis of an electromagnetic shower, in Moliere radii
_HADRON_WANDER_M = 0.02  # of the axis of a hadronic shower


@dataclass(frozen=True, eq=False)
class Deposits(Rows):
    """Showers in the calorimeter.

    Args:
        candidate: `(m,)` number of the candidate.
        energy: `(m, 7)` GeV in each layer.
        eta: `(m, 7)` axis of the shower in each layer.
        phi: `(m, 7)` the same in azimuth.
        widths: `(m, 7, 3)` angles, of Gaussians.
        weights: `(m, 7, 3)` of these Gaussians.
    """

    candidate: NDArray[np.intp]
    energy: Array
    eta: Array
    phi: Array
    widths: Array
    weights: Array


def deposit(rng: np.random.Generator, particles: Particles, abs_eta: Array) -> Deposits:
    """Showers of all particles, those of a hadron as two.

    Args:
        rng: Source of all randomness.
        particles: What reaches the calorimeter.
        abs_eta: `(candidates,)` pseudorapidities.
    """
    energy = particles.pt * np.cosh(abs_eta[particles.candidate])
    is_hadron = particles.kind == HADRON
    em = np.flatnonzero(~is_hadron & (energy > SOFTEST_GEV))
    start = np.zeros(len(em), np.float32)
    photon = particles.kind[em] == PHOTON
    start[photon] = 9 / 7 * rng.standard_exponential(int(photon.sum()), np.float32)
    of_hadrons = np.flatnonzero(is_hadron & (energy > SOFTEST_GEV))
    hadron = particles.take(of_hadrons)
    depths = boundaries(abs_eta[hadron.candidate])
    made = hadronic(rng, energy[of_hadrons], depths)
    inner = np.flatnonzero(made.em_energy > SOFTEST_GEV)
    return Deposits.join(
        [
            _em_deposits(rng, particles.take(em), energy[em], start, abs_eta),
            _em_deposits(
                rng,
                hadron.take(inner),
                made.em_energy[inner],
                made.start[inner],
                abs_eta,
            ),
            _broad_deposits(rng, hadron, made.broad, made.ionisation, abs_eta),
        ]
    )


def _em_deposits(
    rng: np.random.Generator,
    particles: Particles,
    energy: Array,
    start: Array,
    abs_eta: Array,
) -> Deposits:
    own_eta = abs_eta[particles.candidate]
    profile = electromagnetic(rng, energy, start, boundaries(own_eta))
    widths, weights = electromagnetic_widths(energy, profile.age)
    unit = (MOLIERE_M / transverse_distance(own_eta))[:, np.newaxis]
    noise = rng.standard_normal((3, len(energy), LAYERS), np.float32)
    widths *= (unit * np.exp(_WIDTH_SPREAD * noise[0]))[..., np.newaxis]
    return Deposits(
        candidate=particles.candidate,
        energy=energy[:, np.newaxis] * profile.share,
        eta=particles.eta[:, np.newaxis] + _WANDER * unit * noise[1],
        phi=particles.phi[:, np.newaxis] + _WANDER * unit * noise[2],
        widths=widths,
        weights=weights,
    )


def _broad_deposits(
    rng: np.random.Generator,
    particles: Particles,
    broad: Array,
    ionisation: Array,
    abs_eta: Array,
) -> Deposits:
    unit = (1 / transverse_distance(abs_eta[particles.candidate]))[:, np.newaxis]
    noise = rng.standard_normal((3, *broad.shape), np.float32)
    wide = tail_widths(RADIUS_M * unit * np.exp(0.4 * noise[0]))
    narrow = np.broadcast_to(CORE_WIDTH * NARROW_M * unit, broad.shape)
    energy = broad + ionisation
    # The axis walks from layer to layer.
    steps = _HADRON_WANDER_M * unit * np.cumsum(noise[1:], axis=-1)
    return Deposits(
        candidate=particles.candidate,
        energy=energy,
        eta=particles.eta[:, np.newaxis] + steps[0],
        phi=particles.phi[:, np.newaxis] + steps[1],
        widths=np.concatenate([narrow[..., np.newaxis], wide], axis=-1),
        weights=shares(ionisation / np.maximum(energy, 1e-6)),
    )
