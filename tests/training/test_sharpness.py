"""Measures of sharpness on quadratics whose answers are known."""

import keras
import numpy as np
import pytest

from kerashep.training.hessian import top_eigenvalue, trace
from kerashep.training.loss_surface import LossSurface
from kerashep.training.sharpness import epsilon_sharpness, kappa, measure_sharpness

RNG = np.random.default_rng(9)
X = (RNG.normal(size=(5000, 4)) * [3.0, 1.0, 0.5, 0.1]).astype("float32")
W = RNG.uniform(0.2, 2.0, 5000)
TRUE = np.array([[1.0], [-2.0], [0.5], [3.0]])
Y = X @ TRUE + 0.5
# Of the weighted mean square error, with the bias as a fifth weight.
DESIGN = np.hstack([X, np.ones((5000, 1))]).astype("f8")
HESSIAN = 2 * (DESIGN * (W / W.sum())[:, None]).T @ DESIGN


@pytest.fixture(scope="module")
def model():
    """Linear, at the minimum of its loss, which is 0."""
    linear = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, name="only")])
    linear.compile("sgd", "mse")
    linear.set_weights([TRUE, np.array([0.5])])
    return linear


@pytest.fixture(scope="module")
def surface(model):
    return LossSurface(model, X, Y, W)


def test_derivatives_are_those_of_the_quadratic(surface, model):
    kept = model.get_weights()
    shift = RNG.normal(size=5)
    at = surface.weights + shift
    np.testing.assert_allclose(surface.loss(at), shift @ HESSIAN @ shift / 2, rtol=1e-4)
    np.testing.assert_allclose(
        surface.gradient(at), HESSIAN @ shift, rtol=1e-4, atol=1e-4
    )
    np.testing.assert_allclose(
        surface.hessian_product(shift), HESSIAN @ shift, rtol=1e-4, atol=1e-5
    )
    for before, after in zip(kept, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_all_measures_of_the_quadratic(model):
    found = measure_sharpness(model, X, Y, W, radius=0.3, probes=400)
    top = np.linalg.eigvalsh(HESSIAN)[-1]
    assert found.loss < 1e-9
    np.testing.assert_allclose(found.top_eigenvalue.value, top, rtol=1e-4)
    assert found.top_eigenvalue.error < 1e-3 * top
    np.testing.assert_allclose(
        found.epsilon_sharpness.value, 0.3**2 * top / 2, rtol=1e-3
    )
    assert found.epsilon_sharpness.spread < 1e-3 * top
    assert abs(found.trace.value - np.trace(HESSIAN)) < 4 * found.trace.error
    assert found.trace.error < 0.05 * found.trace.value
    block = np.linalg.eigvalsh(HESSIAN[:4, :4])[-1]
    ((name, (value, error)),) = found.kappa.items()
    assert name.endswith("only/kernel")
    np.testing.assert_allclose(value, (TRUE**2).sum() * block, rtol=1e-4)
    assert error < 1e-3 * value


def test_epsilon_sharpness_away_from_the_minimum(surface, model):
    """`g.d + d.H.d/2` on a sphere, by a fine grid over two weights that matter."""
    kept = model.get_weights()
    model.set_weights([TRUE + 0.2, np.array([0.5])])
    base, slope = surface.loss(), surface.gradient()
    found = epsilon_sharpness(surface, 0.1, tolerance=1e-7, steps=60)
    model.set_weights(kept)
    places = RNG.normal(size=(200_000, 5)) * np.sqrt(np.diag(HESSIAN)) ** 2
    places *= 0.1 / np.linalg.norm(places, axis=1, keepdims=True)
    rises = places @ slope + ((places @ HESSIAN) * places).sum(1) / 2
    np.testing.assert_allclose(found.value, rises.max() / (1 + base), rtol=5e-3)


def test_lanczos_finds_the_most_positive_eigenvalue():
    values = np.concatenate([[-50.0, 4.0, 3.9], np.linspace(0, 1, 97)])
    rotation = np.linalg.qr(RNG.normal(size=(100, 100)))[0]
    matrix = rotation * values @ rotation.T
    found = top_eigenvalue(lambda v: matrix @ v, 100, tolerance=1e-5)
    assert abs(found.value - 4.0) <= max(found.error, 1e-5)
    image = matrix @ found.vector
    np.testing.assert_allclose(
        np.linalg.norm(image - found.value * found.vector), found.error, atol=1e-4
    )
    assert found.steps < 60


def test_lanczos_knows_when_a_matrix_is_small_or_simple():
    assert top_eigenvalue(lambda v: 3.0 * v, 8).value == pytest.approx(3.0)
    assert top_eigenvalue(lambda v: 0.0 * v, 8).value == 0.0
    assert top_eigenvalue(lambda v: -2.0 * v, 1).value == pytest.approx(-2.0)


def test_error_of_the_trace_is_honest():
    matrix = RNG.normal(size=(30, 30))
    matrix = matrix @ matrix.T
    found = [trace(lambda v: matrix @ v, 30, probes=20, seed=s) for s in range(200)]
    pull = [(value - np.trace(matrix)) / error for value, error in found]
    assert 0.85 < np.std(pull) < 1.25


def test_kappa_does_not_change_when_layers_exchange_a_factor():
    keras.utils.set_random_seed(2)
    hidden = keras.layers.Dense(5, "relu", name="hidden")
    network = keras.Sequential([keras.Input((4,)), hidden, keras.layers.Dense(1)])
    network.compile("sgd", "mse")
    surface = LossSurface(network, X[:500], Y[:500])
    before = kappa(surface)
    first, bias, second, last = network.get_weights()
    network.set_weights([4 * first, 4 * bias, second / 4, last])
    after = kappa(surface)
    for name in before:
        np.testing.assert_allclose(after[name][0], before[name][0], rtol=5e-3)


def test_what_has_no_surface_is_refused(model, surface):
    with pytest.raises(ValueError, match="must be compiled"):
        LossSurface(keras.Sequential([keras.Input((4,))]), X, Y)
    with pytest.raises(ValueError, match=r"lengths \[9, 5000\]"):
        LossSurface(model, X, Y[:9])
    with pytest.raises(ValueError, match="sum to a positive"):
        LossSurface(model, X, Y, 0 * W)
    with pytest.raises(ValueError, match=r"`radius` must be positive.*radius=0"):
        epsilon_sharpness(surface, 0)
    with pytest.raises(ValueError, match=r"at least 2, for an error.*probes=1"):
        trace(lambda v: v, 3, probes=1)
    with pytest.raises(ValueError, match="not finite"):
        top_eigenvalue(lambda v: v * np.nan, 3)
