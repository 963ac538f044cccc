import keras
import numpy as np

from kerashep.layers import ConcatConditioning

X = np.arange(12.0, dtype="float32").reshape(2, 2, 3)
M = np.array([[7.0, 8.0], [9.0, 10.0]], "float32")


def test_parameters_are_appended_to_each_particle():
    output = np.array(ConcatConditioning()((X, M)))
    np.testing.assert_array_equal(output[..., :3], X)
    np.testing.assert_array_equal(output[0, :, 3:], [[7.0, 8.0], [7.0, 8.0]])
    np.testing.assert_array_equal(output[1, :, 3:], [[9.0, 10.0], [9.0, 10.0]])


def test_unknown_number_of_particles():
    inputs = keras.Input((None, 3)), keras.Input((2,))
    model = keras.Model(inputs, ConcatConditioning()(inputs))
    assert model.output.shape == (None, None, 5)
    np.testing.assert_array_equal(model((X, M)), ConcatConditioning()((X, M)))
