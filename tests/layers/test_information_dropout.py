import keras
import numpy as np

from kerashep.layers import InformationDropout

UNITS = np.maximum(np.random.default_rng(2).normal(size=(6, 4)), 0).astype("float32")


def layer_with(bias, kernel=0.0, **arguments):
    layer = InformationDropout(**arguments)
    layer.build((None, 4))
    layer.set_weights([np.full((4, 4), kernel), np.full(4, bias)])
    return layer


def test_noise_is_log_normal_of_the_learnt_width():
    ones = np.ones((20_000, 4), "float32")
    noise = np.log(np.array(layer_with(1.0, seed=2)(ones, training=True)))
    assert abs(noise.mean()) < 0.01
    np.testing.assert_allclose(noise.std(), 0.7 / (1 + np.exp(-1.0)), rtol=0.02)


def test_penalty_is_the_formula_summed_over_units_averaged_over_events():
    layer = layer_with(-0.5, kernel=0.3, beta=0.25)
    layer(UNITS, training=True)
    logit = 0.3 * UNITS.sum(1, keepdims=True) - 0.5
    price = -np.log(1 / (1 + np.exp(-logit))) * (UNITS > 0)
    np.testing.assert_allclose(layer.losses, [0.25 * price.sum() / 6], rtol=1e-5)


def test_nothing_happens_outside_training():
    layer = layer_with(0.0)
    np.testing.assert_array_equal(layer(UNITS), UNITS)
    assert layer.losses == []


def test_units_without_use_become_noisy():
    """The label is the first unit: only that one is worth its price."""
    rng = np.random.default_rng(4)
    x = rng.uniform(0.2, 1.0, (512, 4)).astype("float32")
    layer = InformationDropout(beta=0.05, seed=1)
    head = keras.layers.Dense(1, "sigmoid")
    model = keras.Sequential([keras.Input((4,)), layer, head])
    optimizer = keras.optimizers.Adam(0.05)
    model.compile(optimizer, "binary_crossentropy", jit_compile=True)
    y = (x[:, :1] > 0.6).astype("float32")
    model.fit(x, y, 128, 30, verbose=0)
    logit = np.array(x @ layer.kernel + layer.bias).mean(0)
    assert logit[0] < logit[1:].min() - 0.5
