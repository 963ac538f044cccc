"""Entropy-SGD: against NumPy on a quadratic, in fit and compiled programs."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerashep.training.compiled import CompiledTrainer
from kerashep.training.entropy_sgd import EntropySGD
from tests.training.fold_toy import build, pipeline

CURVATURE = np.array([[2.0, 0.5], [0.5, 1.0]])
START = np.array([3.0, -2.0])


def shaken(settings, step):
    """The normal numbers of a step: of one weight, so that its index is 0."""
    seed = [settings["seed"], step]
    return np.array(tf.random.stateless_normal((2,), seed), "f8")


def twin(steps, rate, settings, clip=np.inf):
    """Algorithm 1 in double precision, one batch a step."""
    x, walks, states = START.copy(), 0, []
    while len(states) < steps:
        gamma = settings["scope"] * (1 + settings["scoping"]) ** walks
        w, mean, speed = x.copy(), x.copy(), np.zeros(2)
        for _ in range(settings["langevin_steps"]):
            g = CURVATURE @ w
            g *= min(1.0, clip / np.linalg.norm(g))
            speed = settings["momentum"] * speed + g
            slope = settings["momentum"] * speed + g
            kick = settings["noise"] * shaken(settings, len(states))
            r = settings["langevin_rate"]
            w = w - r * (slope + gamma * (w - x)) + np.sqrt(r) * kick
            mean = (1 - settings["averaging"]) * mean + settings["averaging"] * w
            states.append(w)
        x = x - rate * (x - mean)
        states[-1], walks = x, walks + 1
    return np.array(states[:steps])


@pytest.mark.parametrize("clip", [None, 1.0])
@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_steps_are_those_of_the_algorithm(momentum, clip):
    settings = {
        "langevin_steps": 4,
        "langevin_rate": 0.05,
        "momentum": momentum,
        "scope": 0.5,
        "scoping": 0.3,
        "averaging": 0.6,
        "noise": 0.02,
        "seed": 7,
    }
    optimizer = EntropySGD(0.7, **settings, clipnorm=clip)
    weight = keras.Variable(START, dtype="float32")
    found = []
    for _ in range(14):
        gradient = keras.ops.cast(CURVATURE @ np.array(weight), "float32")
        optimizer.apply([gradient], [weight])
        found.append(np.array(weight))
    expected = twin(14, 0.7, settings, clip or np.inf)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_a_tighter_scope_keeps_the_walker_closer():
    far, near = (twin(4, 1.0, _plain(scope))[2] - START for scope in (0.0, 5.0))
    assert np.linalg.norm(near) < 0.8 * np.linalg.norm(far)


def _plain(scope):
    zero = {"momentum": 0.0, "scoping": 0.0, "noise": 0.0, "seed": 0}
    walk = {"langevin_steps": 4, "langevin_rate": 0.1, "averaging": 0.75}
    return {**zero, **walk, "scope": scope}


def test_the_end_of_a_training_is_where_the_last_walk_began():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    optimizer = EntropySGD(langevin_steps=5, langevin_rate=0.01)
    model.compile(optimizer, "mse")
    x = np.linspace(-1, 1, 32)[:, None]
    model.fit(x, 2 * x, 4, 1, verbose=0)  # 8 steps
    for variable, start in zip(
        model.trainable_variables, optimizer.starts, strict=True
    ):
        np.testing.assert_array_equal(variable, start)


def test_compiled_steps_are_those_of_fit_and_reset_begins_anew():
    model, batches = build(), pipeline()
    model.compile(EntropySGD(langevin_steps=3, noise=0.0), "binary_crossentropy")
    trainer = CompiledTrainer(model, batches)
    results = []
    for _ in range(2):
        trainer.reset(4)
        trainer.fit(epochs=1)
        results.append([np.array(v) for v in model.trainable_variables])
    trainer.reset(4)
    model.fit(batches.as_dataset(), epochs=1, shuffle=False, verbose=0)
    results.append([np.array(v) for v in model.trainable_variables])
    for again, by_fit, first in zip(*results[1:], results[0], strict=True):
        np.testing.assert_array_equal(again, first)
        np.testing.assert_allclose(by_fit, first, rtol=1e-4, atol=1e-5)


def test_it_is_saved_with_its_settings():
    optimizer = EntropySGD(0.5, langevin_steps=7, noise=0.0, seed=3, clipnorm=2.0)
    text = json.dumps(keras.saving.serialize_keras_object(optimizer))
    again = keras.saving.deserialize_keras_object(json.loads(text))
    assert again.get_config() == optimizer.get_config()
    assert again.langevin_steps == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"langevin_steps": 0}, "positive integer. Received: langevin_steps=0"),
        ({"langevin_rate": 0.0}, "`langevin_rate` must be positive.*0.0"),
        ({"momentum": 1.0}, r"`momentum` must be in \[0, 1\)"),
        ({"averaging": 0.0}, r"`averaging` must be in \(0, 1\]"),
        ({"scope": -1.0}, "`scope` must be at least 0"),
        ({"noise": -1.0}, "`noise` must be at least 0"),
        ({"scoping": -1.0}, "`scoping` must be at least 0"),
        ({"use_ema": True}, "no `use_ema`"),
        ({"weight_decay": 0.1}, "no `weight_decay`.*L2 factor"),
        ({"gradient_accumulation_steps": 2}, "counts single batches"),
    ],
)
def test_settings_out_of_range(arguments, message):
    with pytest.raises(ValueError, match=message):
        EntropySGD(**arguments)
