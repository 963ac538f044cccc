"""Electrons, photons and hadrons in the tracker."""

import numpy as np

from kerashep.datasets.simulators.electrons.geometry import tracker_material
from kerashep.datasets.simulators.electrons.particles import (
    ELECTRON,
    PHOTON,
    Particles,
    Tracks,
)
from kerashep.datasets.simulators.electrons.surroundings import (
    flight,
    jet_of,
    pileup,
    pion_photons,
)
from kerashep.datasets.simulators.electrons.transport import (
    LARGEST_RADIUS_M,
    electrons,
    hadrons,
    photons,
)

COUNT = 3000
ETA = np.full(COUNT, 0.5, "f4")
ONES = np.ones(COUNT, "f4")


def prompt(pt=20.0, charge=1.0):
    return flight(np.arange(COUNT), ETA, pt * ONES, charge * ONES)


def total_pt(particles):
    return np.bincount(particles.candidate, particles.pt, COUNT)


def test_bending():
    rng = np.random.default_rng(0)
    plus, _ = hadrons(rng, prompt(20.0, 1.0))
    minus, _ = hadrons(rng, prompt(20.0, -1.0))
    soft, _ = hadrons(rng, prompt(10.0, 1.0))
    neutral, tracks = hadrons(rng, prompt(20.0, 0.0))
    # 0.3 d^2 / pt over 1.05 m, then straight to 1.5 m.
    expected = (0.3 * 1.05**2 + 0.6 * 1.05 * 0.45) / 20 / 1.5
    np.testing.assert_allclose(plus.phi, expected, rtol=1e-5)
    np.testing.assert_allclose(minus.phi, -expected, rtol=1e-5)
    np.testing.assert_allclose(soft.phi, 2 * expected, rtol=1e-5)
    np.testing.assert_array_equal(neutral.phi, 0)
    assert len(tracks.pt) == 0


def test_electrons_radiate_and_energy_is_kept():
    particles, tracks = electrons(np.random.default_rng(1), prompt())
    np.testing.assert_allclose(total_pt(particles), 20, rtol=1e-4)
    electron = particles.kind == ELECTRON
    first = particles.take(np.arange(COUNT))
    assert electron[:COUNT].all()
    kept = first.pt / 20
    expected = np.exp(-float(tracker_material(ETA[:1])[0]))
    assert abs(kept.mean() - expected) < 0.03
    # Photons go straight: they end at less azimuth than the electron that bends on.
    photon = particles.take(particles.kind == PHOTON)
    assert (photon.phi <= first.phi[photon.candidate] + 1e-6).all()
    own = tracks.take(np.arange(COUNT))
    assert (own.last_pt <= own.pt * 1.00001).all()
    assert (own.pt <= 20.001).all()


def test_photons_convert_by_the_material():
    particles, tracks = photons(np.random.default_rng(2), prompt(charge=0.0))
    whole = np.bincount(particles.candidate[particles.kind == PHOTON], minlength=COUNT)
    np.testing.assert_allclose(total_pt(particles), 20, rtol=1e-4)
    expected = 1 - np.exp(-7 / 9 * float(tracker_material(ETA[:1])[0]))
    converted = np.bincount(tracks.candidate, minlength=COUNT) > 0
    assert 0.3 * expected < converted.mean() < expected  # late ones have no track
    assert whole.max() >= 1


def test_pairs():
    particles, tracks = photons(
        np.random.default_rng(3), prompt(charge=0.0), always=True
    )
    np.testing.assert_allclose(total_pt(particles), 20, rtol=1e-4)
    legs = tracks.take(np.arange(2 * COUNT))
    assert (legs.charge[:COUNT] == -legs.charge[COUNT:]).all()
    assert (legs.radius < LARGEST_RADIUS_M).all()
    far = legs.take(legs.radius > 0.2)
    near = legs.take(legs.radius < 0.02)
    assert np.median(np.abs(far.d0)) > 100 * np.median(np.abs(near.d0))
    assert (np.sign(far.d0) == far.charge).all()


def test_pions():
    pair = pion_photons(np.random.default_rng(4), prompt(30.0, 0.0))
    one, other = pair.take(np.arange(COUNT)), pair.take(np.arange(COUNT, 2 * COUNT))
    np.testing.assert_allclose(one.pt + other.pt, 30, rtol=1e-5)
    apart = np.hypot(one.eta - other.eta, one.psi - other.psi)
    np.testing.assert_allclose(np.sqrt(one.pt * other.pt) * apart, 0.135, rtol=1e-3)
    np.testing.assert_allclose(one.pt * one.eta + other.pt * other.eta, 0, atol=1e-4)


def test_surroundings():
    rng = np.random.default_rng(5)
    soft, soft_tracks = pileup(rng, ETA)
    jet, jet_tracks = jet_of(rng, ETA, 4.0, 3 * ONES)
    assert 0.8 < soft.pt.mean() < 1  # some after conversion
    assert 0.45 < len(soft_tracks.pt) / len(soft.pt) < 0.7
    assert jet.pt.mean() > 2.5
    assert np.abs(jet.eta).mean() < np.abs(soft.eta).mean()
    assert 1.8 * COUNT < len(jet_tracks.pt) < 3.2 * COUNT
    both = Tracks.join([soft_tracks, jet_tracks])
    assert len(both.take(both.electron).pt) < 0.3 * len(both.pt)
    assert len(Particles.join([soft, jet]).pt) == len(soft.pt) + len(jet.pt)
