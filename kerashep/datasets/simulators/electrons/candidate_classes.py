"""The six classes of candidates: what they consist of, and what makes them true.

- `signal`: isolated electrons; `charge_flip`: those whose track is that of a positron
  from a converted photon that they radiated, or the other way round;
- `conversion`: isolated photons that convert;
- `heavy_flavour`: electrons from decays of b and c hadrons, displaced and in a jet;
- `light_em`: electrons from photons of neutral pions in a jet;
- `light_hadron`: charged hadrons, with neutral pions close by, in a jet.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.electrons.geometry import (
    ETA_CELL,
    LARGEST_ETA,
    PHI_CELL,
    in_crack,
)
from kerashep.datasets.simulators.electrons.particles import (
    HADRON,
    Particles,
    Tracks,
)
from kerashep.datasets.simulators.electrons.surroundings import (
    around,
    flight,
    jet_of,
    pion_photons,
)
from kerashep.datasets.simulators.electrons.tracker import Matched
from kerashep.datasets.simulators.electrons.transport import (
    electrons,
    hadrons,
    photons,
)
from kerashep.datasets.simulators.kinematics import Array, uniform

PT_GEV = (13.5, 200.0)  # before the detector
SPECTRUM = 2.2  # falling power of pt
OVERLAPS = 0.75  # of light hadrons, with a leading neutral pion
LIFETIME_MM = 0.15  # of displaced electrons, seen in d0
_HADRON_AS_CENTRE = 0.4  # part of a hadron's energy that counts in the choice

Built = tuple[Particles, Tracks]


@dataclass(frozen=True)
class CandidateClass:
    """One class.

    Args:
        name: Of the class.
        share: Of all candidates after the preselection.
        build: Draws particles and tracks from a generator, pseudorapidities and the
            true charges, each `(candidates,)`.
        is_true: Whether candidates are what they should be, from their tracks and true
            charges.
    """

    name: str
    share: float
    build: Callable[[np.random.Generator, Array, Array], Built]
    is_true: Callable[[Matched, Array], NDArray[np.bool_]]


def draw(
    rng: np.random.Generator, kind: CandidateClass, count: int
) -> tuple[Particles, Tracks, Array, Array]:
    """Candidates of one class, around the centres of their windows.

    Args:
        rng: Source of all randomness.
        kind: The class.
        count: How many.

    Returns:
        Particles, tracks, absolute pseudorapidities and true charges.
    """
    abs_eta = uniform(rng, 0.0, LARGEST_ETA, count)
    while (crack := in_crack(abs_eta)).any():
        abs_eta[crack] = uniform(rng, 0.0, LARGEST_ETA, int(crack.sum()))
    charge = np.where(rng.random(count) < 0.5, 1, -1).astype(np.float32)
    particles, tracks = kind.build(rng, abs_eta, charge)
    eta, phi = _centres(rng, particles, count)
    particles = replace(
        particles,
        eta=particles.eta - eta[particles.candidate],
        phi=particles.phi - phi[particles.candidate],
    )
    tracks = replace(
        tracks,
        eta=tracks.eta - eta[tracks.candidate],
        phi=tracks.phi - phi[tracks.candidate],
    )
    return particles, tracks, abs_eta, charge


def _centres(rng: np.random.Generator, particles: Particles, count: int) -> Array:
    """Centres `(2, count)` of the cells that the leading particles hit."""
    height = particles.pt * np.where(particles.kind == HADRON, _HADRON_AS_CENTRE, 1)
    rising = np.argsort(height, kind="stable")
    leading = np.zeros(count, np.intp)
    leading[particles.candidate[rising]] = rising
    offset = uniform(rng, -0.5, 0.5, (2, count))
    return np.stack(
        [
            particles.eta[leading] + ETA_CELL * offset[0],
            particles.phi[leading] + PHI_CELL * offset[1],
        ]
    )


def _spectrum(rng: np.random.Generator, count: int) -> Array:
    low, high = (pt ** (1 - SPECTRUM) for pt in PT_GEV)
    quantile = rng.random(count)
    pt = (low + (high - low) * quantile) ** (1 / (1 - SPECTRUM))
    spectrum: Array = pt.astype(np.float32)
    return spectrum


def _joined(parts: list[Built]) -> Built:
    return (
        Particles.join([part[0] for part in parts]),
        Tracks.join([part[1] for part in parts]),
    )


def _electron(rng: np.random.Generator, abs_eta: Array, charge: Array) -> Built:
    pt = _spectrum(rng, len(abs_eta))
    return electrons(rng, flight(np.arange(len(pt)), abs_eta, pt, charge))


def _radiating(rng: np.random.Generator, abs_eta: Array, charge: Array) -> Built:
    pt = _spectrum(rng, len(abs_eta))
    kept = uniform(rng, 0.05, 0.6, len(pt))
    return electrons(rng, flight(np.arange(len(pt)), abs_eta, pt, charge), kept)


def _photon(rng: np.random.Generator, abs_eta: Array, charge: Array) -> Built:
    pt = _spectrum(rng, len(abs_eta))
    start = flight(np.arange(len(pt)), abs_eta, pt, 0 * charge)
    return photons(rng, start, always=True)


def _heavy_flavour(rng: np.random.Generator, abs_eta: Array, charge: Array) -> Built:
    pt = _spectrum(rng, len(abs_eta))
    d0 = rng.laplace(0, LIFETIME_MM, len(pt)).astype(np.float32)
    start = flight(np.arange(len(pt)), abs_eta, pt, charge, d0=d0)
    return _joined([electrons(rng, start), jet_of(rng, abs_eta, 4, 1 + 0.08 * pt)])


def _light_em(rng: np.random.Generator, abs_eta: Array, charge: Array) -> Built:
    pt = _spectrum(rng, len(abs_eta))
    pions = flight(np.arange(len(pt)), abs_eta, pt, 0 * charge)
    made = photons(rng, pion_photons(rng, pions))
    return _joined([made, jet_of(rng, abs_eta, 4, 1 + 0.06 * pt)])


def _light_hadron(rng: np.random.Generator, abs_eta: Array, charge: Array) -> Built:
    pt, count = _spectrum(rng, len(abs_eta)), len(abs_eta)
    overlap = rng.random(count) < OVERLAPS
    share = 0.3 + 0.5 * rng.standard_exponential(count, np.float32)
    owner = np.flatnonzero(overlap)
    eta, psi = around(rng, pt[owner])
    pions = flight(owner, abs_eta, pt[owner], 0 * pt[owner], eta, psi)
    pt_hadron = np.where(overlap, share, 1.2) * pt
    leading = flight(np.arange(count), abs_eta, pt_hadron, charge)
    return _joined(
        [
            hadrons(rng, leading),
            photons(rng, pion_photons(rng, pions)),
            jet_of(rng, abs_eta, 3, 1 + 0.05 * pt),
        ]
    )


def _own_electron(track: Matched, charge: Array) -> NDArray[np.bool_]:
    own: NDArray[np.bool_] = track.electron & (track.charge == charge)
    return own


def _other_electron(track: Matched, charge: Array) -> NDArray[np.bool_]:
    other: NDArray[np.bool_] = track.electron & (track.charge != charge)
    return other


def _any_electron(track: Matched, _: Array) -> NDArray[np.bool_]:
    return track.electron


def _hadron(track: Matched, _: Array) -> NDArray[np.bool_]:
    return ~track.electron


CANDIDATE_CLASSES = (
    CandidateClass("signal", 0.365, _electron, _own_electron),
    CandidateClass("charge_flip", 0.002, _radiating, _other_electron),
    CandidateClass("conversion", 0.006, _photon, _any_electron),
    CandidateClass("heavy_flavour", 0.005, _heavy_flavour, _any_electron),
    CandidateClass("light_em", 0.004, _light_em, _any_electron),
    CandidateClass("light_hadron", 0.618, _light_hadron, _hadron),
)
