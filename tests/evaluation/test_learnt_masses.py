"""Masses of combinations, against decays of known mass."""

import numpy as np
import pytest

from kerashep.evaluation.learnt_masses import learnt_masses, mass_windows

W_GEV = 80.4


def decays(count=500):
    """W -> two massless jets in flight, a third jet beside; padded in a few events."""
    rng = np.random.default_rng(8)
    direction = rng.normal(size=(count, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    half = np.column_stack([np.full(count, W_GEV / 2), direction * W_GEV / 2])
    other = half * [1, -1, -1, -1]
    gamma, flight = 2.0, np.sqrt(3.0)
    for one in (half, other):  # along z
        energy = gamma * one[:, 0] + flight * one[:, 3]
        one[:, 3] = gamma * one[:, 3] + flight * one[:, 0]
        one[:, 0] = energy
    third = np.zeros((count, 4))
    third[: count // 2] = [20.0, 20.0, 0.0, 0.0]
    return np.stack([half, other, third], axis=1)


def test_equal_weights_of_two_jets_have_their_mass_on_any_scale():
    weights = np.array([[0.3, 0.0], [0.3, 0.0], [0.0, 7.0]])
    names = ("j0", "j1", "j2")
    both, single = learnt_masses(decays(), weights, names, [0, 1])
    np.testing.assert_allclose(both.mass_gev, W_GEV, rtol=1e-9)
    assert sorted(both.parts.split(" + ")) == ["j0", "j1"]
    assert both.name == "0"
    np.testing.assert_array_equal(single.mass_gev, 0.0)
    assert single.parts == "j2"


def test_the_particle_with_the_most_energy_counts_once():
    """Not a padded one of large weight that is hardly ever there."""
    vectors = decays()
    vectors[20:, 2] = 0.0
    (one,) = learnt_masses(vectors, [[0.5], [0.5], [5.0]], ("a", "b", "c"), [0])
    np.testing.assert_allclose(one.mass_gev[20:], W_GEV, rtol=1e-9)
    assert one.parts.endswith("...")


def test_windows_are_weighted_shares():
    vectors = decays()
    vectors[:250, :2] *= 172.5 / W_GEV
    label = np.tile([1, 1, 1, 0, 0], 100)
    weight = np.random.default_rng(1).uniform(0.5, 2, 500)
    masses = learnt_masses(vectors, [[1.0], [1.0], [0.0]], ("a", "b", "c"), [0])
    w, top = mass_windows(masses, label, weight)
    assert (w.reference, w.reference_gev, top.reference) == ("W", 80.4, "top")
    signal = weight * label
    share = signal[250:].sum() / signal.sum()
    assert w.signal.value == pytest.approx(share)
    assert w.signal.value + top.signal.value == pytest.approx(1.0)
    effective = signal.sum() ** 2 / (signal**2).sum()
    binomial = np.sqrt(share * (1 - share) / effective)
    assert w.signal.error == pytest.approx(binomial, rel=0.05)
    background = weight * (1 - label)
    assert w.background.value == pytest.approx(
        background[250:].sum() / background.sum()
    )


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="2 names"):
        learnt_masses(decays(), np.ones((3, 2)), ("a", "b"), [0])
