"""Writes the outputs of every layer under the Keras backend of this process.

Run by `test_backends.py` as `python backend_outputs.py OUTPUT.npz`; the backend is
that of KERAS_BACKEND. Weights come from a formula, so the outputs are comparable.
"""

import sys

import keras
import numpy as np

from kerashep import layers
from kerashep.testing.golden import fill_weights

RNG = np.random.default_rng(4)
X = RNG.normal(size=(5, 3)).astype("float32")
PARTICLES = RNG.normal(size=(5, 4, 3)).astype("float32")
M = np.array([[0.5], [0.75], [1.0], [1.25], [1.5]], "float32")
RAW = np.where(X > 1.0, np.nan, 50.0 * X).astype("float32")


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
    }
    results = {}
    for name, (layer, inputs) in settings.items():
        layer(inputs)
        if layer.trainable_weights:
            fill_weights(layer)
        results[name] = (layer, keras.ops.convert_to_numpy(layer(inputs)))
    return results


if __name__ == "__main__":
    np.savez(sys.argv[1], **{name: output for name, (_, output) in outputs().items()})
