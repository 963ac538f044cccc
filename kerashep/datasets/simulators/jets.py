"""Jets with constituents at 550 to 650 GeV: from tops, from bosons, and from QCD.

Hard partons by hand (exact two- and three-body kinematics), the branching of
`kerashep.datasets.simulators.shower`, pile-up, a parametric detector, and a cone of
radius 0.8 instead of a jet algorithm. Good for the shape of an analysis and for tests
of a tagger, not for its efficiency in data.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.kinematics import (
    Array,
    azimuth,
    direction_around_z,
    from_pt_eta_phi,
    invariant_mass,
    pseudorapidity,
    transverse_momentum,
    two_body_decay,
    uniform,
)
from kerashep.datasets.simulators.shower import GLUON, QUARK, Particles, shower
from kerashep.datasets.simulators.top_decay import TOP_MASS_GEV, decay_top

RADIUS = 0.8
PT_GEV = (550.0, 650.0)
MAXIMUM_ETA = 2.0
MOST_CONSTITUENTS = 200
GLUON_FRACTION = 0.4
PILEUP_PARTICLES = 2.0  # of one collision in the cone
PILEUP_PT_GEV = 0.7
MINIMUM_PT_GEV = 0.1  # of a constituent
PT_RESOLUTION, ANGLE_RESOLUTION = 0.3, 0.05  # as of a calorimeter
WIDER = 1.5  # radiation of a decay beyond the angle between its quarks
_DRAWN_PT_GEV = (540.0, 690.0)
_PT_POWER = 5.0  # of the falling spectrum
BLOCK = 4096


@dataclass(frozen=True, eq=False)
class Partons:
    """What the branching of some jets starts from.

    Args:
        vectors: `(4, partons, jets)` massless four-momenta (GeV).
        colour: `(partons, jets)` colour factors.
        angle: `(partons, jets)` largest angle of an emission.
        mass: `(jets,)` mass of the particle that decayed (GeV), 0 for QCD.
    """

    vectors: Array
    colour: Array
    angle: Array
    mass: Array


HardProcess = Callable[[np.random.Generator, int], Partons]


def qcd(rng: np.random.Generator, jets: int) -> Partons:
    """A quark or a gluon."""
    vector = _massive(rng, np.zeros(jets, np.float32))
    gluon = rng.random((1, jets)) < GLUON_FRACTION
    colour = np.where(gluon, GLUON, QUARK)
    angle = np.full((1, jets), 1.2 * RADIUS, np.float32)
    return Partons(vector[:, np.newaxis], colour, angle, np.zeros(jets, np.float32))


def top(rng: np.random.Generator, jets: int) -> Partons:
    """Decays t -> b W -> b q q', with the W's polarisation."""
    mass = np.full(jets, TOP_MASS_GEV, np.float32)
    b, q, other = decay_top(rng, _massive(rng, mass))
    first, second = distance(b, q + other), distance(q, other)
    return _of_quarks([b, q, other], [first, second, second], mass)


def boson(lowest_gev: float, highest_gev: float) -> HardProcess:
    """V -> q q', isotropic in its rest frame.

    Args:
        lowest_gev: Lowest mass of V.
        highest_gev: Highest mass; between them masses are uniform.
    """

    def draw(rng: np.random.Generator, jets: int) -> Partons:
        mass = uniform(rng, lowest_gev, highest_gev, jets)
        direction = direction_around_z(rng, uniform(rng, -1.0, 1.0, jets))
        pair = two_body_decay(_massive(rng, mass), mass, (0.0, 0.0), direction)
        return _of_quarks(list(pair), [distance(*pair)] * 2, mass)

    return draw


def simulate(
    process: HardProcess, jets: int, rng: np.random.Generator, *, pileup: float = 0.0
) -> tuple[Array, Array]:
    """Selected jets of one process.

    Args:
        process: Draws the hard partons.
        jets: How many jets are wanted: pt of 550 to 650 GeV, |eta| < 2, and all partons
            within the cone.
        rng: Source of all randomness.
        pileup: Mean number of further collisions.

    Returns:
        `(jets, 200, 4)` float32 (E, px, py, pz) of the constituents, massless, by
        falling pt and padded with zeros; `(jets,)` mass of what decayed (GeV).
    """
    vectors = np.zeros((jets, MOST_CONSTITUENTS, 4), np.float32)
    mass = np.empty(jets, np.float32)
    filled = 0
    while filled < jets:
        partons = _contained(process(rng, min(BLOCK, 2 * (jets - filled) + 20)))
        particles = _particles(rng, partons, pileup)
        particles, kept = _in_cones(particles, partons)
        kept = kept[: jets - filled]
        rows = slice(filled, filled + len(kept))
        _fill(vectors[rows], particles, kept)
        mass[rows] = partons.mass[kept]
        filled += len(kept)
    return vectors, mass


def distance(first: Array, second: Array) -> Array:
    """Distances in pseudorapidity and azimuth."""
    eta = pseudorapidity(first) - pseudorapidity(second)
    phi = azimuth(first) - azimuth(second)
    apart: Array = np.hypot(eta, _wrapped(phi))
    return apart


def _massive(rng: np.random.Generator, mass: Array) -> Array:
    """`(4, jets)` with a falling spectrum of pt, uniform eta and phi."""
    low, high = (pt ** (1 - _PT_POWER) for pt in _DRAWN_PT_GEV)
    quantile = rng.random(len(mass))
    pt = (low + (high - low) * quantile) ** (1 / (1 - _PT_POWER))
    eta = uniform(rng, -MAXIMUM_ETA, MAXIMUM_ETA, len(mass))
    phi = uniform(rng, -np.pi, np.pi, len(mass))
    vector = from_pt_eta_phi(pt.astype(np.float32), eta, phi)
    vector[0] = np.sqrt(vector[0] ** 2 + mass**2)
    return vector


def _contained(partons: Partons) -> Partons:
    """Only jets that have all of their partons in the cone."""
    axes = partons.vectors.sum(axis=1)[:, np.newaxis]
    inside = (distance(partons.vectors, axes) < RADIUS).all(axis=0)
    return Partons(
        partons.vectors[..., inside],
        partons.colour[:, inside],
        partons.angle[:, inside],
        partons.mass[inside],
    )


def _of_quarks(quarks: list[Array], angles: list[Array], mass: Array) -> Partons:
    vectors = np.stack(quarks, axis=1)
    angle = np.minimum(WIDER * np.stack(angles), 1.2 * RADIUS).astype(np.float32)
    return Partons(vectors, np.full(vectors.shape[1:], QUARK), angle, mass)


def _particles(rng: np.random.Generator, partons: Partons, pileup: float) -> Particles:
    """All particles after branching, pile-up and detector."""
    count, jets = partons.colour.shape
    jet = np.tile(np.arange(jets, dtype=np.int32), count)
    flat = partons.vectors.reshape(4, -1)
    parts = (transverse_momentum(flat), pseudorapidity(flat), azimuth(flat))
    start = Particles(jet, *parts)
    made = shower(rng, start, partons.colour.ravel(), partons.angle.ravel())
    if pileup:
        soft = _pileup(rng, partons.vectors.sum(axis=1), pileup)
        made = Particles.concatenate([made, soft])
    noise = rng.standard_normal((3, len(made.jet)), np.float32)
    pt = made.pt * np.maximum(1 + PT_RESOLUTION * noise[0], 0)
    eta, phi = ANGLE_RESOLUTION * noise[1:] + np.stack([made.eta, made.phi])
    seen = pt > MINIMUM_PT_GEV
    return Particles(made.jet, pt, eta, phi).take(seen)


def _pileup(rng: np.random.Generator, axes: Array, mean: float) -> Particles:
    """Soft particles, uniform in the square around each cone."""
    numbers = rng.poisson(mean * PILEUP_PARTICLES * 4 / np.pi, axes.shape[1])
    jet = np.repeat(np.arange(axes.shape[1], dtype=np.int32), numbers)
    pt = PILEUP_PT_GEV * rng.standard_exponential(len(jet), np.float32)
    eta, phi = uniform(rng, -RADIUS, RADIUS, (2, len(jet)))
    return Particles(jet, pt, eta + pseudorapidity(axes)[jet], phi + azimuth(axes)[jet])


def _in_cones(
    particles: Particles, partons: Partons
) -> tuple[Particles, NDArray[np.intp]]:
    """Particles in the cones, and numbers of the jets that are selected."""
    hard = partons.vectors.sum(axis=1)
    jets = hard.shape[1]
    phi = _wrapped(particles.phi - azimuth(hard)[particles.jet])
    eta = particles.eta - pseudorapidity(hard)[particles.jet]
    # The cone is centred on the particles near the partons' axis, by pt.
    near = particles.pt * (eta**2 + phi**2 < RADIUS**2)
    total = np.bincount(particles.jet, near, jets).clip(1e-6)
    eta -= (np.bincount(particles.jet, near * eta, jets) / total)[particles.jet]
    phi -= (np.bincount(particles.jet, near * phi, jets) / total)[particles.jet]
    inside = particles.take(np.flatnonzero(eta**2 + phi**2 < RADIUS**2))
    px = np.bincount(inside.jet, inside.pt * np.cos(inside.phi), jets)
    py = np.bincount(inside.jet, inside.pt * np.sin(inside.phi), jets)
    pt = np.hypot(px, py)
    return inside, np.flatnonzero((pt > PT_GEV[0]) & (pt < PT_GEV[1]))


def _fill(vectors: Array, particles: Particles, kept: NDArray[np.intp]) -> None:
    """Writes the constituents of the jets `kept` by falling pt."""
    number = np.full(int(particles.jet.max(initial=0)) + 1, -1, np.int32)
    kept = kept[kept < len(number)]
    number[kept] = np.arange(len(kept))
    row = number[particles.jet]
    chosen = np.flatnonzero(row >= 0)
    row, pt = row[chosen], particles.pt[chosen]
    order = np.argsort(row - pt / np.float64(10 * PT_GEV[1]))
    row, chosen = row[order], chosen[order]
    counts = np.bincount(row, minlength=len(kept))
    place = np.arange(len(row)) - (np.cumsum(counts) - counts)[row]
    few = place < MOST_CONSTITUENTS
    row, place, chosen = row[few], place[few], chosen[few]
    found = particles.take(chosen)
    four = from_pt_eta_phi(found.pt, found.eta, found.phi)
    vectors[row, place] = four.T


def _wrapped(phi: Array) -> Array:
    """Azimuths in [-pi, pi)."""
    wrapped: Array = phi - 2 * np.pi * np.round(phi / (2 * np.pi))
    return wrapped


def jet_mass(vectors: Array) -> Array:
    """Masses (GeV) of the sums of constituents.

    Args:
        vectors: `(jets, constituents, 4)`.
    """
    return invariant_mass(vectors.sum(axis=1, dtype=np.float64).T)
