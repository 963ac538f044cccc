"""Electron identification: what each branch reads, padding, order of the images."""

import keras
import numpy as np
import pytest

from kerashep.layers import QuantileTransform
from kerashep.zoo import ElectronNet, create_model
from kerashep.zoo._image_branches.transformer import _patches

IMAGES = {"inner": (2, 3), "fine": (4, 3), "outer": (2, 3)}
RNG = np.random.default_rng(5)
X = RNG.normal(size=(6, 32)).astype("float32")
PARTS = {"images_2x3": [*range(6), *range(18, 24)], "images_4x3": range(6, 18)}
PARTS |= {"tracks": range(24, 30), "scalars": range(30, 32)}


def network(cls=ElectronNet, **changes):
    keras.utils.set_random_seed(3)
    given = {"images": IMAGES, "tracks": (2, 3), "scalars": 2, "units": [8]}
    return cls(32, **{**given, "filters": 4, "depth": 1, **changes})


def scores(model, x=X):
    return np.asarray(model({"x": x}))


@pytest.fixture(scope="module")
def whole():
    return network()


@pytest.mark.parametrize("branch", PARTS)
def test_a_branch_alone_reads_its_columns_only(branch):
    model = network(branches=[branch])
    changed = X.copy()
    others = [i for i in range(32) if i not in PARTS[branch]]
    changed[:, others] = RNG.normal(size=(6, len(others)))
    np.testing.assert_array_equal(scores(model, changed), scores(model))
    for event in X:
        changed = event + np.eye(32, dtype="float32")[list(PARTS[branch])]
        read = scores(model, changed) != scores(model, event[None])
        if read.all():
            return
    pytest.fail("a column of the branch is not read")


def test_images_of_one_shape_are_channels_in_the_order_of_the_features(whole):
    stack = whole.columns.stack(keras.ops.array(X), "images_2x3")
    np.testing.assert_array_equal(stack[..., 0], X[:, :6].reshape(6, 2, 3))
    np.testing.assert_array_equal(stack[..., 1], X[:, 18:24].reshape(6, 2, 3))


def test_energies_are_seen_from_noise_to_the_largest(whole):
    images = whole.taken.images(keras.ops.array(X), "images_4x3")
    expected = np.arcsinh(X[:, 6:18].astype("float64") / 0.1).reshape(6, 4, 3, 1)
    np.testing.assert_allclose(images, expected, rtol=1e-5)


def test_absent_tracks_take_no_part(whole):
    """What convolutions make of zeros, their biases, is not read."""
    one = X.copy()
    one[:, 27:30] = 0.0
    expected = scores(whole, one)
    layer = whole.get_layer("tracks_conv_0")
    kernel, bias = layer.get_weights()
    hidden = keras.Model(whole.input, whole.get_layer("tracks_flat").output)
    layer.set_weights([kernel, bias + 1.0])
    found = np.asarray(hidden({"x": one})).reshape(6, 2, 4)
    layer.set_weights([kernel, bias])
    assert (found[:, 1] == 0).all()
    assert (found[:, 0] > 0).any()
    np.testing.assert_array_equal(scores(whole, one), expected)


def test_scalars_enter_by_their_quantiles():
    quantiles = QuantileTransform.fit(X[:, 30:]).initial_quantiles.tolist()
    model = network(scalar_quantiles=quantiles, branches=["scalars"])
    plain = network(branches=["scalars"])
    plain.set_weights([w for w in model.get_weights() if w.shape != (2, 6)])
    seen = X.copy()
    seen[:, 30:] = QuantileTransform(quantiles)(X[:, 30:])
    np.testing.assert_allclose(scores(model), scores(plain, seen), rtol=1e-5)


@pytest.mark.parametrize("kind", ["rnn", "3d"])
def test_a_single_image_is_no_sequence(kind):
    model = create_model(
        f"electron_net_{kind}",
        num_features=12,
        images={"fine": (4, 3)},
        filters=2,
        depth=1,
        units=[3],
    )
    names = [layer.name for layer in model.layers if layer.weights]
    assert names == ["images_4x3_conv_0", "joint_dense_0", "score"]
    assert model.get_layer("images_4x3_conv_0").kernel.shape == (3, 3, 1, 2)


def test_patches_are_blocks_of_cells_padded_to_whole_ones():
    parts = network(pools={"images_4x3": (3, 2)}).parts
    image = np.arange(1.0, 13.0, dtype="float32").reshape(1, 4, 3, 1)
    found = np.asarray(_patches(keras.ops.array(image), parts, "images_4x3"))
    first, second = found[0, 0], found[0, 3]
    np.testing.assert_array_equal(first, [1, 2, 4, 5, 7, 8])
    np.testing.assert_array_equal(second, [12, 0, 0, 0, 0, 0])


def test_six_probabilities_sum_to_one():
    output = scores(network(classes=6))
    np.testing.assert_allclose(output.sum(1), 1.0, rtol=1e-5)


@pytest.mark.parametrize("window", [(2, 1), (3, 2), (1, 4), (1, 1)])
def test_pools_take_the_maximum_of_windows_as_keras_does(window):
    parts = network(pools={"images_4x3": window}).parts
    x = keras.ops.array(RNG.normal(size=(2, 6, 8, 3)) - 3.0, "float32")
    expected = keras.layers.MaxPooling2D(window, padding="valid")(x)
    np.testing.assert_array_equal(parts.pool(x, "images_4x3"), expected)


def test_windows_are_cut_at_the_end_of_the_image():
    parts = network(pools={"images_4x3": (3, 2)}).parts
    x = -np.arange(1.0, 13.0, dtype="float32").reshape(1, 4, 3, 1)
    found = np.asarray(parts.pool(keras.ops.array(x), "images_4x3"))[0, ..., 0]
    np.testing.assert_array_equal(found, [[-1, -3], [-10, -12]])
