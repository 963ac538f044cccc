import keras
import numpy as np
import pytest

from kerashep.layers import CoordConv
from kerashep.testing.golden import fill_weights

IMAGES = np.random.default_rng(2).normal(size=(3, 4, 5, 2)).astype("float32")


def test_it_is_a_convolution_of_the_image_and_its_coordinates():
    layer = CoordConv(3, (3, 2), padding="same", strides=2, activation="relu")
    layer(IMAGES)
    fill_weights(layer)
    plain = keras.layers.Conv2D(3, (3, 2), padding="same", strides=2, activation="relu")
    rows, columns = np.meshgrid(
        np.linspace(-1, 1, 4), np.linspace(-1, 1, 5), indexing="ij"
    )
    places = np.broadcast_to(np.stack([rows, columns], -1), (3, 4, 5, 2))
    seen = np.concatenate([IMAGES, places], -1).astype("float32")
    plain(seen)
    plain.set_weights(layer.get_weights())
    np.testing.assert_allclose(layer(IMAGES), plain(seen), rtol=1e-5, atol=1e-6)


def test_a_single_row_has_coordinate_zero():
    layer = CoordConv(1, 1, kernel_initializer="ones")
    found = np.array(layer(np.zeros((1, 1, 3, 1), "float32")))
    np.testing.assert_allclose(found[0, 0, :, 0], [-1, 0, 1])


def test_images_of_unknown_size_are_refused():
    with pytest.raises(ValueError, match="only the batch may be unknown"):
        CoordConv(1, 3)(keras.Input((None, 5, 2)))
