"""Kinematics of simulated jets."""

import numpy as np
import pytest

from kerashep.datasets.simulators import jets
from kerashep.datasets.simulators.kinematics import invariant_mass
from kerashep.datasets.simulators.top_decay import TOP_MASS_GEV, W_MASS_GEV


def test_partons_have_the_exact_masses():
    partons = jets.top(np.random.default_rng(0), 500)
    vectors = partons.vectors.astype("f8")
    np.testing.assert_allclose(invariant_mass(vectors.sum(axis=1)), TOP_MASS_GEV, 2e-4)
    np.testing.assert_allclose(
        invariant_mass(vectors[:, 1:].sum(axis=1)), W_MASS_GEV, 2e-3
    )
    assert partons.vectors.shape == (4, 3, 500)
    pair = jets.boson(40, 200)(np.random.default_rng(1), 500)
    mass = invariant_mass(pair.vectors.astype("f8").sum(axis=1))
    np.testing.assert_allclose(mass, pair.mass, rtol=2e-3)
    assert pair.mass.min() < 50
    assert pair.mass.max() > 190


@pytest.mark.parametrize("process", [jets.top, jets.qcd, jets.boson(80, 81)])
def test_selected_jets(process):
    vectors, _ = jets.simulate(process, 300, np.random.default_rng(2))
    assert vectors.shape == (300, 200, 4)
    assert vectors.dtype == np.float32
    pt = np.hypot(vectors[..., 1], vectors[..., 2])
    assert (np.diff(pt, axis=1) <= 1e-3).all()
    absent = pt == 0
    assert (vectors[absent] == 0).all()
    np.testing.assert_allclose(
        vectors[..., 0] ** 2, (vectors[..., 1:] ** 2).sum(axis=-1), rtol=1e-4
    )
    jet = vectors.sum(axis=1, dtype="f8")
    jet_pt = np.hypot(jet[:, 1], jet[:, 2])
    assert (jet_pt > 549).all()
    assert (jet_pt < 651).all()
    eta = np.arcsinh(vectors[..., 3] / np.where(absent, 1, pt))
    phi = np.arctan2(vectors[..., 2], vectors[..., 1])
    phi -= np.arctan2(jet[:, 2], jet[:, 1])[:, None]
    eta -= np.arcsinh(jet[:, 3] / jet_pt)[:, None]
    phi -= 2 * np.pi * np.round(phi / 2 / np.pi)
    assert (np.hypot(eta, phi)[~absent] < jets.RADIUS + 0.1).all()


def test_mass_peaks_at_the_top_and_the_boson():
    top, _ = jets.simulate(jets.top, 1000, np.random.default_rng(3))
    assert abs(np.median(jets.jet_mass(top)) - 178) < 10
    found, mass = jets.simulate(jets.boson(40, 200), 1000, np.random.default_rng(3))
    ratio = jets.jet_mass(found) / mass
    assert 0.95 < np.median(ratio) < 1.2
    assert np.corrcoef(jets.jet_mass(found), mass)[0, 1] > 0.6


def test_pile_up_adds_soft_particles():
    plain, mass = jets.simulate(jets.boson(80, 81), 500, np.random.default_rng(4))
    dirty, _ = jets.simulate(
        jets.boson(80, 81), 500, np.random.default_rng(4), pileup=20.0
    )
    more = [(v[..., 0] > 0).sum(axis=1).mean() for v in (plain, dirty)]
    assert 30 < more[1] - more[0] < 41  # 20 x 2, less those below 0.1 GeV
    assert np.median(jets.jet_mass(dirty)) > np.median(jets.jet_mass(plain)) + 5
    assert mass.dtype == np.float32
