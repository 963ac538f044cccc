import numpy as np
import pytest

from kerashep.zoo import AffinePNN, SingleNN, model_inputs

X = np.random.default_rng(0).normal(size=(4, 3))
PARAMETRIC = AffinePNN(3, units=[2])
TWO = AffinePNN(3, num_parameters=2, units=[2])


@pytest.mark.parametrize(
    "m", [750, 750.0, [750.0], np.full(4, 750), np.full((4, 1), 750)]
)
def test_one_parameter_in_every_form(m):
    inputs = model_inputs(PARAMETRIC, X, m)
    np.testing.assert_array_equal(inputs["m"], np.full((4, 1), 750.0))
    assert {name: a.dtype for name, a in inputs.items()} == {
        "x": np.float32,
        "m": np.float32,
    }
    assert np.array(PARAMETRIC(inputs)).shape == (4, 1)


def test_one_mass_an_event():
    masses = [500.0, 750.0, 1000.0, 1250.0]
    inputs = model_inputs(PARAMETRIC, X, masses)
    np.testing.assert_array_equal(inputs["m"][:, 0], masses)


def test_several_parameters():
    inputs = model_inputs(TWO, X, [750.0, 0.1])
    np.testing.assert_array_equal(inputs["m"], np.float32([[750.0, 0.1]] * 4))


def test_parameters_are_left_out_of_a_model_without_them():
    assert set(model_inputs(SingleNN(3, units=[2]), X, 750.0)) == {"x"}


@pytest.mark.parametrize(
    ("model", "x", "m", "message"),
    [
        (PARAMETRIC, X[:, :2], 750.0, r"`x` must have shape \(events, 3\).*\(4, 2\)"),
        (PARAMETRIC, X[0], 750.0, r"`x` must have shape.*\(3,\)"),
        (PARAMETRIC, X, None, "is parametric: give `m`"),
        (PARAMETRIC, X, [500.0, 750.0], r"`m` must have shape \(4, 1\).*\(2,\)"),
        (PARAMETRIC, X, [500.0, np.nan, np.inf, 1.0], "`m` has 2 values.*NaN or inf"),
        (
            TWO,
            X,
            750.0,
            r"`m` must have shape \(4, 2\) or \(2,\)\. Received: shape \(\)",
        ),
        (TWO, X, np.ones(4), r"`m` must have shape.*Received: shape \(4,\)"),
    ],
)
def test_what_does_not_fit_raises(model, x, m, message):
    with pytest.raises(ValueError, match=message):
        model_inputs(model, x, m)
