"""Energy of showers in the cells."""

import numpy as np

from kerashep.datasets.simulators.electrons.geometry import ETA_CELL, PHI_CELL
from kerashep.datasets.simulators.electrons.lateral import (
    CORE_WIDTH,
    cell_energies,
    electromagnetic_widths,
    shares,
    tail_widths,
)


def images(eta=0.0, phi=0.0, width=0.01, energy=1.0):
    shape = (1, 1, 7)
    widths = np.full((*shape, 3), width, "f4")
    weights = np.full((*shape, 3), 1 / 3, "f4")
    centre = np.stack([np.full(shape, eta, "f4"), np.full(shape, phi, "f4")])
    return cell_energies(np.full(shape, energy, "f4"), centre, widths, weights)


def test_energy_is_shared_and_kept():
    coarse, fine = images(width=0.004, energy=5.0)
    np.testing.assert_allclose(coarse.sum(axis=(2, 3)), 5, rtol=1e-3)
    np.testing.assert_allclose(fine.sum(), 5, rtol=1e-3)
    assert coarse[0, 0].argmax() == 3 * 11 + 5
    # Eight strips are one cell.
    np.testing.assert_allclose(
        fine.reshape(7, 8, 11).sum(axis=1), coarse[0, 0], atol=2e-3
    )


def test_place():
    coarse, fine = images(eta=2 * ETA_CELL, phi=-3 * PHI_CELL, width=0.003)
    assert np.unravel_index(coarse[0, 4].argmax(), (7, 11)) == (5, 2)
    assert np.unravel_index(fine[0].argmax(), (56, 11))[0] in (43, 44)


def test_cells_against_the_normal_distribution():
    from scipy.stats import norm

    coarse, _ = images(eta=0.006, width=0.02)
    edges = ETA_CELL * (np.arange(8) - 3.5)
    expected = np.diff(norm(0.006, 0.02).cdf(edges))
    np.testing.assert_allclose(coarse[0, 0].sum(axis=1), expected, atol=1e-3)


def test_showers_of_a_candidate_add_up():
    energy = np.array([[[2.0] * 7, [3.0] * 7]], "f4")
    eta = np.array([[[0.02] * 7, [-0.03] * 7]], "f4")
    widths = np.full((1, 2, 7, 3), 0.01, "f4")
    weights = np.full((1, 2, 7, 3), 1 / 3, "f4")
    both = cell_energies(energy, np.stack([eta, 0 * eta]), widths, weights)
    first, second = images(eta=0.02, energy=2.0), images(eta=-0.03, energy=3.0)
    for whole, one, other in zip(both, first, second, strict=True):
        np.testing.assert_allclose(whole, one + other, atol=1e-5)


def test_mixture_has_the_profile_of_gflash():
    radius = np.array(0.03)
    widths = np.append(CORE_WIDTH * radius, tail_widths(radius))
    r = np.array([0.02, 0.03, 0.05])
    expected = r**2 / (r**2 + radius**2)  # energy within r
    for core_share, atol in ((0.0, 0.1), (1.0, 0.21)):
        weights = shares(np.array(core_share))
        inside = 1 - np.exp(-((r[:, np.newaxis] / widths) ** 2) / 2)
        np.testing.assert_allclose(inside @ weights, expected, atol=atol)


def test_showers_widen():
    age = np.array([[0.5, 1.0, 2.0]], "f4")
    widths, weights = electromagnetic_widths(np.array([40.0], "f4"), age)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-6)
    assert (np.diff(widths[0, :, 0]) > 0).all()  # of the core
    assert (widths[..., 1] > widths[..., 0]).all()
    assert 0.01 < widths[0, 1, 0] < 0.2
