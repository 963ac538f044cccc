"""Kinematics against closed forms in double precision."""

import numpy as np
import pytest

from kerashep.datasets.simulators.kinematics import (
    azimuth,
    boost,
    breakup_momentum,
    closer_than,
    direction_around_z,
    dot,
    from_mass_rapidity,
    from_pt_eta_phi,
    helicity_axis,
    invariant_mass,
    pseudorapidity,
    rotate_z_to,
    transverse_momentum,
    two_body_decay,
    uniform,
)


def moving(rng, mass, events=500):
    px, py, pz = rng.normal(0, 300, (3, events))
    energy = np.sqrt(mass**2 + px**2 + py**2 + pz**2)
    return np.stack([energy, px, py, pz])


def test_pt_eta_phi_round_trip():
    rng = np.random.default_rng(0)
    pt, eta, phi = rng.uniform((1, -4, -3.1), (900, 4, 3.1), (500, 3)).T
    vector = from_pt_eta_phi(pt, eta, phi)
    np.testing.assert_allclose(transverse_momentum(vector), pt, rtol=1e-12)
    np.testing.assert_allclose(pseudorapidity(vector), eta, atol=1e-12)
    np.testing.assert_allclose(azimuth(vector), phi, atol=1e-12)
    assert invariant_mass(vector).max() < 1e-3


def test_mass_and_rapidity():
    vector = from_mass_rapidity(
        np.array([173.0]), np.array([1.2]), np.array([30.0]), np.array([-40.0])
    )
    assert invariant_mass(vector)[0] == pytest.approx(173.0)
    assert np.arctanh(vector[3] / vector[0])[0] == pytest.approx(1.2)
    assert transverse_momentum(vector)[0] == pytest.approx(50.0)


def test_boost_along_z_is_the_textbook_one():
    beta = 0.6
    gamma = 1 / np.sqrt(1 - beta**2)
    frame = np.array([[gamma], [0], [0], [gamma * beta]]) * 5.0
    moved = boost(np.array([[10.0], [1.0], [2.0], [3.0]]), frame, 5.0)
    energy, pz = gamma * (10 + beta * 3), gamma * (3 + beta * 10)
    np.testing.assert_allclose(moved[:, 0], [energy, 1, 2, pz], rtol=1e-12)


def test_boost_keeps_products_and_takes_rest_to_frame():
    rng = np.random.default_rng(1)
    frame = moving(rng, 500.0)
    first, second = moving(rng, 80.0), moving(rng, 5.0)
    np.testing.assert_allclose(
        dot(boost(first, frame, 500.0), boost(second, frame, 500.0)),
        dot(first, second),
        rtol=1e-8,
    )
    rest = np.zeros_like(frame)
    rest[0] = 500.0
    np.testing.assert_allclose(boost(rest, frame, 500.0), frame, rtol=1e-12)


def test_breakup_momentum():
    assert breakup_momentum(91.2, 0.0, 0.0) == pytest.approx(45.6)
    top = (172.5**2 - 80.4**2) / (2 * 172.5)
    assert breakup_momentum(172.5, 80.4, 0.0) == pytest.approx(top)
    assert breakup_momentum(100.0, 80.0, 30.0) == 0


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 2e-3)])
def test_two_body_decay_conserves_momentum_and_masses(dtype, tolerance):
    rng = np.random.default_rng(2)
    parent = moving(rng, 172.5).astype(dtype)
    direction = direction_around_z(rng, uniform(rng, -1, 1, 500)).astype(dtype)
    w, b = two_body_decay(parent, 172.5, (80.4, 4.7), direction)
    assert w.dtype == b.dtype == dtype
    np.testing.assert_allclose(w + b, parent, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(dot(w, w), 80.4**2, atol=tolerance * w[0].max() ** 2)
    reverse = np.concatenate([parent[:1], -parent[1:]])
    flight = boost(w, reverse, 172.5)[1:]
    flight /= np.linalg.norm(flight, axis=0)
    np.testing.assert_allclose(flight, direction, atol=10 * tolerance)


def test_random_directions_are_isotropic_unit_vectors():
    rng = np.random.default_rng(3)
    direction = direction_around_z(rng, uniform(rng, -1, 1, 100_000))
    np.testing.assert_allclose(np.linalg.norm(direction, axis=0), 1, atol=1e-6)
    np.testing.assert_allclose(direction.mean(axis=1), 0, atol=0.01)
    np.testing.assert_allclose((direction**2).mean(axis=1), 1 / 3, atol=0.01)


def test_rotation_takes_z_to_axis_and_keeps_angles():
    rng = np.random.default_rng(4)
    axis = rng.normal(size=(3, 200))
    axis /= np.linalg.norm(axis, axis=0)
    axis[:, 0] = (0, 0, -1)
    z = np.zeros((3, 200))
    z[2] = 1
    np.testing.assert_allclose(rotate_z_to(axis, z), axis, atol=1e-12)
    vectors = rng.normal(size=(3, 200))
    rotated = rotate_z_to(axis, vectors)
    np.testing.assert_allclose(
        np.linalg.norm(rotated, axis=0), np.linalg.norm(vectors, axis=0)
    )
    np.testing.assert_allclose((rotated * axis).sum(axis=0), vectors[2], atol=1e-12)


def test_helicity_axis_of_a_chain_seen_from_the_parent_at_rest():
    w = np.array([[100.0], [0.0], [36.0], [48.0]])
    b = np.array([[60.0], [0.0], [-36.0], [-48.0]])
    np.testing.assert_allclose(helicity_axis(b, w, 80.0)[:, 0], [0, 0.6, 0.8])


def test_closer_than_against_angles():
    rng = np.random.default_rng(5)
    eta, phi = rng.uniform(-1, 1, (2, 2, 4000))
    first, second = (
        from_pt_eta_phi(np.full(4000, 50.0), e, p)
        for e, p in zip(eta, phi, strict=True)
    )
    distance = np.hypot(eta[0] - eta[1], phi[0] - phi[1])
    clear = np.abs(distance - 0.4) > 0.01
    close = closer_than(0.4, first, second)
    np.testing.assert_array_equal(close[clear], (distance < 0.4)[clear])
    assert not closer_than(0.4, first, np.zeros_like(second)).any()
