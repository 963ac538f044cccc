import numpy as np
import pytest

from kerashep.layers import ConditionalScaling
from kerashep.testing import fill_weights

RNG = np.random.default_rng(2)
X = RNG.normal(size=(5, 4)).astype("float32")
M = RNG.uniform(0.5, 1.5, size=(5, 1)).astype("float32")


def test_formula():
    layer = ConditionalScaling("softplus", initialization="reference")
    layer((X, M))
    fill_weights(layer)
    kernel, bias = map(np.array, layer.weights)
    expected = X * np.log1p(np.exp(M @ kernel + bias))
    np.testing.assert_allclose(layer((X, M)), expected, rtol=1e-5)


@pytest.mark.parametrize(("start", "expected"), [("identity", X), ("reference", 0 * X)])
def test_start_at_zero(start, expected):
    layer = ConditionalScaling(initialization=start)
    np.testing.assert_array_equal(layer((X, 0 * M)), expected)


def test_unknown_initialization_raises():
    with pytest.raises(ValueError, match=r"must be one of.*Received.*'glorot'"):
        ConditionalScaling(initialization="glorot")
