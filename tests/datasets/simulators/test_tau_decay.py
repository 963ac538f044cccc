"""Shares of momentum in tau decays, against their densities."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from kerashep.datasets.simulators import tau_decay

EVENTS = 200_000


def leptons(x):
    return 5 / 3 - 3 * x**2 + 4 / 3 * x**3


def hadrons(x):
    return sum(part * (x > low) / (1 - low) for part, low in tau_decay.HADRONS)


@pytest.mark.parametrize(
    ("draw", "density", "resolution"),
    [
        (tau_decay.tau_to_lepton, leptons, 0.02),
        (tau_decay.tau_to_hadrons, hadrons, 0.10),
    ],
)
def test_moments(draw, density, resolution):
    share = draw(np.random.default_rng(0), EVENTS).astype("float64")
    steps = [0, *(low for _, low in tau_decay.HADRONS if low), 1]
    for power, factor in ((1, 1), (2, 1 + resolution**2)):
        expected = factor * sum(
            quad(lambda x, p=power: x**p * density(x), *pair)[0]
            for pair in itertools.pairwise(steps)
        )
        error = (share**power).std() / np.sqrt(EVENTS)
        assert (share**power).mean() == pytest.approx(expected, abs=4 * error + 2e-4)


def test_fractions_of_hadronic_decays():
    assert sum(part for part, _ in tau_decay.HADRONS) == pytest.approx(1)
    share = tau_decay.tau_to_hadrons(np.random.default_rng(1), EVENTS)
    assert share.dtype == np.float32
    assert share.min() >= -0.1
