import numpy as np
import pytest
import tensorflow as tf

from kerashep.layers import NearestSelection

POINTS = [500.0, 750.0, 1500.0]
CANDIDATES = np.arange(30.0, dtype="float32").reshape(5, 3, 2)
M = np.array([[0.0], [624.0], [626.0], [1200.0], [9e9]], "float32")
NEAREST = [0, 0, 1, 2, 2]


def test_nearest_candidate_is_chosen():
    output = NearestSelection(POINTS)((CANDIDATES, M))
    np.testing.assert_array_equal(output, CANDIDATES[range(5), NEAREST])


def test_half_way_the_lower_point_is_chosen():
    output = NearestSelection(POINTS)((CANDIDATES[:1], np.array([[625.0]], "float32")))
    np.testing.assert_array_equal(output, CANDIDATES[:1, 0])


def test_single_point_is_always_chosen():
    output = NearestSelection([500.0])((CANDIDATES[:, :1], M))
    np.testing.assert_array_equal(output, CANDIDATES[:, 0])


def test_only_the_chosen_candidate_is_read_and_gets_a_gradient():
    chosen = np.zeros((5, 3, 1), bool)
    chosen[range(5), NEAREST] = True
    poisoned = tf.constant(np.where(chosen, CANDIDATES, np.nan).astype("float32"))
    layer = NearestSelection(POINTS)
    with tf.GradientTape() as tape:
        tape.watch(poisoned)
        output = layer((poisoned, M))
    np.testing.assert_array_equal(output, CANDIDATES[range(5), NEAREST])
    expected = np.broadcast_to(chosen, CANDIDATES.shape).astype("float32")
    np.testing.assert_array_equal(tape.gradient(output, poisoned), expected)


def test_masses_are_compared_in_full_precision_under_float16():
    layer = NearestSelection([1e5, 1.0001e5], dtype="mixed_float16")
    candidates = np.array([[[1.0], [2.0]]], "float32")
    assert float(layer((candidates, np.array([[1.0001e5]], "float32")))[0, 0]) == 2.0


@pytest.mark.parametrize(
    "points", [[], [1.0, 1.0], [1.0, float("nan")], [float("inf")]]
)
def test_bad_points_raise(points):
    with pytest.raises(ValueError, match=r"strictly increasing.*Received: points="):
        NearestSelection(points)
