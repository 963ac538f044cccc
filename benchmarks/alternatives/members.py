"""Members of an ensemble in one process: one program, reset for each member."""

from typing import Any

import numpy as np

from benchmarks.alternatives.compiled_trainer import State, as_pipeline
from benchmarks.alternatives.keras_networks import build_network
from benchmarks.events import from_settings
from benchmarks.worker import Work, seconds_of
from kerashep.training.compiled import CompiledTrainer

ONE = "one member"
ALL = "all members"
ANEW = " anew"  # with building and compiling


class Members(Work):
    """One or all members; `... anew` also builds and compiles within the time."""

    packages = ("keras", "tensorflow", "kerashep")

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        sample, _ = from_settings(settings)
        self.pipeline = as_pipeline(sample, settings["batch_size"])
        self.trainer = self._new_trainer()
        self.state = State(self.trainer)
        self.trainer.reset(0)  # the first one learns how to reset

    def warm_up(self, name: str) -> None:  # noqa: ARG002
        """Two members: the steps are compiled then, and have run in both ways."""
        self.train(self.trainer, 0)
        self.train(self.trainer, None)

    def prepare(self, name: str) -> None:
        """For one member alone: a training before, and its initial state again.

        After a reset TensorFlow prepares the compiled steps anew when they are next
        called, which is no part of the time of a member.
        """
        if name == ONE:
            self.train(self.trainer, None)
            self.state.restore()

    def run(self, name: str) -> None:
        """Trains. One member alone is a `fit` and no more."""
        trainer = self._new_trainer() if name.endswith(ANEW) else self.trainer
        if name.startswith(ONE):
            self.train(trainer, None)
            return
        for seed in range(self.settings["members"]):
            self.train(trainer, seed)

    def train(self, trainer: CompiledTrainer, seed: int | None) -> float:
        """Trains one member, after a reset if there is a seed.

        Returns:
            Training loss of its last epoch.
        """
        if seed is not None:
            trainer.reset(seed)
        history = trainer.fit(epochs=self.settings["epochs"]).history
        self.traces, self.loss = trainer.traces, float(history["loss"][-1])
        return self.loss

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """Training loss of the member trained last; how often steps were compiled."""
        return {"training_loss": self.loss, "traces": float(self.traces)}

    def parts(self) -> dict[str, float]:
        """Processor seconds of a reset and of `fit`, after a reset and without one."""
        resets, after, without = [], [], []
        for seed in range(5):
            without.append(seconds_of(lambda: self.train(self.trainer, None)))
            resets.append(seconds_of(lambda s=seed: self.trainer.reset(s)))
            after.append(seconds_of(lambda: self.train(self.trainer, None)))
        return {
            "reset of a member": float(np.median(resets)),
            "fit after a reset": float(np.median(after)),
            "fit without a reset before": float(np.median(without)),
        }

    def _new_trainer(self) -> CompiledTrainer:
        return CompiledTrainer(build_network(self.settings), self.pipeline)


def build(settings: dict[str, Any]) -> Members:
    """Called by the worker."""
    return Members(settings)
