import keras
import numpy as np

from kerashep.layers import ConcatConditioning, ConditionalBiasing
from kerashep.testing import fill_weights

RNG = np.random.default_rng(3)
X = RNG.normal(size=(5, 4)).astype("float32")
M = RNG.uniform(0.5, 1.5, size=(5, 2)).astype("float32")


def test_formula():
    layer = ConditionalBiasing("tanh")
    layer((X, M))
    fill_weights(layer)
    kernel, bias = map(np.array, layer.weights)
    np.testing.assert_allclose(layer((X, M)), X + np.tanh(M @ kernel + bias), rtol=1e-5)


def test_before_a_dense_layer_it_is_a_concatenation():
    biasing, dense = ConditionalBiasing(), keras.layers.Dense(3)
    expected = dense(biasing((X, M)))
    of_concat = keras.layers.Dense(3)
    of_concat.build((None, 6))
    kernel, offset = dense.get_weights()
    by_m, bias = biasing.get_weights()
    of_concat.set_weights([np.vstack([kernel, by_m @ kernel]), bias @ kernel + offset])
    concatenated = of_concat(ConcatConditioning()((X, M)))
    np.testing.assert_allclose(concatenated, expected, rtol=1e-4, atol=1e-6)
