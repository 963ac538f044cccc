"""Electrons, photons and hadrons on their way through the tracker.

Small angles in a plane: a particle at radius r has the azimuth phi and the direction
psi. In the field of 2 T the direction turns by 0.6 d / pt over a distance d (m, GeV).
Electrons radiate one photon (Bethe and Heitler's distribution of what they keep),
photons convert with 7/9 of the material that lies ahead.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.electrons.geometry import (
    BENDING_GEV,
    TRACKER_RADIUS_M,
    tracker_material,
    transverse_distance,
)
from kerashep.datasets.simulators.electrons.particles import (
    ELECTRON,
    HADRON,
    PHOTON,
    Particles,
    Rows,
    Tracks,
    blank_tracks,
)
from kerashep.datasets.simulators.kinematics import Array, uniform

LARGEST_RADIUS_M = 0.45  # at which a particle must start to have a track
MATERIAL_POWER = 1.7  # radius as a power of the part of the material passed until it
LOST_HADRONS = 0.08  # of tracks, by interactions in the tracker
FIT_SEES = 0.9  # of a loss at the start of the track; of one at the end nothing
SOFTEST_GEV = 0.5  # of a track, and of a photon that is followed


@dataclass(frozen=True, eq=False)
class Flight(Rows):
    """Particles that set out.

    Args:
        candidate: `(n,)` number of the candidate.
        abs_eta: `(n,)` of the candidate.
        pt: `(n,)` transverse momentum (GeV).
        charge: `(n,)` 1, -1 or 0.
        eta: `(n,)` pseudorapidity, relative to that of the candidate.
        phi: `(n,)` azimuth of the place where they set out.
        psi: `(n,)` azimuth of their direction.
        radius: `(n,)` of that place (m).
        d0: `(n,)` impact parameter (mm).
    """

    candidate: NDArray[np.intp]
    abs_eta: Array
    pt: Array
    charge: Array
    eta: Array
    phi: Array
    psi: Array
    radius: Array
    d0: Array


def hadrons(rng: np.random.Generator, flight: Flight) -> tuple[Particles, Tracks]:
    """Charged and neutral hadrons: they bend, and some tracks are lost."""
    phi = azimuth_at_calorimeter(flight, flight.pt)
    arriving = _arriving(flight, HADRON, flight.pt, phi)
    seen = (flight.charge != 0) & (rng.random(len(phi)) > LOST_HADRONS)
    electron = np.zeros(len(phi), np.bool_)
    return arriving, _tracks(flight, flight.pt, flight.pt, phi, electron).take(seen)


def electrons(
    rng: np.random.Generator, flight: Flight, kept: Array | None = None
) -> tuple[Particles, Tracks]:
    """Electrons that radiate; their photons may convert.

    Args:
        rng: Source of all randomness.
        flight: The electrons.
        kept: `(n,)` part of the momentum that they keep; drawn by default.
    """
    passed = _passed(flight.radius)
    if kept is None:
        lengths = tracker_material(flight.abs_eta) * (1 - passed)
        kept = np.exp(-rng.standard_gamma(lengths / np.log(2))).astype(np.float32)
    kept = np.where((1 - kept) * flight.pt < SOFTEST_GEV, 1, kept)
    part = rng.random(len(kept), np.float32)
    there = _moved(flight, _radius(passed + part * (1 - passed)))
    photon = replace(there, pt=(1 - kept) * flight.pt, charge=np.zeros_like(kept))
    last = kept * flight.pt
    impact = azimuth_at_calorimeter(there, last)
    arriving = _arriving(flight, ELECTRON, last, impact)
    fitted = flight.pt * kept ** (FIT_SEES * (1 - part))
    phi = azimuth_at_calorimeter(flight, fitted)
    electron = np.ones(len(phi), np.bool_)
    tracks = _tracks(flight, fitted, np.sqrt(fitted * last), phi, electron)
    radiated = photons(rng, photon.take(kept < 1), radiating=False)
    return (
        Particles.join([arriving, radiated[0]]),
        Tracks.join([tracks.take(flight.radius < LARGEST_RADIUS_M), radiated[1]]),
    )


def photons(
    rng: np.random.Generator,
    flight: Flight,
    *,
    radiating: bool = True,
    always: bool = False,
) -> tuple[Particles, Tracks]:
    """Photons, some of which convert to pairs.

    Args:
        rng: Source of all randomness.
        flight: The photons.
        radiating: Whether the electrons of pairs radiate.
        always: Whether all convert, before the largest radius of tracks.
    """
    count = len(flight.pt)
    if always:
        until = _passed(LARGEST_RADIUS_M) * rng.random(count, np.float32)
    else:
        depth = rng.standard_exponential(count, np.float32) * 9 / 7
        until = _passed(flight.radius) + depth / tracker_material(flight.abs_eta)
    converts = until < 1
    rest = flight.take(~converts)
    phi = azimuth_at_calorimeter(rest, rest.pt)
    arriving = _arriving(rest, PHOTON, rest.pt, phi)
    legs = _pairs(rng, _moved(flight.take(converts), _radius(until[converts])))
    if not len(legs.pt):  # ends the recursion
        return arriving, blank_tracks(0)
    kept = None if radiating else np.ones_like(legs.pt)
    particles, tracks = electrons(rng, legs, kept)
    return Particles.join([arriving, particles]), tracks


def azimuth_at_calorimeter(flight: Flight, pt: Array) -> Array:
    """Azimuths at the calorimeter of particles that keep the momentum `pt` (GeV)."""
    distance = transverse_distance(flight.abs_eta)
    end = np.minimum(distance, TRACKER_RADIUS_M)
    out = _moved(replace(flight, pt=pt), np.maximum(end, flight.radius))
    phi: Array = out.psi + (out.phi - out.psi) * out.radius / distance
    return phi


def _passed(radius: Array | float) -> Array:
    """Part of the tracker's material inside a radius (m)."""
    inside = np.minimum(radius / TRACKER_RADIUS_M, 1).astype(np.float32)
    passed: Array = inside ** (1 / MATERIAL_POWER)
    return passed


