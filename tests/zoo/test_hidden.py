import keras
import numpy as np
import pytest

from kerashep.zoo import (
    AffinePNN,
    IndividualNNs,
    ParametricNN,
    Preprocessed,
    SingleNN,
    hidden_model,
    model_inputs,
)

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
MODELS = (
    SingleNN(3, units=[5, 2]),
    ParametricNN(3, units=[5, 2]),
    AffinePNN(3, units=[5, 2]),
    Preprocessed(AffinePNN(3, units=[5, 2]), [0.5] * 3, [2.0] * 3),
)


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_head_of_the_hidden_representation_is_the_score(model):
    inputs = model_inputs(model, X, 750.0)
    hidden = np.array(hidden_model(model)(inputs))
    assert hidden.shape == (4, 2)
    kernel, bias = getattr(model, "model", model).get_layer("score").get_weights()
    np.testing.assert_allclose(
        sigmoid(hidden @ kernel + bias), model(inputs), rtol=1e-5
    )


def test_individual_networks_give_that_of_the_chosen_one():
    model = IndividualNNs(3, (500.0, 1500.0), units=[5, 2])
    inputs = model_inputs(model, X, [500.0, 1500.0, 600.0, 1400.0])
    hidden = np.array(hidden_model(model)(inputs))
    score = np.array(model(inputs))
    for row, number in enumerate((0, 1, 0, 1)):
        kernel, bias = model.get_layer(f"network_{number}_score").get_weights()
        expected = sigmoid(hidden[row] @ kernel + bias)
        np.testing.assert_allclose(score[row], expected, rtol=1e-5)


def test_weights_are_shared():
    model = SingleNN(3, units=[2])
    hidden = hidden_model(model)
    before = np.array(hidden({"x": X}))
    kernel, bias = model.get_layer("dense_0").get_weights()
    model.get_layer("dense_0").set_weights([2.0 * kernel, bias])
    np.testing.assert_allclose(hidden({"x": X}), 2.0 * before, rtol=1e-6)


def test_users_functional_model():
    x = keras.Input((3,), name="x")
    hidden = keras.layers.Dense(2)(x)
    model = keras.Model(x, keras.layers.Dense(1)(hidden))
    assert hidden_model(model)(X).shape == (4, 2)


def test_model_without_a_single_output_layer_is_refused():
    x = keras.Input((3,), name="x")
    parts = [keras.layers.Dense(1)(x), keras.layers.Dense(1)(x)]
    model = keras.Model(x, keras.layers.Add()(parts))
    with pytest.raises(ValueError, match=r"no single output layer.*`last_hidden\(\)`"):
        hidden_model(model)
