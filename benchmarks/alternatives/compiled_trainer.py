"""kerashep: `CompiledTrainer` on resident tables."""

from typing import Any

import numpy as np

from benchmarks.alternatives.keras_networks import build_network
from benchmarks.events import Sample, from_settings, weighted_loss
from benchmarks.worker import Work
from kerashep.data.events import Events
from kerashep.data.pipeline import BatchPipeline
from kerashep.data.symmetry import PhiRotation, Reflection, Symmetry, Vector
from kerashep.training.compiled import CompiledTrainer


def as_pipeline(
    sample: Sample, batch_size: int, *, augmented: bool = False
) -> BatchPipeline:
    """Shuffled batches of all events, as `fit` on arrays gives them.

    Args:
        sample: The events.
        batch_size: Events a batch.
        augmented: Whether momenta, of which the first 15 features are five, are rotated
            and reflected at random.
    """
    rows, features = sample.x.shape
    parameters = np.zeros((rows, 0), "float32") if sample.m is None else sample.m
    events = Events(
        features=sample.x,
        feature_names=tuple(f"feature_{i}" for i in range(features)),
        label=sample.y[:, 0],
        provenance="simulated",
        parameters=parameters,
        parameter_names=() if sample.m is None else ("mass",),
        training_weight=sample.w,
    )
    transforms: tuple[Symmetry, ...] = ()
    if augmented:
        names = events.feature_names
        momenta = [Vector(*names[3 * i : 3 * i + 3]) for i in range(5)]
        mirrors = (Reflection("y", momenta), Reflection("z", momenta))
        transforms = (PhiRotation(momenta), *mirrors)
    return BatchPipeline(
        events,
        batch_size=batch_size,
        transforms=transforms,
        parametric=sample.m is not None,
    )


class State:
    """Values of all variables of a trainer, to go back to.

    Not `CompiledTrainer.reset`, which has a price of its own: see `members`.
    """

    def __init__(self, trainer: CompiledTrainer) -> None:
        model = trainer.model
        self.variables = [*model.variables, *model.optimizer.variables]
        self.values = [np.array(variable) for variable in self.variables]

    def restore(self) -> None:
        """Assigns the values."""
        for variable, value in zip(self.variables, self.values, strict=True):
            variable.assign(value)


class CompiledTraining(Work):
    """One training; each run starts from the same weights, assigned untimed."""

    packages = ("keras", "tensorflow", "kerashep")

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        sample, self.held_out = from_settings(settings)
        augmented = settings.get("augmented", False)
        batch_size = settings["batch_size"]
        self.pipeline = as_pipeline(sample, batch_size, augmented=augmented)
        self.trainer = CompiledTrainer(build_network(settings), self.pipeline)
        self.state = State(self.trainer)

    def warm_up(self, name: str) -> None:
        """Two epochs, which compile everything."""
        self.prepare(name)
        self.trainer.fit(epochs=min(2, self.settings["epochs"]))

    def prepare(self, name: str) -> None:  # noqa: ARG002
        """Initial weights and optimizer state."""
        self.state.restore()

    def run(self, name: str) -> None:  # noqa: ARG002
        """Trains."""
        self.trainer.fit(epochs=self.settings["epochs"])

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """Loss on held-out events; whether XLA ran the steps."""
        inputs = self.held_out.inputs
        scores = self.trainer.model.predict(inputs, batch_size=8192, verbose=0)
        return {
            "held_out_loss": weighted_loss(scores, self.held_out),
            "compiled": float(self.trainer.compiled),
            "traces": float(self.trainer.traces),
        }

    def parts(self) -> dict[str, float]:
        """Where the time of a training goes, see `step_parts`."""
        from benchmarks.alternatives.step_parts import training_parts

        network, epochs = self.settings["network"], self.settings["epochs"]
        return training_parts(self.trainer, self.pipeline, network, epochs)


def build(settings: dict[str, Any]) -> CompiledTraining:
    """Called by the worker."""
    return CompiledTraining(settings)
