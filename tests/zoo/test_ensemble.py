import keras
import numpy as np
import pytest
import tensorflow as tf

from kerashep.layers import CanonicalFrame, CartesianMomenta, SymmetryCopies
from kerashep.zoo import (
    AffinePNN,
    DenseClassifier,
    Ensemble,
    Preprocessed,
    SingleNN,
    hidden_model,
    load_model,
)
from tests.layers.momenta import VECTORS, events
from tests.layers.test_symmetry_copies import moved

RAW = np.hstack([events(9), np.arange(9.0)[:, None] % 4]).astype("float32")
MEAN, SCALE, LOG = [1.0] * 10 + [0.0], [40.0] * 10 + [1.0], [False] * 9 + [True, False]
SCALING = {"mean": MEAN, "scale": SCALE, "log": LOG}
COPIES = SymmetryCopies(VECTORS)


def members(count=3, width=11):
    keras.utils.set_random_seed(0)
    return [DenseClassifier(width, 2, 8, cardinalities=[4]) for _ in range(count)]


def scaled(raw):
    x = raw.astype("float64")
    x = np.where(LOG, np.copysign(np.log1p(np.abs(x)), x), x)
    return np.nan_to_num((x - MEAN) / SCALE, nan=0.0).astype("float32")


def scores(models, raw):
    """One row a member."""
    return np.stack([np.array(model({"x": scaled(raw)}))[:, 0] for model in models])


def test_weighted_mean_of_the_members():
    models = members()
    ensemble = Ensemble(models, [1.0, 2.0, 5.0], **SCALING)
    expected = np.array([1.0, 2.0, 5.0]) / 8.0 @ scores(models, RAW)
    np.testing.assert_allclose(ensemble({"x": RAW})[:, 0], expected, rtol=1e-5)


def test_equal_weights_by_default():
    models = members()
    ensemble = Ensemble(models, **SCALING)
    assert ensemble.weights_of_members == pytest.approx((1 / 3,) * 3)
    expected = scores(models, RAW).mean(axis=0)
    np.testing.assert_allclose(ensemble({"x": RAW})[:, 0], expected, rtol=1e-5)


def test_copies_are_made_in_physical_units():
    models = members()
    ensemble = Ensemble(models, [1, 2, 5], **SCALING, augmentation=COPIES)
    parts = []
    for angle in (0.0, np.pi):
        for y in (1, -1):
            for z in (1, -1):
                copy = moved(RAW, angle, (1, y, z))
                parts.append(np.array([1, 2, 5]) / 8 @ scores(models, copy))
    expected = np.mean(parts, axis=0)
    np.testing.assert_allclose(ensemble({"x": RAW})[:, 0], expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("angle", "mirror"), [(0.0, (1, -1, 1)), (np.pi, (1, 1, 1)), (np.pi, (1, 1, -1))]
)
def test_score_does_not_change_under_the_group(angle, mirror):
    other = {"x": moved(RAW, angle, mirror).astype("float32")}
    plain = Ensemble(members(), **SCALING)
    assert np.abs(np.array(plain(other)) - np.array(plain({"x": RAW}))).max() > 1e-3
    ensemble = Ensemble(members(), **SCALING, augmentation=COPIES)
    np.testing.assert_allclose(ensemble(other), ensemble({"x": RAW}), rtol=0, atol=1e-6)


def test_members_behind_the_canonical_frame():
    models = members(2, width=10)
    frame = CanonicalFrame(VECTORS)
    scaling = {name: values[1:] for name, values in SCALING.items()}
    ensemble = Ensemble(models, **scaling, frame=frame)
    inner = Ensemble(models, **scaling)
    np.testing.assert_allclose(
        ensemble({"x": RAW}), inner({"x": np.array(frame(RAW))}), rtol=1e-5
    )
    turned = {"x": moved(RAW, 1.0, (1, -1, -1)).astype("float32")}
    np.testing.assert_allclose(ensemble(turned), ensemble({"x": RAW}), atol=1e-4)


def test_members_that_scale_themselves():
    models = members(2)
    wrapped = [Preprocessed(model, MEAN, SCALE, LOG) for model in models]
    ensemble = Ensemble(wrapped)
    expected = scores(models, RAW).mean(axis=0)
    np.testing.assert_allclose(ensemble({"x": RAW})[:, 0], expected, rtol=1e-5)


def test_parametric_members_and_copies():
    models = [AffinePNN(11, units=[5]), AffinePNN(11, units=[6])]
    ensemble = Ensemble(models, mean=MEAN, scale=SCALE, augmentation=COPIES)
    m = np.linspace(500.0, 1500.0, 9, dtype="float32")[:, None]
    output = np.array(ensemble({"x": RAW, "m": m}))
    for i in range(9):
        one = ensemble({"x": RAW[i : i + 1], "m": m[i : i + 1]})
        np.testing.assert_allclose(output[i], one[0], rtol=1e-5)
    moved_mass = np.array(ensemble({"x": RAW, "m": m[::-1].copy()}))
    assert not np.allclose(moved_mass[0], output[0])


