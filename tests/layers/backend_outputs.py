"""Writes the outputs of every layer under the Keras backend of this process.

Run by `test_backends.py` as `python backend_outputs.py OUTPUT.npz`; the backend is
that of KERAS_BACKEND. Weights come from a formula, so the outputs are comparable.
"""

import runpy
import sys
from pathlib import Path

import keras
import numpy as np

from kerashep import layers

# By its path: its package needs pytest, which a Python with another backend may lack.
GOLDEN = Path(layers.__file__).parents[1] / "testing" / "golden.py"
fill_weights = runpy.run_path(str(GOLDEN))["fill_weights"]

RNG = np.random.default_rng(4)
X = RNG.normal(size=(5, 3)).astype("float32")
PARTICLES = RNG.normal(size=(5, 4, 3)).astype("float32")
M = np.array([[0.5], [0.75], [1.0], [1.25], [1.5]], "float32")
CODES = np.stack([X[:, 0], [0, 3, 1, 2, 9]], axis=1).astype("float32")
MOMENTA = RNG.normal(0.0, 30.0, size=(5, 6)).astype("float32")
VECTORS = ((0, 1, 2), (3, 4))
ANGLES = MOMENTA / np.float32(30.0)
SINGLE = ("E", "px", "py", "pz", "p", "pt", "eta", "phi", "m", "beta", "gamma")
PAIRS = ("pair_cos", "pair_dr", "pair_ds", "pair_dy")
VECTORS4 = RNG.uniform(-1.0, 1.0, size=(5, 4, 4)).astype("float32")
VECTORS4[..., 0] += 3.0
IMAGES = RNG.normal(size=(5, 4, 3, 2)).astype("float32")
RAW = np.where(X > 1.0, np.nan, 50.0 * X).astype("float32")


def _network():
    dense = keras.layers.Dense(3, "tanh")
    return keras.Sequential([keras.Input((6,)), keras.layers.Rescaling(0.03), dense])


def gradients():
    """Name -> gradient for vectors without mass, direction or length."""
    kinds = [
        [0, 0, 0, 0],
        [5, 0, 0, 5],
        [5, 0, 0, 4],
        [1, 3, -2, 0.5],
        [2e-20, 1e-20, 1e-21, 0],
        [1e-25, 0, 1e-26, 0],
    ]
    vectors = np.array([[one, other] for one in kinds for other in kinds], "float32")
    settings = {
        **{name: layers.FourVectorFeatures((name,), ()) for name in SINGLE},
        **{name: layers.FourVectorFeatures((), (name,)) for name in PAIRS},
        "boost": layers.LorentzBoost(2, mode="combinations"),
    }
    found = {}
    for name, layer in settings.items():
        layer.build((None, 2, 4))
        for variable in layer.trainable_weights:
            variable.assign(np.eye(2))
        found[f"gradient of {name}"] = _gradient(layer, vectors)
    return found


def _gradient(layer, vectors):
    def loss(x):
        out = layer(x)
        return keras.ops.sum(keras.ops.cos(out / (1.0 + keras.ops.abs(out))))

    if keras.backend.backend() == "jax":
        import jax

        return np.asarray(jax.grad(loss)(vectors))
    if keras.backend.backend() == "torch":
        x = keras.ops.convert_to_tensor(vectors).requires_grad_()
        loss(x).backward()
        return x.grad.numpy()
    import tensorflow as tf

    x = tf.constant(vectors)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = loss(x)
    return tape.gradient(value, x).numpy()


def outputs():
    """Name -> (layer, its output); every class of the package at least once."""
    settings = {
        "affine": (layers.AffineConditioning("softplus", "tanh"), (X, M)),
        "affine_particles": (layers.AffineConditioning(), (PARTICLES, M)),
        "scaling": (layers.ConditionalScaling("exponential"), (X, M)),
        "biasing": (layers.ConditionalBiasing(), (X, M)),
        "concat": (layers.ConcatConditioning(), (PARTICLES, M)),
        "parameters": (layers.ParameterScaling([2.0, 3.0, 4.0]), X),
        "nearest": (layers.NearestSelection([0.4, 0.8, 1.1, 2.0]), (PARTICLES, M)),
        "standardised": (
            layers.FeatureStandardization([1.0, 2.0, 3.0], [2.0, 2.0, 5.0], [True] * 3),
            RAW,
        ),
        "embedding": (layers.CategoricalEmbedding([4], [3], unknown="reserve"), CODES),
        "known": (layers.CategoricalEmbedding([4]), CODES[:4]),
        "dense_concat": (layers.DenseConcat(2, "selu"), X),
        "swish": (layers.Swish(1.5, learn_beta=True), X),
        "rotation": (layers.RandomRotation(VECTORS), MOMENTA),
        "reflection": (layers.RandomReflection(VECTORS), MOMENTA),
        "frame": (layers.CanonicalFrame(VECTORS), MOMENTA),
        "cartesian": (layers.CartesianMomenta(VECTORS), ANGLES),
        "copies": (layers.SymmetryCopies(VECTORS, rotations=3), MOMENTA),
        "boost": (layers.LorentzBoost(3), VECTORS4),
        "boost_product": (layers.LorentzBoost(2, 3, "product"), VECTORS4),
        "boost_combinations": (layers.LorentzBoost(3, mode="combinations"), VECTORS4),
        "vector_features": (layers.FourVectorFeatures(SINGLE, PAIRS), VECTORS4),
        "combination": (layers.LorentzCombination(3), VECTORS4),
        "lorentz": (layers.LorentzLayer(), VECTORS4),
        "polar": (layers.PolarFourVectors(), VECTORS4),
        "cartesian_vectors": (layers.CartesianFourVectors(), VECTORS4),
        "quantile": (
            layers.QuantileTransform(
                [[-60, 0, 0, 5.0], [-9, 1, 2, 9], [-80, 3, 8, 90]]
            ),
            RAW,
        ),
        "coordinates": (layers.CoordConv(2, (2, 3), padding="same"), IMAGES),
        "information": (layers.InformationDropout(), ANGLES),
        "jet": (layers.JetCoordinates(), VECTORS4),
        "missing": (layers.MissingValue(float(CODES[0, 1])), CODES),
        "augmented": (
            layers.TestTimeAugmentation(_network(), layers.SymmetryCopies(VECTORS)),
            MOMENTA,
        ),
    }
    results = {}
    for name, (layer, inputs) in settings.items():
        layer(inputs)
        if layer.trainable_weights:
            fill_weights(layer)
        results[name] = (layer, keras.ops.convert_to_numpy(layer(inputs)))
    return results


if __name__ == "__main__":
    found = {name: output for name, (_, output) in outputs().items()}
    np.savez(sys.argv[1], **found, **gradients())
