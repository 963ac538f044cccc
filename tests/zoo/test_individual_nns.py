import keras
import numpy as np
import pytest
import tensorflow as tf

from kerashep.zoo import IndividualNNs, SingleNN

MASSES = (500.0, 750.0, 1500.0)
X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return IndividualNNs(4, MASSES, units=[5, 3])


def network(model, number):
    """The network of one mass as a model of its own."""
    single = SingleNN(4, units=[5, 3])
    for name in ("dense_0", "dense_1", "score"):
        weights = model.get_layer(f"network_{number}_{name}").get_weights()
        single.get_layer(name).set_weights(weights)
    return single


@pytest.mark.parametrize(
    ("mass_gev", "number"), [(100.0, 0), (500.0, 0), (740.0, 1), (1200.0, 2), (9e9, 2)]
)
def test_network_of_the_nearest_mass_scores(model, mass_gev, number):
    m = np.full((6, 1), mass_gev, "float32")
    expected = network(model, number)({"x": X})
    np.testing.assert_allclose(model({"x": X, "m": m}), expected, rtol=1e-6)


def test_each_event_has_its_own_network(model):
    m = np.array([[500.0], [1500.0]] * 3, "float32")
    output = np.array(model({"x": X, "m": m}))
    for parity, number in ((0, 0), (1, 2)):
        expected = network(model, number)({"x": X[parity::2]})
        np.testing.assert_allclose(output[parity::2], expected, rtol=1e-6)


def test_only_the_chosen_network_learns(model):
    m = np.full((6, 1), 760.0, "float32")
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model({"x": X, "m": m}))
    gradients = tape.gradient(loss, [w.value for w in model.trainable_weights])
    for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
        reached = bool(np.abs(gradient).max() > 0)
        assert reached == ("network_1_" in weight.path), weight.path


def test_training_equals_training_of_the_single_network(model):
    single = network(model, 1)
    label = np.array([[1.0], [0.0]] * 3, "float32")
    m = np.full((6, 1), 750.0, "float32")
    for each, inputs in ((model, {"x": X, "m": m}), (single, {"x": X})):
        each.compile(keras.optimizers.SGD(0.5), "binary_crossentropy", run_eagerly=True)
        each.train_on_batch(inputs, label)
    trained = network(model, 1)
    np.testing.assert_allclose(trained({"x": X}), single({"x": X}), rtol=1e-5)


def test_number_of_parameters():
    model = IndividualNNs(27, (500, 750, 1000, 1250, 1500))
    assert model.count_params() == 5 * 73_751
