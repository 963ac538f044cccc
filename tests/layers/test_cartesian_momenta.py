import keras
import numpy as np
import pytest

from kerashep.datasets.higgsml_columns import FEATURE_NAMES, to_cartesian
from kerashep.layers import CartesianMomenta

OBJECTS = ("PRI_tau", "PRI_lep", "PRI_jet_leading", "PRI_jet_subleading")


def column(name):
    return FEATURE_NAMES.index(name)


MOMENTA = [
    *([column(f"{one}_{part}") for part in ("pt", "eta", "phi")] for one in OBJECTS),
    [column("PRI_met"), column("PRI_met_phi")],
]


def test_components_are_those_of_the_data_set_in_double_precision():
    rng = np.random.default_rng(1)
    x = rng.uniform(-3, 3, (500, 30)).astype("float32")
    for momentum in MOMENTA:
        x[:, momentum[0]] = rng.exponential(60, 500)
    x[::7, column("PRI_jet_leading_pt") : column("PRI_jet_all_pt")] = np.nan
    expected, names = to_cartesian(x)
    layer = CartesianMomenta(MOMENTA)
    found = np.array(layer(x))
    assert found.shape == (500, len(names))
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-4)
    assert layer.compute_output_shape((None, 30)) == (None, 31)


def test_columns_in_any_order():
    x = np.array([[0.5, 7.0, 2.0, 1.0]], "float32")  # phi, other, pt, eta
    found = np.array(CartesianMomenta([[2, 3, 0]])(x))[0]
    expected = [2 * np.sinh(1), 7, 2 * np.cos(0.5), 2 * np.sin(0.5)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_particles_have_an_axis_of_their_own():
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    whole = np.array(CartesianMomenta([[0, 1]])(x))
    assert whole.shape == (2, 3, 5)
    np.testing.assert_allclose(whole[1], np.array(CartesianMomenta([[0, 1]])(x[1])))


@pytest.mark.parametrize(
    "momenta", [[], [[0]], [[0, 1, 2, 3]], [[0, 1], [1, 2]], [[-1, 0]], [[0.5, 1]]]
)
def test_momenta_that_make_no_sense(momenta):
    with pytest.raises(ValueError, match="`momenta` must hold the columns"):
        CartesianMomenta(momenta)


def test_columns_must_be_there():
    with pytest.raises(ValueError, match="reads column 5"):
        CartesianMomenta([[4, 5]])(np.zeros((2, 5)))


def test_survives_its_config():
    layer = CartesianMomenta([[0, 1, 2], [3, 4]], name="front")
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    x = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")
    np.testing.assert_array_equal(np.array(layer(x)), np.array(again(x)))
