"""The branching conserves what it should and is ordered in angle."""

import numpy as np

from kerashep.datasets.simulators.shower import GLUON, QUARK, Particles, shower


def showered(colour, jets=400, pt=600.0, seed=0):
    jet = np.arange(jets, dtype=np.int32)
    start = Particles(jet, np.full(jets, pt, "f4"), np.zeros(jets, "f4"), jet * 0.01)
    rng = np.random.default_rng(seed)
    return shower(rng, start, np.full(jets, colour), np.full(jets, 0.8, "f4"))


def test_momentum_is_shared_and_the_centre_stays():
    made = showered(QUARK)
    total = np.bincount(made.jet, made.pt)
    np.testing.assert_allclose(total, 600, rtol=1e-3)
    assert (made.pt > 0).all()
    np.testing.assert_allclose(
        np.bincount(made.jet, made.pt * made.eta) / total, 0, atol=0.01
    )
    centre = np.bincount(made.jet, made.pt * made.phi) / total
    np.testing.assert_allclose(centre, np.arange(400) * 0.01, atol=0.01)


def test_gluons_radiate_more_than_quarks():
    quark, gluon = (len(showered(colour).jet) / 400 for colour in (QUARK, GLUON))
    assert 1.4 < gluon / quark < 2.25  # at most the ratio of colour factors
    assert quark > 10


def test_harder_partons_radiate_more_and_soft_ones_not_at_all():
    assert len(showered(QUARK, pt=600.0).jet) > 1.5 * len(showered(QUARK, pt=60.0).jet)
    assert len(showered(QUARK, pt=0.3).jet) == 400


def test_seed():
    first, again, other = (showered(QUARK, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.pt, again.pt)
    assert len(first.pt) != len(other.pt) or (first.pt != other.pt).any()
