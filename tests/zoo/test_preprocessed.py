import keras
import numpy as np
import pytest
import tensorflow as tf

from kerashep.zoo import AffinePNN, Preprocessed, SingleNN

RNG = np.random.default_rng(0)
RAW = np.exp(RNG.normal(4.0, 1.0, size=(6, 3))).astype("float32")
RAW[0, 1] = np.nan
M = RNG.uniform(500.0, 1500.0, size=(6, 1)).astype("float32")
MEAN, SCALE, LOG = [4.0, 60.0, 50.0], [1.0, 30.0, 40.0], [True, False, False]


def scaled(raw):
    x = np.where(LOG, np.log1p(raw), raw)
    return np.nan_to_num((x - MEAN) / SCALE, nan=0.0).astype("float32")


def users_model(inputs):
    """A functional model as a user writes it, with inputs in any order."""
    joined = keras.layers.Concatenate()([inputs[0], inputs[1]])
    return keras.layers.Dense(1, "sigmoid")(joined)


def test_raw_features_to_the_score_of_the_inner_model():
    inner = AffinePNN(3, units=[5])
    model = Preprocessed(inner, MEAN, SCALE, LOG)
    expected = inner({"x": scaled(RAW), "m": M})
    np.testing.assert_allclose(model({"x": RAW, "m": M}), expected, rtol=1e-5)


def test_model_without_parameters():
    inner = SingleNN(3, units=[5])
    model = Preprocessed(inner, MEAN, SCALE, LOG)
    assert set(model.input) == {"x"}
    expected = inner({"x": scaled(RAW)})
    np.testing.assert_allclose(model({"x": RAW}), expected, rtol=1e-5)


@pytest.mark.parametrize("structure", [list, dict])
def test_users_functional_model(structure, tmp_path):
    m, x = keras.Input((1,), name="m"), keras.Input((3,), name="x")
    inputs = [m, x] if structure is list else {"m": m, "x": x}
    inner = keras.Model(inputs, users_model((m, x)))
    model = Preprocessed(inner, MEAN, SCALE, LOG)
    given = [M, scaled(RAW)] if structure is list else {"m": M, "x": scaled(RAW)}
    raw = {"x": RAW, "m": M}
    np.testing.assert_allclose(model(raw), inner(given), rtol=1e-5)
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded(raw), model(raw))


def test_training_moves_the_inner_model_but_not_the_constants():
    inner = SingleNN(3, units=[5])
    model = Preprocessed(inner, MEAN, SCALE, LOG)
    assert len(model.trainable_weights) == len(inner.weights)
    before = inner.get_weights()[0]
    model.compile("sgd", "binary_crossentropy", run_eagerly=True)
    model.train_on_batch({"x": RAW}, np.ones((6, 1), "float32"))
    assert not np.array_equal(inner.get_weights()[0], before)
    np.testing.assert_array_equal(model.standardization.mean, MEAN)


def test_exported_signature_takes_raw_features_by_name(tmp_path):
    model = Preprocessed(AffinePNN(3, units=[5]), MEAN, SCALE, LOG)
    model.export(str(tmp_path / "served"), verbose=False)
    served = tf.saved_model.load(str(tmp_path / "served"))
    signature = served.signatures["serving_default"]
    (score,) = signature(x=tf.constant(RAW), m=tf.constant(M)).values()
    np.testing.assert_allclose(score, model({"x": RAW, "m": M}), rtol=1e-5)


def test_raw_values_beyond_float16_under_mixed_precision():
    inner = SingleNN(3, units=[5], dtype="mixed_float16")
    model = Preprocessed(inner, [1e6] * 3, [1e5] * 3)
    score = np.array(model({"x": np.full((2, 3), 1.1e6, "float32")}))
    np.testing.assert_allclose(
        score, inner({"x": np.ones((2, 3), "float32")}), rtol=1e-2
    )


def test_other_inputs_are_refused():
    other = keras.Input((3,), name="features")
    model = keras.Model(other, keras.layers.Dense(1)(other))
    with pytest.raises(ValueError, match=r"inputs must be `x`.*Received:.*features"):
        Preprocessed(model, MEAN, SCALE)


def test_sequence_inputs_are_refused():
    x = keras.Input((None, 3), name="x")
    model = keras.Model(x, keras.layers.GlobalAveragePooling1D()(x))
    with pytest.raises(ValueError, match=r"shape \(batch, features\).*Received"):
        Preprocessed(model, MEAN, SCALE)


def test_subclassed_model_is_refused():
    class Opaque(keras.Model):
        def call(self, inputs):
            return inputs["x"]

    with pytest.raises(ValueError, match=r"declares no inputs.*functional"):
        Preprocessed(Opaque(), MEAN, SCALE)


def test_wrong_number_of_constants_is_refused():
    with pytest.raises(ValueError, match="2 values in `mean`"):
        Preprocessed(SingleNN(3, units=[5]), MEAN[:2], SCALE[:2])


def test_the_optimizer_of_the_training_need_not_be_known():
    """A served model is loaded where nothing of the training is imported."""
    model = SingleNN(num_features=1, units=[2])
    model.compile("adam", "binary_crossentropy")
    served = Preprocessed(model, mean=[90.0], scale=[30.0])
    content = keras.saving.serialize_keras_object(served)
    optimizer = content["config"]["model"]["compile_config"]["optimizer"]
    optimizer |= {"module": "elsewhere", "class_name": "X", "registered_name": "X"}
    assert not keras.saving.deserialize_keras_object(content).model.compiled
