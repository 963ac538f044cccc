"""Energy of showers in the layers."""

import numpy as np
import pytest
from scipy.stats import gamma

from kerashep.datasets.simulators.electrons.geometry import (
    boundaries,
    interaction_lengths,
    radiation_lengths,
)
from kerashep.datasets.simulators.electrons.longitudinal import (
    electromagnetic,
    gamma_profile,
)


def showers(energy, count=4000, start=0.0, abs_eta=0.3, seed=0):
    depths = boundaries(np.full(count, abs_eta, "f4"))
    return electromagnetic(
        np.random.default_rng(seed),
        np.full(count, energy, "f4"),
        np.full(count, start, "f4"),
        depths,
    )


def test_shares_of_a_known_profile():
    depths = np.array([[1, 2, 3, 7, 20, 22, 23, 40, 80, 100]], "f4")
    one = np.ones(1, "f4")
    found = gamma_profile(4 * one, 0.5 * one, 6 * one, 1.5 * one, depths)
    until = gamma(4, scale=2).cdf(np.maximum(depths[0] - 1.5, 0))
    begin, end = [0, 2, 3, 4, 6, 7, 8], [1, 3, 4, 5, 7, 8, 9]
    np.testing.assert_allclose(found.share[0], until[end] - until[begin], atol=1e-6)
    # The centre, 8 lengths after the start, lies in em2; em1 ends before, em3 begins
    # after it.
    np.testing.assert_allclose(found.age[0, 1:4] * 6, [5.5, 8, 18.5], rtol=1e-6)


def test_electrons_stop_in_em2_and_fluctuate():
    share = showers(40.0).share
    assert share[:, 2].mean() > 0.5 > share[:, 1].mean() > 0.15
    assert share[:, 4:].sum(axis=1).mean() < 0.01
    assert 0.05 < share[:, 1].std() < 0.2
    assert (share.sum(axis=1) < 1.000001).all()
    # A shower that is early in em1 has less in em2: the layers are correlated.
    assert np.corrcoef(share[:, 1], share[:, 2])[0, 1] < -0.8


@pytest.mark.parametrize(
    ("change", "sign"), [({"energy": 150.0}, 1), ({"start": 2.0}, 1)]
)
def test_harder_and_later_showers_are_deeper(change, sign):
    before = showers(20.0).share.mean(axis=0)
    after = showers(**{"energy": 20.0, **change}).share.mean(axis=0)
    assert sign * (after[2] / after[1] - before[2] / before[1]) > 0.1


def test_depths():
    depths = boundaries(np.array([0.0, 1.5], "f4"))
    assert (np.diff(depths) > 0).all()
    assert (depths[1] > depths[0]).all()
    end = depths[:, 5, np.newaxis]
    lengths = interaction_lengths(depths, end)
    np.testing.assert_allclose(radiation_lengths(lengths, end), depths, rtol=1e-5)
    assert 1 < lengths[0, 5] < 2
    assert lengths[0, 9] > 7
