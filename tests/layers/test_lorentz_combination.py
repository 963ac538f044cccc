import keras
import numpy as np
import pytest

from kerashep.layers import LorentzCombination, LorentzLayer
from tests.layers.four_vectors import massive

X = massive((6, 5)).astype("float32")


def test_sum_then_constituents_then_combinations():
    layer = LorentzCombination(3)
    found = np.array(layer(X))
    matrix = np.concatenate([np.ones((5, 1)), np.eye(5), layer.kernel], axis=1)
    wanted = np.einsum("bic,ij->bjc", X.astype("float64"), matrix)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-4)
    assert found.shape == (6, 1 + 5 + 3, 4)


def test_masked_padding_is_absent_and_the_mask_follows():
    mask = np.ones((6, 5), bool)
    mask[0, 3:] = False
    poisoned = np.where(mask[..., None], X, np.float32(np.nan))
    layer = LorentzCombination(2)
    found = np.array(layer(poisoned, mask=mask))
    zeros = np.where(mask[..., None], X, np.float32(0.0))
    np.testing.assert_array_equal(found, layer(zeros))
    expected = np.concatenate([np.ones((6, 1)), mask, np.ones((6, 2))], axis=1)
    np.testing.assert_array_equal(layer.compute_mask(X, mask), expected.astype(bool))
    assert layer.compute_mask(X, None) is None


def test_the_mask_reaches_the_lorentz_layer_in_a_model():
    x = X.copy()
    x[0, 3:] = 0.0
    symbol = keras.Input((5, 4))
    combined = LorentzCombination(2)(keras.layers.Masking(0.0)(symbol))
    found = np.array(keras.Model(symbol, LorentzLayer()(combined))(x))
    np.testing.assert_array_equal(found[0, 4:6], 0.0)
    assert (found[0, :4, 0] != 0.0).all()


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="`num_combinations` must be a positive"):
        LorentzCombination(0)
    with pytest.raises(ValueError, match=r"shape \(batch, n, 4\).*\(6, 5, 3\)"):
        LorentzCombination(2)(X[..., :3])
