"""Four-vectors to polar coordinates and back."""

import numpy as np
import pytest
import tensorflow as tf

from kerashep.data.four_vectors import to_cartesian, to_polar
from kerashep.layers import CartesianFourVectors, PolarFourVectors
from tests.layers.four_vectors import massive


def test_agree_with_numpy_and_are_inverse():
    x = massive((40, 3))
    polar = to_polar(x)
    np.testing.assert_allclose(
        PolarFourVectors()(x.astype("float32")), polar, rtol=1e-3, atol=1e-3
    )
    np.testing.assert_allclose(PolarFourVectors(dtype="float64")(x), polar, rtol=1e-8)
    cartesian = CartesianFourVectors()(polar.astype("float32"))
    np.testing.assert_allclose(cartesian, to_cartesian(polar), rtol=1e-5, atol=1e-3)
    back = CartesianFourVectors(dtype="float64")(PolarFourVectors(dtype="float64")(x))
    np.testing.assert_allclose(back, x, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("layer", [CartesianFourVectors(), PolarFourVectors()])
def test_padding_stays_zero_with_finite_gradients(layer):
    x = tf.constant([[0.0] * 4, [5.0, 0.0, 0.0, 5.0], [1.0, 0.0, 0.0, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        out = layer(x)
    np.testing.assert_array_equal(out[0], 0.0)
    assert np.isfinite(out).all()
    assert np.isfinite(tape.gradient(out, x)).all()


@pytest.mark.parametrize("layer", [CartesianFourVectors, PolarFourVectors])
def test_other_widths_are_refused(layer):
    with pytest.raises(
        ValueError, match=r"\(batch, ..., 4\). Received: shape \(2, 3\)"
    ):
        layer()(np.ones((2, 3), "float32"))
