import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerashep.training.xla_random import hashed_bits, hashed_dropout, threefry


def uniforms(seed, shape=(400, 250)):
    run = tf.function(lambda s: hashed_bits(tf.constant(shape), s), jit_compile=True)
    return run(tf.constant(seed, tf.int64)).numpy() / 2**32


def test_bits_are_uniform_and_uncorrelated():
    found = uniforms((11, 3))
    count = found.size
    histogram, _ = np.histogram(found, bins=50, range=(0, 1))
    chi2 = ((histogram - count / 50) ** 2 / (count / 50)).sum()
    assert 20 < chi2 < 95, "chi2 with 49 degrees of freedom"
    flat = found.ravel() - 0.5
    other = uniforms((11, 4)).ravel() - 0.5
    third = uniforms((12, 3)).ravel() - 0.5
    pairs = [(flat[:-k], flat[k:]) for k in (1, 2, 4, 16, 250)]
    for a, b in [*pairs, (flat, other), (flat, third)]:
        assert abs(np.mean(a * b)) * 12 * np.sqrt(len(a)) < 4, "in standard deviations"


def test_bits_follow_from_the_seed():
    np.testing.assert_array_equal(uniforms((5, 6)), uniforms((5, 6)))
    assert (uniforms((5, 6)) != uniforms((6, 5))).mean() > 0.999


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_dropout_keeps_the_mean_and_the_rate(rate):
    x = keras.Input((50,))
    model = keras.Model(x, keras.layers.Dropout(rate, seed=3)(x))
    with hashed_dropout(model):
        run = tf.function(lambda v: model(v, training=True), jit_compile=True)
        first, second = (run(tf.ones((4000, 50))).numpy() for _ in range(2))
    zeros = (first == 0).mean()
    assert zeros == pytest.approx(rate, abs=4 * np.sqrt(rate * (1 - rate) / 200_000))
    assert np.unique(first) == pytest.approx([0, 1 / (1 - rate)])
    both = ((first == 0) & (second == 0)).mean()
    assert both == pytest.approx(rate**2, abs=0.004), "steps are independent"
    assert (model(np.ones((2, 50)), training=False).numpy() == 1).all()


def test_layers_are_as_before_outside_the_block():
    x = keras.Input((5,))
    model = keras.Model(x, keras.layers.Dropout(0.5)(x))
    layer = model.layers[1]
    with contextlib.suppress(KeyError), hashed_dropout(model):
        assert "call" in vars(layer)
        raise KeyError
    assert "call" not in vars(layer)


def test_other_noise_is_random_too():
    x = keras.Input((50,))
    model = keras.Model(x, keras.layers.GaussianNoise(0.8, seed=1)(x))
    with threefry():
        run = tf.function(lambda v: model(v, training=True), jit_compile=True)
        noise = run(tf.zeros((2000, 50))).numpy()
    assert noise.std() == pytest.approx(0.8, abs=0.02)
    assert abs(noise.mean()) < 0.02