def test_members_are_copied_whatever_their_names():
    models = [SingleNN(11, units=[3], name="same") for _ in range(2)]
    ensemble = Ensemble(models, mean=MEAN, scale=SCALE)
    before = np.array(ensemble({"x": RAW}))
    models[0].set_weights([0.0 * w for w in models[0].get_weights()])
    np.testing.assert_array_equal(ensemble({"x": RAW}), before)
    assert ensemble.count_params() == 2 * models[0].count_params() + 2 * 11


@pytest.mark.parametrize("augmentation", [None, COPIES])
def test_keras_file_holds_everything(augmentation, tmp_path):
    ensemble = Ensemble(members(), [3, 1, 2], **SCALING, augmentation=augmentation)
    ensemble.save(tmp_path / "m.keras")
    loaded = load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded({"x": RAW}), ensemble({"x": RAW}))
    assert loaded.weights_of_members == pytest.approx((1 / 2, 1 / 6, 1 / 3))


def test_served_model_takes_raw_features_in_batches_of_any_size(tmp_path):
    ensemble = Ensemble(members(), **SCALING, augmentation=COPIES)
    ensemble.export(str(tmp_path / "served"), verbose=False)
    served = tf.saved_model.load(str(tmp_path / "served"))
    signature = served.signatures["serving_default"]
    assert set(signature.structured_input_signature[1]) == {"x"}
    for size in (1, 9):
        found = signature(x=tf.constant(RAW[:size]))
        (score,) = found.values()
        np.testing.assert_allclose(score, ensemble({"x": RAW[:size]}), atol=1e-6)


def test_onnx_file_gives_the_scores(tmp_path):
    for package in ("onnx", "tf2onnx"):
        pytest.importorskip(package)
    runtime = pytest.importorskip("onnxruntime")
    ensemble = Ensemble(members(), [1, 2, 5], **SCALING, augmentation=COPIES)
    expected = np.array(ensemble({"x": RAW}))
    path = str(tmp_path / "m.onnx")
    ensemble.export(path, format="onnx", opset_version=15, verbose=False)
    session = runtime.InferenceSession(path)
    assert [(i.name, i.shape[1]) for i in session.get_inputs()] == [("x", 11)]
    for size in (1, 9):
        (score,) = session.run(None, {"x": RAW[:size]})
        np.testing.assert_allclose(score, expected[:size], atol=1e-6)


def test_one_member_may_be_all():
    model = members(1)[0]
    ensemble = Ensemble([model], **SCALING)
    expected = scores([model], RAW)[0]
    np.testing.assert_allclose(ensemble({"x": RAW})[:, 0], expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("changed", "value"), [("mean", 1.5), ("scale", 2.0), ("log", True)]
)
def test_scaled_category_numbers_are_refused(changed, value):
    scaling = {**SCALING, changed: [*SCALING[changed][:10], value]}
    with pytest.raises(ValueError, match=f"Column 10 holds.*{changed}={value}"):
        Ensemble(members(), **scaling)


def test_members_of_other_kinds_are_refused():
    with pytest.raises(ValueError, match=r"member 1 with \{'m': 1, 'x': 11\}"):
        Ensemble([SingleNN(11), AffinePNN(11)])


def test_hidden_representation_is_asked_of_a_member():
    ensemble = Ensemble(members(), **SCALING)
    with pytest.raises(ValueError, match="no single last hidden layer"):
        hidden_model(ensemble)
    assert hidden_model(ensemble.members[0])({"x": scaled(RAW)}).shape == (9, 8)


def test_components_come_before_copies_and_scaling():
    models = members(2, width=12)
    momenta = CartesianMomenta([[0, 1, 2], [3, 4]])
    raw = np.random.default_rng(3).normal(size=(6, 11)).astype("float32")
    raw[:, 10] = np.arange(6) % 4
    components = np.array(momenta(raw))
    assert components.shape == (6, 12)
    vectors = ((0, 1, 2), (4, 5))
    scaling = {"mean": [0.5] * 11 + [0.0], "scale": [2.0] * 11 + [1.0]}
    copies = SymmetryCopies(vectors)
    of_components = Ensemble(models, **scaling, augmentation=copies)
    whole = Ensemble(models, **scaling, augmentation=copies, cartesian=momenta)
    expected = np.array(of_components({"x": components}))
    np.testing.assert_allclose(np.array(whole({"x": raw})), expected, rtol=1e-5)
    again = Ensemble.from_config(whole.get_config())
    again.set_weights(whole.get_weights())
    np.testing.assert_allclose(np.array(again({"x": raw})), expected, rtol=1e-5)
