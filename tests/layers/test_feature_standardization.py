import keras
import numpy as np
import tensorflow as tf

from kerashep.layers import FeatureStandardization

MEAN, SCALE, LOG = [4.0, 0.5, -1.0], [2.0, 1.5, 0.3], [True, False, True]
RAW = np.array(
    [[80.0, -3.0, 0.2], [np.nan, 7.0, -5.0], [5e4, np.nan, np.nan], [-1.0, 0.5, 0.0]],
    "float32",
)


def twin(raw):
    """Independent NumPy version in double precision."""
    x = raw.astype("float64")
    x = np.where(LOG, np.copysign(np.log1p(np.abs(x)), x), x)
    return np.nan_to_num((x - MEAN) / SCALE, nan=0.0)


def test_formula():
    layer = FeatureStandardization(MEAN, SCALE, LOG)
    np.testing.assert_allclose(layer(RAW), twin(RAW), rtol=1e-5, atol=1e-6)


def test_result_is_standardised():
    raw = (
        np.random.default_rng(0).normal(90.0, 30.0, size=(50_000, 2)).astype("float32")
    )
    layer = FeatureStandardization(raw.mean(axis=0), raw.std(axis=0))
    output = np.array(layer(raw))
    np.testing.assert_allclose(output.mean(axis=0), 0.0, atol=1e-4)
    np.testing.assert_allclose(output.std(axis=0), 1.0, atol=1e-4)


def test_missing_values_have_a_zero_and_the_others_a_true_gradient():
    layer = FeatureStandardization(MEAN, SCALE, LOG)
    raw = tf.constant(RAW[:3])
    with tf.GradientTape() as tape:
        tape.watch(raw)
        total = tf.reduce_sum(layer(raw))
    slope = np.where(LOG, 1.0 / (1.0 + np.abs(RAW[:3])), 1.0) / SCALE
    expected = np.where(np.isnan(RAW[:3]), 0.0, slope)
    np.testing.assert_allclose(tape.gradient(total, raw), expected, rtol=1e-5)


def test_values_can_be_set_and_are_not_trained():
    layer = FeatureStandardization()
    layer(RAW)
    assert layer.trainable_weights == []
    layer.mean.assign([1.0, 2.0, 3.0])
    layer.scale.assign([2.0, 2.0, 2.0])
    point = np.array([[3.0, 2.0, 1.0]], "float32")
    np.testing.assert_array_equal(layer(point), [[1.0, 0.0, -1.0]])


def test_values_that_were_set_survive_saving(tmp_path):
    layer = FeatureStandardization(MEAN, SCALE, LOG)
    model = keras.Sequential([keras.Input((3,)), layer])
    layer.mean.assign([1.0, 1.0, 1.0])
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded(RAW), model(RAW))


def test_raw_values_beyond_float16_are_scaled_before_the_cast():
    layer = FeatureStandardization([1e6], [1e6], dtype="mixed_float16")
    output = layer(np.array([[3e6]], "float32"))
    assert output.dtype == "float16"
    np.testing.assert_allclose(output, [[2.0]], rtol=1e-3)


def test_no_logarithm_where_none_is_asked_for():
    layer = FeatureStandardization([0.0], [1.0], [False])
    np.testing.assert_array_equal(layer(np.array([[-7.0]], "float32")), [[-7.0]])
