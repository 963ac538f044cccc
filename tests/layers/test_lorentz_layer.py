import keras
import numpy as np
import pytest
import tensorflow as tf

from kerashep.layers import LorentzCombination, LorentzLayer
from tests.layers.four_vectors import boost_matrix, massive

X = massive((6, 5)).astype("float32")
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])


def twin(x, layer, mask=None):
    """Loops over the definition, in float64; what the mask leaves out is absent."""
    x = x.astype("float64")
    mask = np.ones(x.shape[:2], bool) if mask is None else mask
    energy, sums, minima = (
        np.zeros((0, x.shape[1], x.shape[1])) if kernel is None else np.array(kernel)
        for kernel in (layer.energy_kernel, layer.sum_kernel, layer.minimum_kernel)
    )
    width = 2 + len(energy) + len(sums) + len(minima)
    out = np.zeros((*x.shape[:2], width))
    for b, j in np.argwhere(mask):
        k = x[b]
        there = np.flatnonzero(mask[b])
        others = there[there != j]
        d2 = {m: (k[j] - k[m]) @ METRIC @ (k[j] - k[m]) for m in there}
        out[b, j] = [
            k[j] @ METRIC @ k[j],
            np.hypot(k[j, 1], k[j, 2]),
            *(sum(w[j, m] * k[m, 0] for m in there) for w in energy),
            *(sum(w[j, m] * d2[m] for m in there) for w in sums),
            *(min((w[j, m] * d2[m] for m in others), default=0.0) for w in minima),
        ]
    return out


@pytest.mark.parametrize("numbers", [(1, 2, 2), (0, 1, 0), (3, 0, 1), (0, 0, 0)])
def test_agrees_with_loops(numbers):
    layer = LorentzLayer(*numbers)
    found = np.array(layer(X))
    np.testing.assert_allclose(found, twin(X, layer), rtol=1e-4, atol=2e-1)
    exact = LorentzLayer(*numbers, dtype="float64")
    np.testing.assert_allclose(exact(X), twin(X, exact), rtol=1e-9, atol=1e-6)


def test_masked_padding_is_absent_whatever_it_holds():
    mask = np.ones((6, 5), bool)
    mask[0, 3:] = mask[1, 0] = mask[2, 1:] = mask[3] = False
    poisoned = np.where(mask[..., None], X, np.float32(np.nan))
    layer = LorentzLayer(dtype="float64")
    found = np.array(layer(poisoned, mask=mask))
    np.testing.assert_allclose(found, twin(X, layer, mask), rtol=1e-9, atol=1e-6)
    np.testing.assert_array_equal(found[3], 0.0)


def test_masses_and_distances_are_invariant_under_boosts():
    layer = LorentzLayer(0, 2, 2, dtype="float64")
    x = massive((6, 5))
    moved = x @ boost_matrix(np.array([50.0, 10.0, -20.0, 30.0])).T
    one, other = np.array(layer(x)), np.array(layer(moved))
    chosen = [0, 2, 3, 4, 5]
    np.testing.assert_allclose(one[..., chosen], other[..., chosen], rtol=1e-8)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_zero_and_equal_vectors_have_finite_gradients(jit_compile):
    x = X.copy()
    x[0, 1:] = 0.0
    x[1] = x[1, 0]
    x[2] = [5.0, 0.0, 0.0, 5.0]
    layer = LorentzLayer()
    layer.build(x.shape)

    def run(tensor):
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            out = layer(tensor)
            loss = tf.reduce_sum(tf.cos(out / (1.0 + tf.abs(out))))
        weights = [variable.value for variable in layer.trainable_weights]
        return [out, *tape.gradient(loss, [tensor, *weights])]

    for values in tf.function(run, jit_compile=jit_compile)(tf.constant(x)):
        assert np.isfinite(values).all()


def test_mixed_policies_shorten_neither_vectors_nor_weights():
    outputs = []
    for policy in ("mixed_float16", "float32"):
        keras.utils.set_random_seed(0)
        combined = LorentzCombination(2, dtype=policy)(X)
        outputs.append(LorentzLayer(dtype=policy)(combined))
    np.testing.assert_array_equal(*outputs)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"`num_sums` must be an integer >= 0.*-1"):
        LorentzLayer(num_sums=-1)
    with pytest.raises(ValueError, match="n at least 2"):
        LorentzLayer()(X[:, :1])
