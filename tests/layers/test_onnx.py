"""In ONNX Runtime, missing values and unknown categories come out as in Keras."""

import keras
import numpy as np
import pytest

from kerashep import layers

VECTORS = ((0, 1, 2), (3, 4))
RNG = np.random.default_rng(0)
MOMENTA = RNG.normal(0.0, 30.0, size=(8, 6)).astype("float32")
for _row, _column in enumerate((0, 1, 2, 3, 4, 5)):
    MOMENTA[_row, _column] = np.nan
CODES = np.stack([RNG.normal(size=8), [0, 3, 1, 2, 4, np.nan, 0.5, -1]], axis=1)
CODES = CODES.astype("float32")
FOUR_VECTORS = RNG.uniform(-1.0, 1.0, size=(8, 4, 4)).astype("float32")
FOUR_VECTORS[..., 0] += 3.0
FOUR_VECTORS[0, 1:] = 0.0
SINGLE = ("E", "px", "py", "pz", "p", "pt", "eta", "phi", "m", "beta", "gamma")
PAIRS = ("pair_cos", "pair_dr", "pair_ds", "pair_dy")
SETTINGS = {
    "known_or_nan": (layers.CategoricalEmbedding([4]), CODES),
    "reserved": (layers.CategoricalEmbedding([4], unknown="reserve"), CODES),
    "dense_concat": (layers.DenseConcat(2, "prelu"), RNG.normal(size=(8, 3))),
    "swish": (layers.Swish(1.5), RNG.normal(size=(8, 3))),
    "frame": (layers.CanonicalFrame(VECTORS), MOMENTA),
    "cartesian": (layers.CartesianMomenta(VECTORS), MOMENTA / 30),
    "copies": (layers.SymmetryCopies(VECTORS), MOMENTA),
    "thirds": (layers.SymmetryCopies(VECTORS, rotations=3), MOMENTA),
    "boost": (layers.LorentzBoost(3), FOUR_VECTORS),
    "boost_product": (layers.LorentzBoost(2, 3, "product"), FOUR_VECTORS),
    "boost_combinations": (layers.LorentzBoost(3, mode="combinations"), FOUR_VECTORS),
    "vector_features": (layers.FourVectorFeatures(SINGLE, PAIRS), FOUR_VECTORS),
    "combination": (layers.LorentzCombination(3), FOUR_VECTORS),
    "lorentz": (layers.LorentzLayer(), FOUR_VECTORS),
    "polar": (layers.PolarFourVectors(), FOUR_VECTORS),
    "cartesian_vectors": (layers.CartesianFourVectors(), FOUR_VECTORS),
    "quantiles": (
        layers.QuantileTransform.fit(np.round(MOMENTA / 20), num_quantiles=6),
        np.round(MOMENTA / 20),
    ),
    "coordinates": (layers.CoordConv(2, 3, padding="same"), FOUR_VECTORS[..., None]),
    "rotation": (layers.RandomRotation(VECTORS), MOMENTA),
    "reflection": (layers.RandomReflection(VECTORS), MOMENTA),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_onnx_file_gives_the_numbers_of_keras(name, tmp_path):
    for package in ("onnx", "tf2onnx"):
        pytest.importorskip(package)
    runtime = pytest.importorskip("onnxruntime")
    layer, x = SETTINGS[name]
    x = np.asarray(x, "float32")
    symbol = keras.Input(x.shape[1:], name="x")
    model = keras.Model({"x": symbol}, layer(symbol))
    expected = model.predict({"x": x}, verbose=0)
    path = str(tmp_path / "m.onnx")
    model.export(path, format="onnx", opset_version=15, verbose=False)
    (found,) = runtime.InferenceSession(path).run(None, {"x": x})
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
