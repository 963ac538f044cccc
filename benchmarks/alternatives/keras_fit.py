"""Plain Keras: one `fit` on arrays over all epochs, on TensorFlow or JAX."""

from typing import Any

import keras
import numpy as np

from benchmarks.alternatives.keras_networks import build_network
from benchmarks.events import from_settings, weighted_loss
from benchmarks.worker import Work


class KerasFit(Work):
    """`model.fit(x, y, sample_weight=w, batch_size, epochs)`.

    Compiled at the first run; each run starts from the same weights. With
    `jit_compile` left to Keras ("auto") there is no XLA on a processor.
    """

    packages = ("keras", keras.backend.backend())

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.sample, self.held_out = from_settings(settings)
        self.model = build_network(settings)
        if settings.get("jit_compile", False):
            self.model.compile(self.model.optimizer, self.model.loss, jit_compile=True)
        self.model.optimizer.build(self.model.trainable_variables)
        self.weights = self.model.get_weights()
        self.state = [np.array(v) for v in self.model.optimizer.variables]

    def prepare(self, name: str) -> None:  # noqa: ARG002
        """Initial weights and optimizer state."""
        self.model.set_weights(self.weights)
        for variable, value in zip(
            self.model.optimizer.variables, self.state, strict=True
        ):
            variable.assign(value)

    def run(self, name: str) -> None:  # noqa: ARG002
        """Trains."""
        self.model.fit(
            self.sample.inputs,
            self.sample.y,
            sample_weight=self.sample.w,
            batch_size=self.settings["batch_size"],
            epochs=self.settings["epochs"],
            shuffle=True,
            verbose=0,
        )

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """Loss on held-out events."""
        inputs = self.held_out.inputs
        scores = self.model.predict(inputs, batch_size=8192, verbose=0)
        return {"held_out_loss": weighted_loss(scores, self.held_out)}


def build(settings: dict[str, Any]) -> KerasFit:
    """Called by the worker."""
    return KerasFit(settings)
