"""What comes beside a candidate: the rest of its jet, and other collisions."""

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.electrons.particles import Particles, Tracks
from kerashep.datasets.simulators.electrons.tracker import CONE
from kerashep.datasets.simulators.electrons.transport import Flight, hadrons, photons
from kerashep.datasets.simulators.kinematics import Array, uniform

PILEUP_PARTICLES, PILEUP_PT_GEV = 9.0, 0.6  # in the cone; mean of what exceeds 0.4
KT_GEV = 0.3  # of a particle to the axis of its jet
CHARGED, NEUTRAL_HADRONS = 0.6, 0.1  # of the particles of a jet; the rest are photons
PION_GEV = 0.135


def flight(
    candidate: NDArray[np.intp],
    abs_eta: Array,
    pt: Array,
    charge: Array,
    eta: Array | None = None,
    psi: Array | None = None,
    d0: Array | None = None,
) -> Flight:
    """Particles from the collision.

    Args:
        candidate: `(n,)` number of the candidate.
        abs_eta: `(candidates,)` pseudorapidities.
        pt: `(n,)` GeV.
        charge: `(n,)` 1, -1 or 0.
        eta: `(n,)` relative to that of the candidate; 0 by default.
        psi: `(n,)` azimuth; 0 by default.
        d0: `(n,)` impact parameter (mm); 0 by default.
    """
    zero = np.zeros(len(pt), np.float32)
    return Flight(
        candidate=candidate,
        abs_eta=abs_eta[candidate],
        pt=pt.astype(np.float32),
        charge=charge.astype(np.float32),
        eta=zero if eta is None else eta,
        phi=zero,
        psi=zero if psi is None else psi,
        radius=zero,
        d0=zero if d0 is None else d0,
    )


def jet_of(
    rng: np.random.Generator, abs_eta: Array, mean: float, scale_gev: Array
) -> tuple[Particles, Tracks]:
    """Hadrons and photons around the axis of a jet.

    Args:
        rng: Source of all randomness.
        abs_eta: `(candidates,)` pseudorapidities.
        mean: Mean number of particles.
        scale_gev: `(candidates,)` mean of the transverse momenta.
    """
    candidate = np.repeat(np.arange(len(abs_eta)), rng.poisson(mean, len(abs_eta)))
    count = len(candidate)
    pt = 0.3 + scale_gev[candidate] * rng.standard_exponential(count, np.float32)
    return _mixed(rng, candidate, abs_eta, pt, around(rng, pt))


def around(rng: np.random.Generator, pt: Array) -> Array:
    """Directions `(2, n)` of particles of a jet: the harder, the closer."""
    kt = KT_GEV * rng.standard_normal((2, len(pt)), np.float32)
    angles: Array = np.clip(kt / pt, -0.5, 0.5)
    return angles


def pion_photons(rng: np.random.Generator, pion: Flight) -> Flight:
    """The two photons of each neutral pion.

    Args:
        rng: Source of all randomness.
        pion: Neutral pions.
    """
    share = uniform(rng, 0.02, 0.98, len(pion.pt))
    # m^2 = x (1 - x) pt^2 angle^2, in the plane of pseudorapidity and azimuth.
    angle = PION_GEV / (pion.pt * np.sqrt(share * (1 - share)))
    turn = uniform(rng, -np.pi, np.pi, len(share))
    step = np.stack([angle * np.cos(turn), angle * np.sin(turn)])
    parts = []
    for own, way in ((share, step * (1 - share)), (1 - share, -step * share)):
        fields = {"pt": own * pion.pt, "eta": pion.eta + way[0]}
        parts.append(Flight(**{**vars(pion), **fields, "psi": pion.psi + way[1]}))
    return Flight.join(parts)


def pileup(rng: np.random.Generator, abs_eta: Array) -> tuple[Particles, Tracks]:
    """Soft particles of other collisions, uniform around the centre of the window.

    Args:
        rng: Source of all randomness.
        abs_eta: `(candidates,)` pseudorapidities.
    """
    mean = PILEUP_PARTICLES * 4 / np.pi
    candidate = np.repeat(np.arange(len(abs_eta)), rng.poisson(mean, len(abs_eta)))
    pt = 0.4 + PILEUP_PT_GEV * rng.standard_exponential(len(candidate), np.float32)
    return _mixed(rng, candidate, abs_eta, pt, uniform(rng, -CONE, CONE, (2, len(pt))))


def _mixed(
    rng: np.random.Generator,
    candidate: NDArray[np.intp],
    abs_eta: Array,
    pt: Array,
    way: Array,
) -> tuple[Particles, Tracks]:
    """Hadrons and photons from the collision, as a jet has them."""
    kind = rng.random(len(pt), np.float32)
    charge = np.where(rng.random(len(pt)) < 0.5, 1, -1) * (kind < CHARGED)
    all_ = flight(candidate, abs_eta, pt, charge, way[0], way[1])
    light = kind > CHARGED + NEUTRAL_HADRONS
    made = [hadrons(rng, all_.take(~light)), photons(rng, all_.take(light))]
    return Particles.join([m[0] for m in made]), Tracks.join([m[1] for m in made])
