"""One fold of one solution: trained on the other folds, scored, timed, kept."""

import time
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kerashep._files import atomic_path, content_digest
from kerashep.data.events import Events
from kerashep.data.splits import fold_indices
from kerashep.jobs.cell_store import source_identity
from kerashep.jobs.rivals import Rival, Score, fit_rival
from kerashep.jobs.source import Source, load_events, with_files
from kerashep.jobs.training_parts import training_parts
from kerashep.training.recipe import Recipe, load_recipe

_ARRAYS = ("rows", "score", "train_rows", "train_score")
_NUMBERS = ("training_seconds", "scoring_seconds")


@dataclass(frozen=True)
class FoldCell:
    """What to train, and which events to score.

    Attributes:
        label: Of the solution.
        recipe: Name of the recipe.
        overrides: All settings.
        source: Files or folder of the events.
        rival: What is trained instead of the recipe's network.
        seed: Of the folds and of the training.
        fold: Which fold is scored, from 0.
        folds: Number of folds.
        path: Where the result is kept.
    """

    label: str
    recipe: str
    overrides: tuple[str, ...]
    source: Source
    rival: Rival | None
    seed: int
    fold: int
    folds: int
    path: Path

    def __str__(self) -> str:
        return f"{self.label}, seed {self.seed}, fold {self.fold + 1}/{self.folds}"


@dataclass(frozen=True, eq=False)
class FoldScores:
    """Scores of one fold, and of the fold before it, which was trained on.

    Every event so has one score of each kind, each by one training.

    Attributes:
        rows: `(n,)` events of the fold.
        score: `(n,)`.
        train_rows: `(m,)` events of the fold before.
        train_score: `(m,)`.
        training_seconds: Wall time, compilation and searches included.
        scoring_seconds: Wall time of scoring the fold once more, compiled.
    """

    rows: NDArray[np.intp]
    score: NDArray[np.float32]
    train_rows: NDArray[np.intp]
    train_score: NDArray[np.float32]
    training_seconds: float
    scoring_seconds: float


def events_of(recipe: Recipe, source: Source) -> tuple[Recipe, Events]:
    """The recipe with the files, if any, and all its events.

    Args:
        recipe: Of the solution.
        source: Files or folder of the events.

    Raises:
        ValueError: If the events have parameters: folds are for events without.
    """
    recipe = with_files(recipe, source, _silent)
    events = load_events(recipe, source, seed=recipe.data.split.seed)
    if events.parameter_names:
        raise ValueError(
            "Solutions are compared on events without parameters. Received: "
            f"{', '.join(events.parameter_names)}. Use `kerashep reproduce`."
        )
    return recipe, events


def run_fold(cell: FoldCell) -> FoldScores:
    """Trains and scores one fold, from its seed alone, and keeps the result."""
    recipe, events = events_of(
        load_recipe(cell.recipe, overrides=cell.overrides), cell.source
    )
    folds = fold_indices(events, cell.folds, seed=cell.seed)
    rows, train_rows = folds[cell.fold], folds[cell.fold - 1]
    kept = np.ones(len(events), bool)
    kept[rows] = False
    begin = time.perf_counter()
    score = _trained(cell, recipe, events.take(kept))
    trained = time.perf_counter()
    test = events.take(rows)
    found = _scores(score, test)
    again = time.perf_counter()
    _scores(score, test)
    scoring = time.perf_counter() - again
    seen = _scores(score, events.take(train_rows))
    result = FoldScores(rows, found, train_rows, seen, trained - begin, scoring)
    _write(cell.path, result)
    return result


def _trained(cell: FoldCell, recipe: Recipe, train: Events) -> Score:
    if cell.rival is not None:
        folder = report_folder(cell)
        return fit_rival(cell.rival, recipe, train, seed=cell.seed, folder=folder)
    from kerashep.export.batch_predictor import predictor
    from kerashep.training.ensemble_fit import train_ensemble
    from kerashep.training.fit import train as train_one

    if recipe.training.ensemble is not None:
        parts = {"train": train}
        return predictor(train_ensemble(recipe, parts, seed=cell.seed).model)
    parts = training_parts(recipe, train, cell.seed)
    return predictor(train_one(recipe, parts, seed=cell.seed).model)


def _scores(score: Score, events: Events) -> NDArray[np.float32]:
    return np.asarray(score(events.features, events.parameters), "float32")


def report_folder(cell: FoldCell) -> Path:
    """Where an AutoML program writes its own report of a fold."""
    return cell.path.with_suffix(".automl")


def read_fold(path: Path) -> FoldScores | None:
    """The result kept in `path`; None if there is none, or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = [file[name] for name in _ARRAYS]
            return FoldScores(*arrays, *(float(file[name]) for name in _NUMBERS))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def fold_path(
    folder: Path,
    recipe: Recipe,
    source: Source,
    rival: Rival | None,
    place: tuple[int, int, int],
    decisive: Mapping[str, object],
) -> Path:
    """File of a fold, named after everything that decides its scores.

    Args:
        folder: Of all folds.
        recipe: Of the solution, all settings applied.
        source: Files or folder of the events.
        rival: What is trained instead of the recipe's network.
        place: Seed, fold, number of folds.
        decisive: Versions and code.
    """
    content = {
        "recipe": recipe.model_dump(mode="json", exclude={"name", "description"}),
        "source": source_identity(source),
        "rival": None if rival is None else [type(rival).__name__, dict(rival)],
        "place": place,
        **decisive,
    }
    return folder / f"{content_digest(content)}.npz"


def _write(path: Path, result: FoldScores) -> None:
    with atomic_path(path) as target, target.open("wb") as file:
        np.savez(file, allow_pickle=False, **asdict(result))


def _silent(message: str) -> None:
    """Notices are said once, by the caller."""