def _radius(passed: Array) -> Array:
    """The inverse of `_passed`."""
    radius: Array = TRACKER_RADIUS_M * passed**MATERIAL_POWER
    return radius


def _moved(flight: Flight, radius: Array) -> Flight:
    """The same particles further out, without loss."""
    step = radius - flight.radius
    turn = BENDING_GEV * flight.charge * step / flight.pt
    phi = flight.radius * flight.phi + step * (flight.psi + turn)
    phi = np.where(radius > 0, phi / np.maximum(radius, 1e-6), flight.phi)
    return replace(flight, phi=phi, psi=flight.psi + 2 * turn, radius=radius)


def _pairs(rng: np.random.Generator, photon: Flight) -> Flight:
    """Electrons and positrons of converted photons."""
    share = uniform(rng, 0.02, 0.98, len(photon.pt))
    first = np.where(rng.random(len(share)) < 0.5, 1, -1).astype(np.float32)
    legs = []
    for part, charge in ((share, first), (1 - share, -first)):
        pt = part * photon.pt
        # Traced back from where it was tangent to the photon's direction.
        d0 = photon.d0 + 1000 * BENDING_GEV * charge * photon.radius**2 / pt
        legs.append(replace(photon, pt=pt, charge=charge, d0=d0))
    return Flight.join(legs)


def _arriving(flight: Flight, kind: int, pt: Array, phi: Array) -> Particles:
    kinds = np.full(len(pt), kind, np.int8)
    return Particles(flight.candidate, kinds, pt, flight.eta, phi)


def _tracks(
    flight: Flight, pt: Array, last: Array, phi: Array, electron: NDArray[np.bool_]
) -> Tracks:
    return Tracks(
        candidate=flight.candidate,
        pt=pt,
        last_pt=last,
        charge=flight.charge,
        eta=flight.eta,
        phi=phi,
        d0=flight.d0,
        radius=flight.radius,
        electron=electron,
    )
