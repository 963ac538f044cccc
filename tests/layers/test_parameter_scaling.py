import numpy as np
import pytest

from kerashep.layers import ParameterScaling

MASS_GEV = np.array([[500.0], [1500.0]], "float32")


def test_one_divisor():
    np.testing.assert_array_equal(ParameterScaling()(MASS_GEV), [[0.5], [1.5]])


def test_one_divisor_a_parameter():
    layer = ParameterScaling(np.array([1000.0, 0.5]))
    points = np.array([[500.0, 1.0], [1500.0, 2.0]], "float32")
    np.testing.assert_array_equal(layer(points), [[0.5, 2.0], [1.5, 4.0]])


def test_masses_in_mev_do_not_overflow_in_float16():
    scaled = ParameterScaling(1e6, dtype="mixed_float16")(1e3 * MASS_GEV)
    assert scaled.dtype == "float16"
    np.testing.assert_allclose(scaled, [[0.5], [1.5]], rtol=1e-3)


def test_another_number_of_parameters_is_not_broadcast():
    layer = ParameterScaling([1000.0, 1.0])
    layer(np.ones((3, 2), "float32"))
    with pytest.raises(ValueError, match=r"expected axis -1.*value 2"):
        layer(MASS_GEV)


@pytest.mark.parametrize("scale", [0, -1.0, float("nan"), [], [[1.0]], [1.0, 0.0]])
def test_bad_scale_raises(scale):
    with pytest.raises(ValueError, match=r"`scale` must be positive.*Received: scale="):
        ParameterScaling(scale)
