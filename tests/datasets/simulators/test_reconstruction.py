"""Reconstruction of perfect events, and against a search over all assignments."""

from itertools import permutations

import numpy as np
import pytest

from kerashep.datasets.simulators.kinematics import dot, invariant_mass
from kerashep.datasets.simulators.reconstruction import solve_neutrino, top_masses
from kerashep.datasets.simulators.top_decay import (
    TOP_MASS_GEV,
    W_MASS_GEV,
    decay_top,
)


def perfect_event(events=300, seed=0):
    rng = np.random.default_rng(seed)
    decays = []
    for _ in range(2):
        top = np.zeros((4, events))
        top[1:] = rng.normal(0, 150, (3, events))
        top[0] = np.sqrt(TOP_MASS_GEV**2 + (top[1:] ** 2).sum(axis=0))
        decays.append(decay_top(rng, top))
    return decays


def test_neutrino_solves_the_w_mass_and_takes_the_smaller_pz():
    (_, lepton, true), _ = perfect_event()
    neutrino, mass = solve_neutrino(lepton, true[1], true[2])
    np.testing.assert_allclose(mass, W_MASS_GEV, rtol=1e-6)
    np.testing.assert_allclose(invariant_mass(lepton + neutrino), W_MASS_GEV, rtol=1e-4)
    assert (np.abs(neutrino[3]) <= np.abs(true[3]) * (1 + 1e-4) + 0.5).all()
    assert np.isclose(neutrino[3], true[3], rtol=1e-3, atol=0.5).mean() > 0.5


def test_transverse_mass_above_the_w_gives_a_heavier_pair():
    lepton = np.array([[50.0], [50.0], [0.0], [0.0]])
    neutrino, mass = solve_neutrino(lepton, np.array([-90.0]), np.array([0.0]))
    assert mass[0] > W_MASS_GEV
    assert mass[0] == pytest.approx(invariant_mass(lepton + neutrino)[0], rel=1e-6)


def test_right_assignment_of_perfect_events():
    (b, lepton, neutrino), (other_b, q, other_q) = perfect_event()
    jets = np.stack([q, b, other_b, other_q], axis=1)
    masses = top_masses(lepton + neutrino, jets, np.zeros((4, 300), bool))
    np.testing.assert_allclose(masses["m_jj"], W_MASS_GEV, rtol=1e-3)
    np.testing.assert_allclose(masses["m_jjj"], TOP_MASS_GEV, rtol=1e-3)
    np.testing.assert_allclose(masses["m_jlv"], TOP_MASS_GEV, rtol=1e-3)
    total = lepton + neutrino + jets.sum(axis=1)
    np.testing.assert_allclose(masses["m_WWbb"], np.sqrt(dot(total, total)), rtol=1e-6)


def test_chosen_assignment_is_the_best_of_all_permutations():
    rng = np.random.default_rng(1)
    momenta = rng.normal(0, 100, (3, 5, 50))
    vectors = np.concatenate([np.linalg.norm(momenta, axis=0)[None], momenta])
    jets, w = vectors[:, :4], vectors[:, 4]
    tags = rng.random((4, 50)) < 0.5
    best = np.full(50, np.inf)
    for i, j, hadronic, leptonic in permutations(range(4)):
        m_jj = invariant_mass(jets[:, i] + jets[:, j])
        m_jjj = invariant_mass(jets[:, i] + jets[:, j] + jets[:, hadronic])
        m_jlv = invariant_mass(w + jets[:, leptonic])
        chi2 = ((m_jj - W_MASS_GEV) / 15) ** 2 + ((m_jjj - TOP_MASS_GEV) / 20) ** 2
        chi2 += ((m_jlv - TOP_MASS_GEV) / 25) ** 2 + 2.0 * (tags[i] * 1 + tags[j])
        best = np.minimum(best, chi2)
        row = chi2 == best
        expected = locals().get("expected", np.zeros((3, 50)))
        expected[:, row] = np.stack([m_jj, m_jjj, m_jlv])[:, row]
    masses = top_masses(w, jets, tags)
    found = np.stack([masses["m_jj"], masses["m_jjj"], masses["m_jlv"]])
    np.testing.assert_allclose(found, expected, rtol=1e-5)
