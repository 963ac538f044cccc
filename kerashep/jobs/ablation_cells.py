"""One fold of one solution: trained on the other folds, scored, timed, kept."""

import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep._files import atomic_path, content_digest
from kerashep.data.events import Events
from kerashep.data.splits import fold_indices
from kerashep.jobs.ablation import Trees
from kerashep.jobs.cell_store import source_identity
from kerashep.jobs.source import Source, load_events, with_files
from kerashep.training.recipe import Recipe, load_recipe

Score = Callable[[NDArray[np.float32], NDArray[np.float32]], ArrayLike]
_NUMBERS = ("training_seconds", "scoring_seconds")


@dataclass(frozen=True)
class FoldCell:
    """What to train, and which events to score.

    Attributes:
        label: Of the solution.
        recipe: Name of the recipe.
        overrides: All settings.
        source: Files or folder of the events.
        trees: Boosted trees instead of the recipe's network.
        seed: Of the folds and of the training.
        fold: Which fold is scored, from 0.
        folds: Number of folds.
        path: Where the result is kept.
    """

    label: str
    recipe: str
    overrides: tuple[str, ...]
    source: Source
    trees: Trees | None
    seed: int
    fold: int
    folds: int
    path: Path

    def __str__(self) -> str:
        return f"{self.label}, seed {self.seed}, fold {self.fold + 1}/{self.folds}"


@dataclass(frozen=True, eq=False)
class FoldScores:
    """Scores of one fold.

    Attributes:
        rows: `(n,)` which events they are.
        score: `(n,)`.
        training_seconds: Wall time, compilation and searches included.
        scoring_seconds: Wall time of scoring the fold once more, compiled.
    """

    rows: NDArray[np.intp]
    score: NDArray[np.float32]
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
            "`kerashep ablate` is for events without parameters. Received: "
            f"{', '.join(events.parameter_names)}. Use `kerashep reproduce`."
        )
    return recipe, events


def run_fold(cell: FoldCell) -> FoldScores:
    """Trains and scores one fold, from its seed alone, and keeps the result."""
    recipe, events = events_of(
        load_recipe(cell.recipe, overrides=cell.overrides), cell.source
    )
    rows = fold_indices(events, cell.folds, seed=cell.seed)[cell.fold]
    kept = np.ones(len(events), bool)
    kept[rows] = False
    begin = time.perf_counter()
    score = _trained(cell, recipe, events.take(kept))
    trained = time.perf_counter()
    test = events.take(rows)
    found = np.asarray(score(test.features, test.parameters), "float32")
    again = time.perf_counter()
    score(test.features, test.parameters)
    scoring = time.perf_counter() - again
    result = FoldScores(rows, found, trained - begin, scoring)
    _write(cell.path, result)
    return result


def _trained(cell: FoldCell, recipe: Recipe, train: Events) -> Score:
    if cell.trees is not None:
        from kerashep.automl import TunedTrees

        trees = TunedTrees(**cell.trees.model_dump(), seed=cell.seed)
        return trees.fit(train).score
    from kerashep.export.batch_predictor import predictor
    from kerashep.training.ensemble_fit import train_ensemble
    from kerashep.training.fit import train as train_one

    parts = {"train": train}
    if recipe.training.ensemble is not None:
        return predictor(train_ensemble(recipe, parts, seed=cell.seed).model)
    return predictor(train_one(recipe, parts, seed=cell.seed).model)


def read_fold(path: Path) -> FoldScores | None:
    """The result kept in `path`; None if there is none, or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            numbers = {name: float(file[name]) for name in _NUMBERS}
            return FoldScores(file["rows"], file["score"], **numbers)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def fold_path(
    folder: Path,
    recipe: Recipe,
    source: Source,
    trees: Trees | None,
    place: tuple[int, int, int],
    decisive: Mapping[str, object],
) -> Path:
    """File of a fold, named after everything that decides its scores.

    Args:
        folder: Of all folds.
        recipe: Of the solution, all settings applied.
        source: Files or folder of the events.
        trees: Boosted trees, if any.
        place: Seed, fold, number of folds.
        decisive: Versions and code.
    """
    content = {
        "recipe": recipe.model_dump(mode="json", exclude={"name", "description"}),
        "source": source_identity(source),
        "trees": None if trees is None else trees.model_dump(),
        "place": place,
        **decisive,
    }
    return folder / f"{content_digest(content)}.npz"


def _write(path: Path, result: FoldScores) -> None:
    with atomic_path(path) as target, target.open("wb") as file:
        np.savez(file, allow_pickle=False, **asdict(result))


def _silent(message: str) -> None:
    """Notices are said once, by the caller."""
