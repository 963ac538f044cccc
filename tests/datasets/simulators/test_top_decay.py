"""Decays of polarised Ws against the densities they are drawn from."""

import numpy as np

from kerashep.datasets.simulators.kinematics import dot
from kerashep.datasets.simulators.top_decay import (
    LONGITUDINAL_FRACTION,
    TOP_MASS_GEV,
    W_MASS_GEV,
    decay_top,
    helicity_cosine,
)


def tops(events):
    rng = np.random.default_rng(0)
    top = np.zeros((4, events), np.float32)
    top[1:] = rng.normal(0, 200, (3, events))
    top[0] = np.sqrt(TOP_MASS_GEV**2 + (top[1:] ** 2).sum(axis=0))
    return top


def density_moments():
    cosine = np.linspace(-1, 1, 20_001)
    density = LONGITUDINAL_FRACTION * 0.75 * (1 - cosine**2)
    density += (1 - LONGITUDINAL_FRACTION) * 0.375 * (1 - cosine) ** 2
    density /= density.sum()
    return [(density * cosine**power).sum() for power in (1, 2, 3)]


def test_helicity_cosines_follow_their_density():
    cosines = helicity_cosine(np.random.default_rng(1), 400_000)
    assert np.abs(cosines).max() <= 1
    moments = [(cosines**power).mean() for power in (1, 2, 3)]
    np.testing.assert_allclose(moments, density_moments(), atol=0.004)


def test_decay_conserves_momentum_and_has_the_masses():
    top = tops(20_000)
    b, lepton, neutrino = decay_top(np.random.default_rng(2), top)
    np.testing.assert_allclose(b + lepton + neutrino, top, rtol=1e-3, atol=0.02)
    w = (lepton + neutrino).astype(np.float64)
    np.testing.assert_allclose(np.sqrt(dot(w, w)), W_MASS_GEV, rtol=2e-3)


def test_helicity_angle_of_the_decay_by_invariants():
    """p_b . p_l in terms of the angle: independent of any frame or axis."""
    b, lepton, _ = decay_top(np.random.default_rng(3), tops(200_000))
    product = dot(b.astype(np.float64), lepton.astype(np.float64))
    largest = (TOP_MASS_GEV**2 - W_MASS_GEV**2) / 2
    cosine = 2 * product / largest - 1
    moments = [(cosine**power).mean() for power in (1, 2, 3)]
    np.testing.assert_allclose(moments, density_moments(), atol=0.006)
