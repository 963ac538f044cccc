"""Converters between (E, px, py, pz) and (pt, eta, phi, mass)."""

import math

import numpy as np
import pytest

from kerashep.data.four_vectors import to_cartesian, to_polar


def test_closed_form():
    polar = [[3.0, 0.0, np.pi / 2, 4.0], [2.0, np.arcsinh(1.5), np.pi, 0.0]]
    expected = [[5, 0, 3, 0], [math.sqrt(13), -2, 0, 3]]
    np.testing.assert_allclose(to_cartesian(polar), expected, atol=1e-15)
    np.testing.assert_allclose(to_polar(expected), polar, atol=1e-7)


def test_there_and_back():
    rng = np.random.default_rng(1)
    polar = np.stack(
        [
            rng.exponential(50, (30, 7)) + 0.1,
            rng.uniform(-4, 4, (30, 7)),
            rng.uniform(-np.pi, np.pi, (30, 7)),
            rng.exponential(10, (30, 7)) + 0.1,
        ],
        -1,
    )
    np.testing.assert_allclose(to_polar(to_cartesian(polar)), polar, rtol=1e-5)


@pytest.mark.parametrize("convert", [to_cartesian, to_polar])
def test_absent_particles_stay_absent_and_dtype_is_kept(convert):
    zeros = np.zeros((2, 3, 4), "float32")
    np.testing.assert_array_equal(convert(zeros), zeros)
    assert convert(zeros).dtype == np.float32
    assert convert(np.zeros((1, 4), int)).dtype == np.float64


def test_along_the_beam_is_finite():
    pt, eta, _, mass = to_polar([10.0, 0, 0, -10.0])
    assert (pt, mass) == (0, 0)
    assert -30 < eta < -20
