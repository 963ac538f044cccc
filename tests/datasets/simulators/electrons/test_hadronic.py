"""Showers of hadrons."""

import numpy as np

from kerashep.datasets.simulators.electrons.geometry import boundaries
from kerashep.datasets.simulators.electrons.hadronic import hadronic

DEPTHS = boundaries(np.full(5000, 0.5, "f4"))


def showers(energy):
    rng = np.random.default_rng(0)
    return hadronic(rng, np.full(len(DEPTHS), energy, "f4"), DEPTHS)


def test_electromagnetic_part_fluctuates_and_grows():
    soft, hard = showers(5.0), showers(100.0)
    part = hard.em_energy / 100
    assert 0.45 < part.mean() < 0.56  # 0.11 ln 100
    assert part.std() > 0.2
    assert ((part >= 0) & (part <= 1)).all()
    assert soft.em_energy.mean() / 5 < part.mean() - 0.1


def test_less_than_the_energy_is_seen_mostly_behind():
    made = showers(50.0)
    total = made.em_energy + made.broad.sum(axis=1) + made.ionisation.sum(axis=1)
    assert 0.6 < np.median(total) / 50 < 1
    assert made.broad[:, 4:].mean() > made.broad[:, :4].mean()
    assert (made.broad >= 0).all()


def test_hadrons_ionise_until_they_interact():
    made = showers(20.0)
    late = made.start > DEPTHS[:, 5]
    assert 0.1 < late.mean() < 0.4  # exp(-1.5 or so)
    through = made.ionisation[late, :4].sum(axis=1)
    assert 0.3 < through.mean() < 0.8
    assert (made.broad[late, :4] == 0).all()
    early = made.start < DEPTHS[:, 0]
    assert (made.ionisation[early] == 0).all()
