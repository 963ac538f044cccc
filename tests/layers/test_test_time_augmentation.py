import keras
import numpy as np
import pytest

from kerashep.layers import SymmetryCopies, TestTimeAugmentation
from tests.layers.momenta import VECTORS, events
from tests.layers.test_symmetry_copies import moved

X = np.nan_to_num(events(12))


@pytest.fixture
def network():
    keras.utils.set_random_seed(0)
    scaled = keras.layers.Rescaling(1.0 / 40.0)
    hidden = keras.layers.Dense(30, "tanh", kernel_initializer="he_normal")
    head = keras.layers.Dense(1, "sigmoid")
    return keras.Sequential([keras.Input((10,)), scaled, hidden, head])


def test_mean_over_the_copies_one_by_one(network):
    copies = SymmetryCopies(VECTORS, rotations=3)
    one_by_one = [network(c) for c in np.array(copies(X)).swapaxes(0, 1)]
    output = TestTimeAugmentation(network, copies)(X)
    np.testing.assert_allclose(output, np.mean(one_by_one, axis=0), rtol=1e-5)


@pytest.mark.parametrize(
    ("angle", "mirror"),
    [(0.0, (1, -1, 1)), (0.0, (1, 1, -1)), (np.pi, (1, 1, 1)), (np.pi, (1, -1, -1))],
)
def test_score_does_not_change_under_the_group(network, angle, mirror):
    layer = TestTimeAugmentation(network, SymmetryCopies(VECTORS))
    other = moved(X, angle, mirror).astype("float32")
    assert np.abs(np.array(network(other)) - np.array(network(X))).max() > 0.05
    np.testing.assert_allclose(layer(other), layer(X), rtol=0, atol=1e-6)


def test_more_rotations_make_any_rotation_matter_less(network):
    other = moved(X, 0.3, (1, 1, 1)).astype("float32")
    changes = []
    for rotations in (1, 2, 16):
        copies = SymmetryCopies(VECTORS, rotations, ())
        layer = TestTimeAugmentation(network, copies)
        changes.append(np.abs(np.array(layer(other)) - np.array(layer(X))).max())
    assert changes[2] < 1e-3 < changes[1] < changes[0]


def test_further_inputs_are_repeated_for_the_copies():
    x, m = keras.Input((10,), name="x"), keras.Input((1,), name="m")
    model = keras.Model({"x": x, "m": m}, keras.ops.sum(x * x, -1, True) * m)
    inputs = {"x": X, "m": np.arange(12.0, dtype="float32")[:, None]}
    layer = TestTimeAugmentation(model, SymmetryCopies(VECTORS))
    np.testing.assert_allclose(layer(inputs), model(inputs), rtol=1e-5)


def test_gradients_reach_the_shared_model(network):
    layer = TestTimeAugmentation(network, SymmetryCopies(VECTORS))
    model = keras.Sequential([keras.Input((10,)), layer])
    before = network.get_weights()
    model.compile("sgd", "binary_crossentropy")
    model.train_on_batch(X, np.ones((12, 1)))
    assert not np.array_equal(before[0], network.get_weights()[0])
