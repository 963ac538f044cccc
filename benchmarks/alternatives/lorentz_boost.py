"""Training steps of a network behind boosted combinations of four-vectors.

The combinations, boosts and features are kerashep's layers, the same mathematics
written plainly with TensorFlow, or lbn 1.2.2 (in the peers' environment); what comes
behind, the loss and the optimizer are the same Keras objects.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.worker import Work

FEATURES = ("E", "pt", "eta", "phi", "m")
PAIRS = ("pair_cos",)
EPSILON = 1e-5
Features = Callable[[Any], Any]


def make_jets(events: int, particles: int) -> tuple[Any, Any]:
    """`(events, particles, 4)` massive four-vectors and `(events, 1)` labels."""
    rng = np.random.default_rng(0)
    momentum = rng.normal(0.0, 10.0, (events, particles, 3))
    mass = rng.uniform(0.1, 5.0, (events, particles, 1))
    energy = np.sqrt(mass**2 + (momentum**2).sum(axis=2, keepdims=True))
    labels = rng.integers(0, 2, (events, 1))
    vectors = np.concatenate([energy, momentum], axis=2)
    return vectors.astype("float32"), labels.astype("float32")


def weights(particles: int, combinations: int) -> list[Any]:
    """Trained weights of particles and of rest frames."""
    rng = np.random.default_rng(1)
    shape = (particles, combinations)
    drawn = [rng.normal(0.0, 1.0 / combinations, shape) for _ in range(2)]
    return [keras.Variable(values.astype("float32")) for values in drawn]


def kerashep_features(particles: int, combinations: int) -> tuple[Features, list[Any]]:
    """The layers of the package."""
    from kerashep.layers import FourVectorFeatures, LorentzBoost

    boost = LorentzBoost(combinations)
    features = FourVectorFeatures(FEATURES, PAIRS)
    boost.build((None, particles, 4))
    for own, start in zip(boost.weights, weights(particles, combinations), strict=True):
        own.assign(start)
    return (lambda x: features(boost(x))), boost.trainable_weights


def plain_features(particles: int, combinations: int) -> tuple[Features, list[Any]]:
    """Boost matrices and the features' definitions, with epsilons."""
    variables = weights(particles, combinations)
    first, second = np.triu_indices(combinations, 1)
    pairs = (first * combinations + second).astype("int32")

    def features(x: Any) -> Any:
        particle, frame = (
            tf.einsum("bnc,nm->bmc", x, tf.abs(v.value)) for v in variables
        )
        boosted = tf.einsum("bmij,bmj->bmi", boost_matrix(frame), particle)
        energy, p = boosted[..., 0], boosted[..., 1:]
        p2 = tf.maximum(tf.reduce_sum(p**2, axis=-1), EPSILON)
        pt = tf.sqrt(tf.maximum(p2 - p[..., 2] ** 2, EPSILON))
        size = tf.sqrt(p2)
        bound = 1.0 - EPSILON
        eta = tf.atanh(tf.clip_by_value(p[..., 2] / size, -bound, bound))
        phi = tf.atan2(p[..., 1], p[..., 0])
        mass = tf.sqrt(tf.maximum(energy**2 - p2, EPSILON))
        unit = p / size[..., None]
        cosine = tf.reshape(tf.einsum("bmi,bni->bmn", unit, unit), [len(x), -1])
        cosine = tf.gather(cosine, pairs, axis=1)
        return tf.concat([energy, pt, eta, phi, mass, cosine], axis=1)

    return features, variables


def boost_matrix(frame: Any) -> Any:
    """`(batch, m, 4, 4)` of the rest frames `(batch, m, 4)`, as in the paper."""
    p = frame[..., 1:]
    size = tf.sqrt(tf.reduce_sum(p**2, axis=-1, keepdims=True))
    beta = size / tf.maximum(frame[..., :1], size + EPSILON)
    gamma = 1.0 / tf.sqrt(1.0 - beta**2 + EPSILON)
    direction = p / size
    time_space = -(gamma * beta * direction)[..., None, :]
    outer = direction[..., :, None] * direction[..., None, :]
    space = tf.eye(3) + (gamma - 1.0)[..., None] * outer
    top = tf.concat([gamma[..., None], time_space], axis=-1)
    below = tf.concat([tf.linalg.matrix_transpose(time_space), space], axis=-1)
    return tf.concat([top, below], axis=-2)


def lbn_features(particles: int, combinations: int) -> tuple[Features, list[Any]]:
    """The reference code."""
    from lbn import LBN

    variables = weights(particles, combinations)
    own = [variable.value for variable in variables]
    network = LBN(combinations, particle_weights=own[0], restframe_weights=own[1])
    network.build((None, particles, 4), features=[*FEATURES, *PAIRS])
    return network, variables


IMPLEMENTATIONS = {
    "kerashep": kerashep_features,
    "plain": plain_features,
    "lbn": lbn_features,
}


class BoostSteps(Work):
    """Passes over a few batches, each step one call of a compiled function."""

    packages = ("tensorflow", "keras", "lbn")

    def __init__(self, settings: dict[str, Any]) -> None:
        particles, combinations = settings["particles"], settings["combinations"]
        keras.utils.set_random_seed(0)
        implementation = IMPLEMENTATIONS[settings["implementation"]]
        self.features, variables = implementation(particles, combinations)
        width = 5 * combinations + combinations * (combinations - 1) // 2
        self.head = keras.Sequential(
            [
                keras.Input((width,)),
                keras.layers.BatchNormalization(),
                *(keras.layers.Dense(units, "elu") for units in settings["units"]),
                keras.layers.Dense(1, "sigmoid"),
            ]
        )
        self.variables = [*variables, *self.head.trainable_variables]
        self.optimizer = keras.optimizers.Adam(1e-3)
        self.optimizer.build(self.variables)
        every = [*self.variables, *self.head.variables, *self.optimizer.variables]
        self.start = [(variable, np.array(variable)) for variable in every]
        size = settings["batch_size"]
        x, y = make_jets(settings["batches"] * size, particles)
        self.batches = [
            (tf.constant(x[i : i + size]), tf.constant(y[i : i + size]))
            for i in range(0, len(x), size)
        ]
        self.passes = settings["passes"]
        self.step = tf.function(self._step, jit_compile=settings["jit_compile"])

    def prepare(self, name: str) -> None:  # noqa: ARG002
        """Initial weights and optimizer state."""
        for variable, value in self.start:
            variable.assign(value)

    def run(self, name: str) -> None:  # noqa: ARG002
        """Trains."""
        loss = None
        for _ in range(self.passes):
            for x, y in self.batches:
                loss = self.step(x, y)
        self.loss = float(loss)

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """Loss of the last batch, and the milliseconds are those of so many steps."""
        return {"last_loss": self.loss, "steps": self.passes * len(self.batches)}

    def _step(self, x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            score = self.head(self.features(x), training=True)
            loss = tf.reduce_mean(keras.losses.binary_crossentropy(y, score))
        values = [variable.value for variable in self.variables]
        self.optimizer.apply(tape.gradient(loss, values), self.variables)
        return loss


def build(settings: dict[str, Any]) -> BoostSteps:
    """Called by the worker."""
    return BoostSteps(settings)
