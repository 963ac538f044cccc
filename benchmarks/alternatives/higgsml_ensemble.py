"""The recipe higgsml_dense on simulated events: training, and scoring of many."""

from typing import Any

import numpy as np

from benchmarks.worker import Work
from kerashep.data.weights import with_training_weights
from kerashep.datasets import load_dataset
from kerashep.evaluation.curves import area_under_roc
from kerashep.evaluation.ranked import RankedScores
from kerashep.export.batch_predictor import predictor
from kerashep.training.ensemble_fit import TrainedEnsemble, train_ensemble
from kerashep.training.pool import run_pool
from kerashep.training.recipe import load_recipe

_FEW = 2000


class HiggsmlEnsemble(Work):
    """`train` all members; `score` events with the members trained last."""

    packages = ("keras", "tensorflow", "kerashep", "joblib")

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        folds = f"training.ensemble.folds={settings['folds']}"
        self.recipe, self.short = (
            load_recipe("higgsml_dense", overrides=[folds, f"training.epochs={epochs}"])
            for epochs in (settings["epochs"], 1)
        )
        events = load_dataset("higgs_simulated", events=settings["events"], seed=1)
        self.train = with_training_weights(events, "balanced")
        self.test = load_dataset("higgs_simulated", events=settings["scored"], seed=2)
        self.trained: TrainedEnsemble | None = None
        self.scored: TrainedEnsemble | None = None
        self.scores = np.empty(0, "float32")

    def warm_up(self, name: str) -> None:
        """Starts the processes of the pool; compiles the scores of a short training."""
        workers = self.settings["workers"]
        if name == "train":
            run_pool(_import_tensorflow, [0, 1], workers=workers)
            return
        parts = {"train": self.train}
        self.scored = train_ensemble(self.short, parts, workers=workers)
        self.scorer = predictor(self.scored.model, threads=workers)
        self.scorer(self.test.features[:_FEW])

    def prepare(self, name: str) -> None:
        """The weights of the whole training for the scores, once they are there."""
        if name == "score" and self.trained is not None and self.scored is not None:
            self.scored.model.set_weights(self.trained.model.get_weights())

    def run(self, name: str) -> None:
        """Trains or scores; the processor time of other processes is not known."""
        if name == "score":
            self.scores = self.scorer(self.test.features)
            return
        parts = {"train": self.train}
        workers = self.settings["workers"]
        self.trained = train_ensemble(self.recipe, parts, workers=workers)

    def outcome(self, name: str) -> dict[str, float]:
        """Mean validation loss of the members, or weighted AUC of all test events."""
        if name == "train" and self.trained is not None:
            losses = self.trained.folds.validation_losses
            return {"validation_loss": float(np.mean(losses))}
        ranked = RankedScores.from_scores(
            self.test.label, self.scores, self.test.weight
        )
        return {"roc_auc": float(area_under_roc(ranked.yields()))}


def _import_tensorflow(_: int) -> None:
    """So that the processes of the pool are ready."""
    import tensorflow  # noqa: F401, ICN001


def build(settings: dict[str, Any]) -> HiggsmlEnsemble:
    """Called by the worker."""
    return HiggsmlEnsemble(settings)
