import keras
import numpy as np
import pytest

from kerashep.layers import DenseConcat
from kerashep.testing import fill_weights

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


@pytest.mark.parametrize(
    ("activation", "function"),
    [
        ("relu", lambda x: np.maximum(x, 0.0)),
        ("swish", lambda x: x * sigmoid(x)),
        ("tanh", np.tanh),
        ("linear", lambda x: x),
        ("selu", lambda x: 1.0507010 * np.where(x > 0, x, 1.6732632 * np.expm1(x))),
    ],
)
def test_input_then_activated_map(activation, function):
    layer = DenseConcat(3, activation)
    layer(X)
    fill_weights(layer)
    kernel, bias = map(np.array, layer.weights)
    expected = np.hstack([X, function(X @ kernel + bias)])
    np.testing.assert_allclose(layer(X), expected, rtol=1e-5, atol=1e-6)


def test_prelu_learns_a_slope_for_each_unit():
    layer = DenseConcat(3, "prelu")
    layer(X)
    fill_weights(layer)
    kernel, bias, slope = map(np.array, layer.weights)
    linear = X @ kernel + bias
    expected = np.hstack([X, np.where(linear > 0, linear, slope * linear)])
    np.testing.assert_allclose(layer(X), expected, rtol=1e-5, atol=1e-6)


def test_stacked_width_and_parameters():
    x = keras.Input((33,))
    hidden = x
    for _ in range(5):
        hidden = DenseConcat(33)(hidden)
    model = keras.Model(x, hidden)
    assert model.output_shape == (None, 6 * 33)
    assert model.count_params() == sum(33 * n * 33 + 33 for n in range(1, 6))


@pytest.mark.parametrize(
    ("activation", "variance"),
    [
        ("relu", 2 / 400),
        ("swish", 2 / 400),
        ("learnt_swish", 2 / 400),
        ("prelu", 2 / 400),
        ("selu", 1 / 400),
        ("tanh", 2 / (400 + 200)),
    ],
)
def test_kernel_starts_as_the_activation_asks_for(activation, variance):
    layer = DenseConcat(200, activation)
    layer.build((None, 400))
    kernel, bias = map(np.array, layer.weights[:2])
    np.testing.assert_allclose(kernel.var(), variance, rtol=0.03)
    np.testing.assert_array_equal(bias, 0.0)


def test_dropout_acts_on_the_new_units_only_and_in_training_only():
    layer = DenseConcat(200, "relu", dropout=0.5)
    plain = np.array(layer(X))
    dropped = np.array(layer(X, training=True))
    np.testing.assert_array_equal(dropped[:, :4], X)
    active = plain[:, 4:] > 0
    kept = dropped[:, 4:][active] > 0
    assert 0.4 < kept.mean() < 0.6
    np.testing.assert_allclose(
        dropped[:, 4:][active][kept], 2.0 * plain[:, 4:][active][kept], rtol=1e-6
    )


def test_selu_gets_alpha_dropout():
    kinds = [type(layer).__name__ for layer in DenseConcat(2, "selu", 0.1).sublayers]
    assert kinds[-1] == "AlphaDropout"


def test_batch_normalisation_after_the_activation():
    layer = DenseConcat(3, "relu", batch_norm=True)
    output = np.array(layer(5.0 + X, training=True))[:, 3 + 1 :]
    np.testing.assert_allclose(output.mean(axis=0), 0.0, atol=1e-5)
    moved = DenseConcat(3, "relu", batch_norm=True)
    moved(X)
    fill_weights(moved.sublayers[0])
    kernel, bias = map(np.array, moved.sublayers[0].weights)
    expected = np.maximum(X @ kernel + bias, 0.0) / np.sqrt(1.0 + 1e-3)
    np.testing.assert_allclose(moved(X)[:, 4:], expected, rtol=1e-5, atol=1e-6)


def test_l2_covers_kernel_and_bias():
    layer = DenseConcat(3, l2=0.1)
    layer(X)
    fill_weights(layer)
    expected = 0.1 * sum(np.sum(np.square(w)) for w in layer.get_weights())
    assert float(sum(layer.losses)) == pytest.approx(expected, rel=1e-5)
