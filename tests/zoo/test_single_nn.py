import keras
import numpy as np
import pytest

from kerashep.testing import fill_weights
from kerashep.zoo import SingleNN

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def test_parameter_count_of_the_reference():
    assert SingleNN(num_features=27).count_params() == 73_751


def test_output_against_numpy():
    model = SingleNN(4, units=[5, 3], activation="tanh")
    fill_weights(model)
    hidden = X
    *layers, head = np.reshape(np.array(model.get_weights(), dtype=object), (-1, 2))
    for kernel, bias in layers:
        hidden = np.tanh(hidden @ kernel + bias)
    expected = 1.0 / (1.0 + np.exp(-(hidden @ head[0] + head[1]).astype("float64")))
    np.testing.assert_allclose(model({"x": X}), expected, rtol=1e-5)


def test_l2_acts_on_hidden_kernels_and_biases_only():
    model = SingleNN(4, units=[5, 3], kernel_l2=0.1, bias_l2=0.01)
    fill_weights(model)
    squares = [np.sum(np.square(weight)) for weight in model.get_weights()]
    expected = 0.1 * (squares[0] + squares[2]) + 0.01 * (squares[1] + squares[3])
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)
    assert SingleNN(4, units=[5]).losses == []


def test_dropout_acts_in_training_only():
    model = SingleNN(4, units=[50], dropout=0.5)
    calm = np.array(model({"x": X}))
    np.testing.assert_array_equal(model({"x": X}), calm)
    assert not np.allclose(model({"x": X}, training=True), calm)


def test_custom_activation_survives_the_config():
    @keras.saving.register_keras_serializable("test_single_nn")
    def cube(x):
        return x**3

    model = SingleNN(4, units=[3], activation=cube)
    again = SingleNN.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again({"x": X}), model({"x": X}))


def test_frozen_model():
    model = SingleNN(4, units=[3], trainable=False)
    assert model.trainable_weights == []
    assert not SingleNN.from_config(model.get_config()).trainable


def test_misspelt_argument_is_refused():
    with pytest.raises(TypeError, match="droput"):
        SingleNN(4, droput=0.5)
