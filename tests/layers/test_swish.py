import keras
import numpy as np
import tensorflow as tf

from kerashep.layers import Swish

X = np.linspace(-4.0, 4.0, 17, dtype="float32")


def twin(x, beta):
    return x / (1.0 + np.exp(-beta * x))


def test_formula():
    for beta in (1.0, 0.5, 3.0):
        np.testing.assert_allclose(Swish(beta)(X), twin(X, beta), rtol=1e-5, atol=1e-7)


def test_at_one_it_is_silu():
    np.testing.assert_allclose(Swish()(X), keras.activations.silu(X), rtol=1e-6)


def test_fixed_slope_is_no_weight():
    layer = Swish(2.0)
    layer(X)
    assert layer.weights == []


def test_slope_is_learnt():
    layer = Swish(0.7, learn_beta=True)
    layer.build(X.shape)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(X))
    gradient = float(tape.gradient(loss, layer.beta.value))
    step = 1e-4
    wide = X.astype("float64")
    expected = (twin(wide, 0.7 + step) - twin(wide, 0.7 - step)).sum() / (2 * step)
    np.testing.assert_allclose(gradient, expected, rtol=1e-4)
    assert [weight.shape for weight in layer.trainable_weights] == [()]
