import itertools

import numpy as np
import pytest

from kerashep.layers import SymmetryCopies
from tests.layers.momenta import VECTORS, events, invariants


def moved(x, angle, mirror):
    """One element of the group, in double precision."""
    result = x.astype("float64").copy()
    for columns in VECTORS:
        px, py = result[:, columns[0]].copy(), result[:, columns[1]].copy()
        result[:, columns[0]] = (px * np.cos(angle) - py * np.sin(angle)) * mirror[0]
        result[:, columns[1]] = (px * np.sin(angle) + py * np.cos(angle)) * mirror[1]
        if len(columns) == 3:
            result[:, columns[2]] *= mirror[2]
    return result


@pytest.mark.parametrize("rotations", [1, 2, 3, 4])
@pytest.mark.parametrize("reflections", ["", "y", "yz", "xyz"])
def test_every_angle_with_every_reflection(rotations, reflections):
    x = events(20)
    layer = SymmetryCopies(VECTORS, rotations, tuple(reflections))
    copies = np.array(layer(x))
    assert copies.shape == (20, layer.num_copies, 10)
    factors = [(1, -1) if axis in reflections else (1,) for axis in "xyz"]
    elements = itertools.product(range(rotations), *factors)
    for i, (j, *mirror) in enumerate(elements):
        expected = moved(x, 2 * np.pi * j / rotations, mirror)
        np.testing.assert_allclose(copies[:, i], expected, rtol=1e-4, atol=1e-4)


def test_eight_copies_of_the_study_differ_by_signs_only():
    x = events(10)
    copies = np.array(SymmetryCopies(VECTORS)(x))
    np.testing.assert_array_equal(copies[:, 0], x)
    np.testing.assert_array_equal(np.abs(copies), np.abs(x[:, None] + 0 * copies))
    assert len(np.unique(np.sign(copies[1]), axis=0)) == 8


def test_invariants_are_those_of_the_event():
    x = events(50)
    copies = np.array(SymmetryCopies(VECTORS, rotations=5)(x))
    expected = np.repeat(invariants(x)[:, None], copies.shape[1], axis=1)
    np.testing.assert_allclose(invariants(copies), expected, rtol=1e-3, atol=1e-2)


def test_reflections_are_in_the_order_they_are_named():
    x = events(3)
    one = np.array(SymmetryCopies(VECTORS, 1, ("y", "z"))(x))
    other = np.array(SymmetryCopies(VECTORS, 1, ("z", "y"))(x))
    np.testing.assert_array_equal(one[:, [0, 2, 1, 3]], other)
