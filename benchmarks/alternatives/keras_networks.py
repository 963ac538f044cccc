"""The networks of the benchmarks in Keras, for any backend."""

from typing import Any

import keras

WIDTH, DEPTH = 33, 6
LEARNING_RATE = 1e-3


def dense_classifier(features: int) -> keras.Model:
    """Hidden layers that each read the output of all before them and the features.

    Six layers of 33 Swish units; the input of each is the output of the one before,
    joined to the input of the one before. The last is not joined to anything.
    """
    x = inputs = keras.Input((features,), name="x")
    for i in range(DEPTH):
        hidden = keras.layers.Dense(WIDTH, "silu", name=f"dense_{i}")(x)
        last = i == DEPTH - 1
        x = hidden if last else keras.layers.Concatenate(name=f"join_{i}")([hidden, x])
    score = keras.layers.Dense(1, "sigmoid", name="score")(x)
    return keras.Model({"x": inputs}, score, name="dense_classifier")


def build_network(settings: dict[str, Any], seed: int = 0) -> keras.Model:
    """The network that the settings name, compiled with Adam.

    Args:
        settings: `network` (`dense` or `affine_pnn`), `features`, and for the latter
            perhaps `dropout` and `kernel_l2`.
        seed: Of the initial weights.
    """
    keras.utils.set_random_seed(seed)
    if settings["network"] == "dense":
        model = dense_classifier(settings["features"])
    else:
        from kerashep.zoo.affine_pnn import AffinePNN

        model = AffinePNN(
            settings["features"],
            dropout=settings.get("dropout", 0.0),
            kernel_l2=settings.get("kernel_l2", 0.0),
        )
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(optimizer, "binary_crossentropy")
    return model
