"""One trial: its folds one after the other in one process, each kept once done."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.training.recipe import Recipe
from kerashep.training.seeding import derive_seed
from kerashep.tuning.fold_file import FoldResult, read_fold, write_fold
from kerashep.tuning.fold_rows import FoldRows, fold_rows, tuned_events
from kerashep.tuning.objectives import Score, fold_scores
from kerashep.tuning.outcome import Outcome, outcome_of
from kerashep.tuning.study_file import Objective

_PROGRAMS = 6
_ROWS = 16_384
Load = Callable[[Recipe], Events]


@dataclass(frozen=True)
class TrialTask:
    """What to train, and where each fold is kept.

    Attributes:
        number: Of the trial, from 1.
        recipe: Of the trial, all settings applied.
        load: Importable function of a recipe that returns all its events.
        events: Names the events: trials of the same name have the same.
        objective: What is maximised.
        seed: Of the study.
        paths: One file a fold.
        thresholds: See `kerashep.tuning.outcome.outcome_of`.
    """

    number: int
    recipe: Recipe
    load: Load
    events: str
    objective: Objective
    seed: int
    paths: tuple[Path, ...]
    thresholds: tuple[float | None, ...]

    def __str__(self) -> str:
        return f"trial {self.number}"

    def outcome(self) -> Outcome:
        """From the folds that are kept."""
        results = [read_fold(path) for path in self.paths]
        return outcome_of(results, self.thresholds, self.objective.name)


class _LastEvents:
    """Events of the last trial, for the next one.

    Attributes:
        name: Of the events.
        events: None before the first trial.
    """

    def __init__(self) -> None:
        self.name = ""
        self.events: Events | None = None

    def of(self, task: TrialTask) -> Events:
        if self.events is None or self.name != task.events:
            self.name, self.events = "", None  # not both in memory
            self.events = tuned_events(task.recipe, task.load(task.recipe))
            self.name = task.events
        return self.events


# The tasks of a pool are separate calls in one process, with nothing else in common:
# only what belongs to the process outlives a task.
_last = _LastEvents()


def run_trial(task: TrialTask) -> None:
    """Trains folds that are not kept, until the trial is finished, pruned or failed.

    Args:
        task: The trial.
    """
    events = _last.of(task)
    rows = fold_rows(events, task.recipe, len(task.paths), task.seed)
    for fold, path in enumerate(task.paths):
        if task.outcome().status != "open":
            return
        if read_fold(path) is None:
            write_fold(path, _run_fold(task, fold, events, rows[fold]))


def _run_fold(task: TrialTask, fold: int, events: Events, rows: FoldRows) -> FoldResult:
    """One training, scored on the events that it has not seen."""
    from kerashep.training.trainer_cache import shared_programs

    begin = time.perf_counter()
    seed = derive_seed(task.seed, f"fold {fold}")
    parts = {"train": events.take(rows.train)}
    if len(rows.validation):
        parts["validation"] = events.take(rows.validation)
    with shared_programs(_PROGRAMS):
        trained = _trained(task.recipe, parts, seed)
    yields = [float(events.weight[events.label == kind].sum()) for kind in (0, 1)]
    try:
        scores = fold_scores(
            events.take(rows.held_out),
            _scorer(trained.model),
            yields=(yields[0], yields[1]),
            fraction=task.objective.fraction,
            regularisation=task.objective.regularisation,
        )
    except ValueError as error:  # no second training would end otherwise
        return FoldResult(error=str(error))
    seconds = time.perf_counter() - begin
    return FoldResult(scores, trained.parameters, trained.epochs, seconds)


@dataclass(frozen=True, eq=False)
class _Trained:
    """A served model, the parameters of one network, and the epochs trained."""

    model: Any
    parameters: int
    epochs: int


def _trained(recipe: Recipe, parts: dict[str, Events], seed: int) -> _Trained:
    if recipe.training.ensemble is not None:
        from kerashep.training.ensemble_fit import train_ensemble

        whole = train_ensemble(recipe, parts, seed=seed)
        weights = whole.folds.models[0].members[0].weights
        count = sum(weight.size for weight in weights)
        return _Trained(whole.model, count, len(whole.history))
    from kerashep.training.fit import train

    one = train(recipe, parts, seed=seed)
    return _Trained(one.model, one.core.count_params(), one.best_epoch)


def _scorer(model: Any) -> Score:
    """Scores by the layers as they are: to compile them takes longer than few events.

    Args:
        model: Takes raw features, and parameters if it has the input `m`.
    """
    from kerashep.zoo.inputs import model_inputs

    def score(x: NDArray[np.float32], m: NDArray[np.float32]) -> NDArray[np.float32]:
        inputs = model_inputs(model, x, m if m.shape[1] else None)
        found = []
        for start in range(0, len(x), _ROWS):
            block = {k: v[start : start + _ROWS] for k, v in inputs.items()}
            found.append(np.asarray(model(block, training=False), "float32")[:, 0])
        return np.concatenate(found)

    return score
