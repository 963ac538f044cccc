import keras
import numpy as np
import pytest

from kerashep.layers import AffineConditioning
from kerashep.testing import fill_weights

RNG = np.random.default_rng(1)
X = RNG.normal(size=(6, 4)).astype("float32")
M = RNG.uniform(0.5, 1.5, size=(6, 2)).astype("float32")


def softplus(t):
    return np.log1p(np.exp(t))


@pytest.mark.parametrize(
    ("names", "g", "h"),
    [
        ((None, None), lambda t: t, lambda t: t),
        (("softplus", "tanh"), softplus, np.tanh),
        (("exponential", "relu"), np.exp, lambda t: np.maximum(t, 0.0)),
    ],
)
def test_formula(names, g, h):
    layer = AffineConditioning(*names)
    layer((X, M))
    fill_weights(layer)
    scale_kernel, scale_bias, bias_kernel, bias_bias = map(np.array, layer.weights)
    expected = X * g(M @ scale_kernel + scale_bias) + h(M @ bias_kernel + bias_bias)
    np.testing.assert_allclose(layer((X, M)), expected, rtol=1e-5, atol=1e-6)


def test_reference_equals_two_dense_layers_with_its_weights():
    layer = AffineConditioning(initialization="reference")
    layer((X, M))
    fill_weights(layer)
    scale, bias = keras.layers.Dense(4), keras.layers.Dense(4)
    scale.build((None, 2))
    bias.build((None, 2))
    values = layer.get_weights()
    scale.set_weights(values[:2])
    bias.set_weights(values[2:])
    expected = keras.ops.multiply(X, scale(M)) + bias(M)
    np.testing.assert_array_equal(layer((X, M)), expected)
    np.testing.assert_allclose(
        np.array(layer((X, M)))[0],
        [0.26873407, -1.070085, 0.77673274, -1.153331],
        rtol=1e-5,
    )


def test_reference_starts_like_two_dense_layers_of_the_same_seed():
    keras.utils.set_random_seed(3)
    layer = AffineConditioning(initialization="reference")
    layer.build(((None, 4), (None, 2)))
    keras.utils.set_random_seed(3)
    scale, bias = keras.layers.Dense(4), keras.layers.Dense(4)
    scale.build((None, 2))
    bias.build((None, 2))
    for own, dense in zip(
        layer.get_weights(), [*scale.get_weights(), *bias.get_weights()], strict=True
    ):
        np.testing.assert_array_equal(own, dense)


def test_reference_silences_the_features_at_zero():
    layer = AffineConditioning(initialization="reference")
    np.testing.assert_array_equal(layer((X, np.zeros_like(M))), np.zeros_like(X))


@pytest.mark.parametrize("scale", [None, "relu", "softplus", "exponential", "gelu"])
@pytest.mark.parametrize("bias", [None, "tanh"])
def test_identity_start(scale, bias):
    layer = AffineConditioning(scale, bias)
    np.testing.assert_allclose(layer((X, np.zeros_like(M))), X, rtol=1e-6, atol=1e-6)


def test_the_two_kernels_start_different():
    layer = AffineConditioning()
    layer((X, M))
    assert not np.allclose(layer.scale_kernel, layer.bias_kernel)


def test_parameters_of_an_event_hold_for_all_its_particles():
    particles = RNG.normal(size=(6, 6, 4)).astype("float32")  # events == particles
    layer = AffineConditioning()
    together = np.array(layer((particles, M)))
    for i in range(6):
        one = AffineConditioning()
        one.build(((None, 4), (None, 2)))
        one.set_weights(layer.get_weights())
        np.testing.assert_allclose(together[:, i], one((particles[:, i], M)), rtol=1e-5)


def test_mask_of_the_features_is_passed_on():
    inputs = keras.Input((None, 4)), keras.Input((2,))
    masked = keras.layers.Masking()(inputs[0])
    pooled = keras.layers.GlobalAveragePooling1D()(
        AffineConditioning()((masked, inputs[1]))
    )
    model = keras.Model(inputs, pooled)
    particles = RNG.normal(size=(6, 3, 4)).astype("float32")
    padded = np.concatenate([particles, np.zeros((6, 2, 4), "float32")], axis=1)
    np.testing.assert_allclose(model((padded, M)), model((particles, M)), rtol=1e-5)


def test_another_width_later_raises():
    layer = AffineConditioning()
    layer((X, M))
    with pytest.raises(ValueError, match=r"expected axis -1.*value 2"):
        layer((X, M[:, :1]))


def test_unknown_width_raises():
    with pytest.raises(ValueError, match="last axis of `x` and `m` to be known"):
        AffineConditioning().build(((None, None), (None, 1)))
