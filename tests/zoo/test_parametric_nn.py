import numpy as np

from kerashep.testing import fill_weights
from kerashep.zoo import ParametricNN, SingleNN

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4)).astype("float32")
M = RNG.uniform(500.0, 1500.0, size=(6, 1)).astype("float32")


def test_parameter_count_of_the_reference():
    assert ParametricNN(num_features=27).count_params() == 74_051


def test_it_is_a_dense_network_of_features_and_scaled_parameters():
    points = np.hstack([M, M / 100.0])
    model = ParametricNN(4, 2, units=[5, 3], parameter_scale=[1000.0, 10.0])
    plain = SingleNN(6, units=[5, 3])
    fill_weights(model)
    plain.set_weights(model.get_weights())
    joined = np.hstack([X, points / np.array([1000.0, 10.0], "float32")])
    np.testing.assert_allclose(
        model({"x": X, "m": points}), plain({"x": joined}), rtol=1e-6
    )
