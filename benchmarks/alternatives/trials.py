"""Trials of one architecture that differ in learning rate and seed."""

from typing import Any

import keras
import numpy as np

from benchmarks.alternatives.compiled_trainer import as_pipeline
from benchmarks.alternatives.keras_networks import build_network
from benchmarks.events import from_settings, weighted_loss
from benchmarks.worker import Work, seconds_of
from kerashep.training.compiled import CompiledTrainer

RESET = "reset of one program"
REBUILD = "rebuild, compile and fit"


class Trials(Work):
    """`settings["trials"]` trials, each on all events for a few epochs."""

    packages = ("keras", "tensorflow", "kerashep")

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.sample, self.held_out = from_settings(settings)
        self.pipeline = as_pipeline(self.sample, settings["batch_size"])
        self.rates = np.geomspace(3e-4, 3e-3, settings["trials"])
        self.model: Any = None

    def warm_up(self, name: str) -> None:
        """One trial either way."""
        rates, self.rates = self.rates, self.rates[-1:]
        self.run(name)
        self.rates = rates

    def prepare(self, name: str) -> None:  # noqa: ARG002
        """Forgets all models, in either way."""
        self.model = None
        keras.utils.clear_session()

    def run(self, name: str) -> None:
        """All trials; building and compiling belong to the time either way."""
        if name == RESET:
            trainer = CompiledTrainer(build_network(self.settings), self.pipeline)
            for seed, rate in enumerate(self.rates):
                self._reset(trainer, seed, rate)
            return
        for seed, rate in enumerate(self.rates):
            self._rebuild(seed, rate)

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """Held-out loss of the last trial, which has the same learning rate."""
        inputs = self.held_out.inputs
        scores = self.model.predict(inputs, batch_size=8192, verbose=0)
        return {"held_out_loss": weighted_loss(scores, self.held_out)}

    def parts(self) -> dict[str, float]:
        """Processor seconds of building and compiling, of resets and of `fit`."""
        epochs, trainers = self.settings["epochs"], []

        def build_and_fit() -> None:
            network = build_network(self.settings)
            trainers.append(CompiledTrainer(network, self.pipeline))
            trainers[0].fit(epochs=epochs)

        first = seconds_of(build_and_fit)
        trainer, resets, after, without = trainers[0], [], [], []
        for seed in range(6):
            resets.append(seconds_of(lambda s=seed: trainer.reset(s)))
            after.append(seconds_of(lambda: trainer.fit(epochs=epochs)))
            without.append(seconds_of(lambda: trainer.fit(epochs=epochs)))
        reset, fit = float(np.median(resets[1:])), float(np.median(without))
        return {
            "once: building and compiling": first - fit,
            "once: learning how to reset": resets[0] - reset,
            "each trial: reset": reset,
            "each trial: fit after a reset": float(np.median(after)),
            "for comparison: fit without a reset before": fit,
        }

    def _reset(self, trainer: CompiledTrainer, seed: int, rate: float) -> None:
        trainer.reset(seed)
        trainer.model.optimizer.learning_rate = rate
        trainer.fit(epochs=self.settings["epochs"])
        self.model = trainer.model

    def _rebuild(self, seed: int, rate: float) -> None:
        keras.utils.clear_session()
        self.model = build_network(self.settings, seed)
        self.model.optimizer.learning_rate = rate
        self.model.fit(
            self.sample.inputs,
            self.sample.y,
            sample_weight=self.sample.w,
            batch_size=self.settings["batch_size"],
            epochs=self.settings["epochs"],
            verbose=0,
        )


def build(settings: dict[str, Any]) -> Trials:
    """Called by the worker."""
    return Trials(settings)
