"""Sharpness-aware training: against NumPy on a quadratic, in fit and compiled."""

import keras
import numpy as np
import pytest

from kerashep.training.compiled import CompiledTrainer
from kerashep.training.sharpness_aware import SharpnessAware
from tests.training.fold_toy import build, pipeline

RNG = np.random.default_rng(2)
X = RNG.normal(size=(40, 3)).astype("float32")
Y = (X @ [1.0, -2.0, 0.5] + RNG.normal(size=40))[:, None].astype("float32")
W = RNG.uniform(0.5, 2.0, 40).astype("float32")


def linear(*layers):
    keras.utils.set_random_seed(1)
    dense = keras.layers.Dense(1, use_bias=False)
    return keras.Sequential([keras.Input((3,), name="x"), *layers, dense])


@pytest.mark.parametrize("jit_compile", [True, False])
def test_steps_are_those_of_the_algorithm(jit_compile):
    rho, rate = 0.3, 0.05
    wrapped = SharpnessAware(linear(), rho)
    wrapped.compile(keras.optimizers.SGD(rate), "mse", jit_compile=jit_compile)
    w = np.array(wrapped.model.get_weights()[0], "f8")

    def gradient(at):
        return 2 * X.T @ (W[:, None] * (X @ at - Y)) / len(X)

    losses = []
    for _ in range(5):
        losses.append(np.mean(W * (X @ w - Y)[:, 0] ** 2))
        g = gradient(w)
        w = w - rate * gradient(w + rho * g / np.linalg.norm(g))
        loss = wrapped.train_on_batch(X, Y, W, return_dict=True)["loss"]
        wrapped.reset_metrics()
        np.testing.assert_allclose(loss, losses[-1], rtol=1e-4)
    np.testing.assert_allclose(wrapped.model.get_weights()[0], w, rtol=1e-4, atol=1e-5)


def test_statistics_of_batch_normalisation_come_from_the_weights_themselves():
    steep = keras.layers.Dense(3, use_bias=False)
    wrapped = SharpnessAware(linear(steep, keras.layers.BatchNormalization()), 5.0)
    norm = wrapped.model.layers[1]
    first = X @ np.array(steep.kernel)
    wrapped.compile(keras.optimizers.SGD(0.0), "mse")
    wrapped.train_on_batch(X, Y)
    np.testing.assert_allclose(norm.moving_mean, 0.01 * first.mean(0), atol=1e-5)


def test_compiled_steps_are_those_of_fit():
    wrapped, batches = SharpnessAware(build(), 0.1), pipeline()
    wrapped.compile(keras.optimizers.Adam(1e-2), "binary_crossentropy")
    trainer = CompiledTrainer(wrapped, batches)
    trainer.reset(4)
    compiled = trainer.fit(epochs=1).history["loss"]
    weights = [np.array(v) for v in wrapped.model.trainable_variables]
    trainer.reset(4)
    data = batches.as_dataset()
    by_fit = wrapped.fit(data, epochs=1, shuffle=False, verbose=0).history["loss"]
    np.testing.assert_allclose(by_fit, compiled, rtol=1e-4)
    for one, other in zip(weights, wrapped.model.trainable_variables, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-3, atol=1e-4)


def test_it_is_saved_with_its_model(tmp_path):
    wrapped = SharpnessAware(linear(), 0.2)
    wrapped.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    assert loaded.rho == 0.2
    np.testing.assert_array_equal(loaded(X), wrapped(X))


def test_what_it_cannot_train_is_refused():
    with pytest.raises(ValueError, match=r"`rho` must be positive. Received: rho=0"):
        SharpnessAware(linear(), 0)
    with pytest.raises(ValueError, match="must be functional"):
        SharpnessAware(keras.Sequential([keras.layers.Dense(1)]))
    wrapped = SharpnessAware(linear())
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD())
    wrapped.compile(scaled, "mse", jit_compile=False)
    with pytest.raises(ValueError, match="mixed_bfloat16 or float32"):
        wrapped.train_on_batch(X, Y)
