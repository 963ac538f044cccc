"""Recomputed statistics are those of the data on the way through the network."""

import keras
import numpy as np

from kerashep.training.batch_norm import batch_norm_layers, recompute_batch_norm
from kerashep.zoo import Preprocessed, create_model


def network():
    keras.utils.set_random_seed(2)
    return create_model(
        "dense_classifier",
        num_features=4,
        depth=3,
        width=5,
        connection="plain",
        activation="relu",
        batch_norm=True,
        dropout=0.5,
    )


def numpy_statistics(model, x):
    """Means and variances of what reaches each normalisation, layer by layer."""
    found, h = [], x.astype("float64")
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Dense):
            kernel, bias = (np.array(v, "float64") for v in layer.weights)
            h = h @ kernel + bias
            h = np.maximum(h, 0) if h.shape[1] > 1 else h
        elif isinstance(layer, keras.layers.BatchNormalization):
            mean, variance = h.mean(axis=0), h.var(axis=0)
            gamma, beta = np.array(layer.gamma), np.array(layer.beta)
            h = gamma * (h - mean) / np.sqrt(variance + layer.epsilon) + beta
            found += [mean, variance]
    return found


def moving(model):
    return [
        np.array(v)
        for layer in batch_norm_layers(model)
        for v in (layer.moving_mean, layer.moving_variance)
    ]


def test_statistics_are_those_of_the_data():
    model, x = network(), np.random.default_rng(0).normal(2.0, 3.0, (500, 4))
    for layer in batch_norm_layers(model):
        layer.gamma.assign([0.5, 1.0, 1.5, 2.0, 2.5])
        layer.beta.assign([0.3] * 5)
    trained = [np.array(v) for v in model.trainable_variables]
    momenta = [layer.momentum for layer in batch_norm_layers(model)]
    recompute_batch_norm(model, {"x": x.astype("float32")})
    expected = numpy_statistics(model, x)
    assert len(expected) == 6
    for ours, theirs in zip(moving(model), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    for now, before in zip(model.trainable_variables, trained, strict=True):
        np.testing.assert_array_equal(now, before)
    assert [layer.momentum for layer in batch_norm_layers(model)] == momenta
    assert all("call" not in vars(layer) for layer in batch_norm_layers(model))


def test_nested_and_frozen_layers():
    core = network()
    x = np.random.default_rng(1).normal(size=(100, 4)).astype("float32")
    before = moving(core)
    core.trainable = False
    recompute_batch_norm(core, {"x": x})
    core.trainable = True
    for now, then in zip(moving(core), before, strict=True):
        np.testing.assert_array_equal(now, then)
    recompute_batch_norm(Preprocessed(core, [1.0] * 4, [2.0] * 4), {"x": 2 * x + 1})
    expected = numpy_statistics(core, x)
    for ours, theirs in zip(moving(core), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_a_model_without_any_is_left_alone():
    model = create_model("single_nn", num_features=4, units=(3,))
    before = model.get_weights()
    recompute_batch_norm(model, {"x": np.ones((5, 4), "float32")})
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
