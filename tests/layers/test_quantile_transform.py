import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer

from kerashep.layers import QuantileTransform
from kerashep.layers._normal_quantile import upper_normal_quantile
from kerashep.layers._quantiles import weighted_quantiles

RNG = np.random.default_rng(6)
EVENTS = np.stack(
    [
        RNG.exponential(20.0, 4000),
        RNG.normal(size=4000),
        np.maximum(RNG.normal(size=4000), 0.0),  # half of them at the lower end
        RNG.integers(0, 6, 4000),  # like numbers of hits
        RNG.choice([-1.0, 0.0, 2.0], 4000, p=[0.2, 0.6, 0.2]),
        np.full(4000, 3.0),
    ],
    axis=1,
).astype("float32")
BEYOND = np.array([[-1e9] * 6, [1e9] * 6, [0.0, -50.0, -0.1, 0.5, 1.0, 3.0]], "float32")
POINTS = np.concatenate([EVENTS, BEYOND, EVENTS.min(0)[None], EVENTS.max(0)[None]])


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
@pytest.mark.parametrize("num_quantiles", [1000, 37])
def test_numbers_of_scikit_learn(distribution, num_quantiles):
    reference = QuantileTransformer(
        n_quantiles=num_quantiles, output_distribution=distribution, subsample=None
    ).fit(EVENTS.astype("float64"))
    layer = QuantileTransform.fit(
        EVENTS, num_quantiles=num_quantiles, output_distribution=distribution
    )
    expected = reference.transform(POINTS.astype("float64"))
    np.testing.assert_allclose(layer(POINTS), expected, atol=1e-4)


def test_quantiles_of_the_normal_are_right_far_into_the_tail():
    tail = np.geomspace(1e-7, 0.5, 400).astype("float32")
    found = np.array(upper_normal_quantile(tail))
    np.testing.assert_allclose(found, -norm.ppf(tail.astype("float64")), atol=2e-6)


def test_output_follows_the_distribution():
    output = np.array(QuantileTransform.fit(EVENTS[:, :2])(EVENTS[:, :2]))
    points = np.quantile(output, norm.cdf([-2.0, 0.0, 1.0]), axis=0)
    np.testing.assert_allclose(points.T, [[-2, 0, 1]] * 2, atol=0.02)


def test_weights_are_repetitions():
    values = RNG.exponential(size=(3000, 1))
    repeats = RNG.integers(0, 4, 3000)
    weighted = weighted_quantiles(values, 51, repeats)
    repeated = weighted_quantiles(np.repeat(values, repeats, axis=0), 51)
    level = (np.sort(values[repeats > 0, 0]) < repeated[0, :, None]).mean(axis=1)
    found = (np.sort(values[repeats > 0, 0]) < weighted[0, :, None]).mean(axis=1)
    np.testing.assert_allclose(found, level, atol=2e-3)


def test_equal_weights_change_nothing_and_zero_ones_leave_events_out():
    plain = weighted_quantiles(EVENTS, 100)
    equal = weighted_quantiles(EVENTS, 100, np.full(4000, 2.5))
    np.testing.assert_allclose(equal, plain, rtol=1e-12)
    np.testing.assert_allclose(
        plain, np.quantile(EVENTS.astype("float64"), np.linspace(0, 1, 100), axis=0).T
    )
    half = (np.arange(4000) % 2).astype("float64")
    expected = weighted_quantiles(EVENTS[1::2], 100)
    np.testing.assert_array_equal(weighted_quantiles(EVENTS, 100, half), expected)


def test_missing_values_are_left_out_and_become_the_median():
    holed = EVENTS[:, :2].copy()
    holed[::3, 0] = np.nan
    layer = QuantileTransform.fit(holed)
    whole = QuantileTransform.fit(np.delete(holed[:, :1], np.s_[::3], axis=0))
    np.testing.assert_array_equal(layer(holed)[1::3, :1], whole(holed[1::3, :1]))
    np.testing.assert_array_equal(layer(holed)[::3, 0], 0.0)
    uniform = QuantileTransform.fit(holed, output_distribution="uniform")
    np.testing.assert_array_equal(uniform(holed)[::3, 0], 0.5)


def test_gradient_is_that_of_the_formula_and_zero_where_missing():
    layer = QuantileTransform([[0.0, 1.0, 3.0, 7.0]])
    x = tf.constant([[0.4], [2.5], [6.9], [np.nan], [9.0], [1.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = layer(x)
    p = np.array([0.4, 1.75, 2.975]) / 3
    slope = np.array([1.0, 0.5, 0.25]) / 3 / norm.pdf(norm.ppf(p))
    gradient = tape.gradient(output, x)[:, 0]
    np.testing.assert_allclose(gradient, [*slope, 0, 0, 0], rtol=1e-4)


def test_quantiles_are_saved_and_not_trained(tmp_path):
    layer = QuantileTransform.fit(EVENTS)
    model = keras.Sequential([keras.Input((6,)), layer])
    layer.quantiles.assign(2.0 * layer.quantiles)
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded(EVENTS), model(EVENTS))
    assert layer.trainable_weights == []


def test_never_more_quantiles_than_events():
    assert QuantileTransform.fit(EVENTS[:7]).initial_quantiles.shape == (6, 7)


@pytest.mark.parametrize(
    ("x", "arguments", "message"),
    [
        (EVENTS, {"weight": [1.0]}, r"Received: shapes \(4000, 6\) and \(1,\)"),
        (EVENTS, {"weight": np.full(4000, -1.0)}, "4000 of 4000 weights are negative"),
        (EVENTS * np.nan, {}, "Feature 0 has no quantiles"),
        (np.full((9, 1), np.inf), {}, "9 infinite values"),
        (EVENTS, {"num_quantiles": 1}, "at least 2. Received: 1"),
    ],
)
def test_events_without_quantiles_are_refused(x, arguments, message):
    with pytest.raises(ValueError, match=message):
        QuantileTransform.fit(x, **arguments)
