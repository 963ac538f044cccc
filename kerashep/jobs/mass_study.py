"""`kerashep reproduce` of a mass regression: networks beside the usual estimates."""

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep._files import atomic_path, content_digest, require_writable
from kerashep.data.events import Events
from kerashep.datasets.mass_jets import load_mass_jets
from kerashep.jobs.cell_store import (
    discard_cells,
    file_hashes,
    source_identity,
)
from kerashep.jobs.environment import package_code
from kerashep.jobs.mass_table import mass_document, mass_text
from kerashep.jobs.regression_study import RegressionStudy, load_regression
from kerashep.jobs.reproduce import progress_with_time
from kerashep.jobs.results_file import add_to_results, read_results
from kerashep.jobs.source import Source, load_events, split, with_files
from kerashep.training.recipe import Recipe, load_recipe
from kerashep.training.versions import versions

Say = Callable[[str], None]
Predictions = NDArray[np.float32]


@dataclass(frozen=True)
class MassCell:
    """One training of a study.

    Attributes:
        label: Row of the table.
        recipe: How to train.
        seed: Of the training; events and their split are the same for all.
        path: Where the predictions for the test events are kept.
    """

    label: str
    recipe: Recipe
    seed: int
    path: Path

    def __str__(self) -> str:
        return f"{self.label}, seed {self.seed}"

    def read(self) -> tuple[Predictions, float] | None:
        """Predictions and seconds of a finished training; None of any other."""
        if not self.path.is_file():
            return None
        with np.load(self.path, allow_pickle=False) as kept:
            return kept["prediction"], float(kept["seconds"])


def mass_study_job(
    name: str,
    *,
    study: str | None,
    data: Sequence[Path],
    output: Path | None,
    quick: bool,
    seeds: int | None,
    workers: int | None,
    restart: bool,
    say: Say,
) -> str:
    """Runs a study of regressions, writes its results and returns its table.

    All trainings see the same jets and the same split, so that rows are compared on the
    same test jets. Predictions of finished trainings are kept beside the results: the
    same command continues after an interruption.

    Args:
        name: Published model.
        study: One of its regressions.
        data: Folder in which generated jets are kept.
        output: JSON file, to which the study is added; by default `runs/<name>.json`.
        quick: Few events, epochs and seeds.
        seeds: Trainings a row instead of the study's number.
        workers: Processes.
        restart: Whether to discard what is kept.
        say: Receives progress.

    Raises:
        ValueError: For an unknown name, rows that differ in their events, or a training
            that fails twice.
    """
    study_name, plan = load_regression(name, study)
    source = Source.from_options(data, None)
    target = output or Path("runs") / f"{name}.json"
    require_writable(target, "-o")
    read_results(target)
    folder = target.with_suffix(".cells") / study_name
    cells = study_cells(plan, source, folder, quick=quick, seeds=seeds)
    if restart:
        discard_cells(folder, "*.npz")
    recipe = cells[0].recipe
    parts = split(recipe, load_events(recipe, source, seed=recipe.data.split.seed))
    say(f"{plan.title}: {len(cells)} trainings")
    results = _run(cells, workers, say)
    document = mass_document(
        plan, recipe, parts, results, untrained_masses(recipe, parts)
    )
    document |= {
        "regression": f"{name}/{study_name}",
        "quick": quick,
        "date": dt.date.today().isoformat(),
        "versions": versions(),
        "code": package_code(),
        "data": file_hashes(source),
    }
    add_to_results(target, study_name, document)
    return f"{mass_text(document)}\n\nWritten: {target}"


def study_cells(
    plan: RegressionStudy,
    source: Source,
    folder: Path,
    *,
    quick: bool,
    seeds: int | None,
) -> list[MassCell]:
    """All trainings of a study, row by row.

    Args:
        plan: Its rows.
        source: Folder of the jets, if any.
        folder: Where predictions are kept.
        quick: Whether the quick settings of study and recipe apply.
        seeds: Trainings a row instead of the study's number.

    Raises:
        ValueError: If rows differ in their events.
    """
    count = seeds or (plan.quick.seeds if quick else plan.seeds)
    common = (*plan.settings, *(plan.quick.settings if quick else ()))
    same = {"versions": versions(), "code": package_code()}
    cells = []
    for row in plan.rows:
        settings = [*common, *row.settings]
        recipe = load_recipe(plan.recipe, overrides=settings, quick=quick)
        recipe = with_files(recipe, source, _silent)
        for seed in range(1, count + 1):
            decisive = {
                "recipe": recipe.model_dump(mode="json"),
                "source": source_identity(source),
                "seed": seed,
                **same,
            }
            path = folder / f"{content_digest(decisive)}.npz"
            cells.append(MassCell(row.label, recipe, seed, path))
    if any(cell.recipe.data != cells[0].recipe.data for cell in cells):
        raise ValueError("Rows of a study of regressions must have the same `data`.")
    return cells


def run_mass_cell(cell: MassCell) -> tuple[Predictions, float]:
    """Trains, predicts the test events and keeps the predictions."""
    from kerashep.export.batch_predictor import predictor
    from kerashep.training.fit import train

    data = cell.recipe.data
    events = load_events(cell.recipe, Source(), seed=data.split.seed)
    parts = split(cell.recipe, events)
    begin = time.perf_counter()
    trained = train(cell.recipe, parts, seed=cell.seed)
    seconds = time.perf_counter() - begin
    prediction = predictor(trained.model)(parts["test"].features)
    cell.path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(cell.path) as target, target.open("wb") as file:
        np.savez(file, prediction=prediction, seconds=seconds)
    return prediction, seconds


def untrained_masses(
    recipe: Recipe, parts: Mapping[str, Events]
) -> dict[str, NDArray[Any]]:
    """Estimates of the mass of the test jets without a network, by name.

    Args:
        recipe: Names the data set.
        parts: Of its events.

    Returns:
        Soft-drop mass of the measured constituents, where the data set has one; mass of
        all of them; and, for how narrow the true masses are, one number for all: the
        median true mass of the training jets.
    """
    data, test = recipe.data, parts["test"]
    jets = load_mass_jets(
        data.dataset, path=data.folder, seed=data.split.seed, **data.arguments
    )
    constant = np.full(len(test), np.median(parts["train"].target))
    groomed = jets.groomed_mass
    found = {} if groomed is None else {"Soft-drop mass": groomed[test.event_id]}
    return {
        **found,
        "Jet mass": jets.jet_mass[test.event_id],
        "One mass for all": constant,
    }


def _silent(message: str) -> None:
    """Notices of a row are those of the study."""


def _run(
    cells: Sequence[MassCell], workers: int | None, say: Say
) -> list[tuple[MassCell, Predictions, float]]:
    from kerashep.training.pool import run_pool

    kept = {cell.path: cell.read() for cell in cells}
    missing = [cell for cell in cells if kept[cell.path] is None]
    if len(missing) < len(cells):
        say(f"  {len(cells) - len(missing)} of them are there already")
    outcomes = run_pool(
        run_mass_cell, missing, workers=workers, progress=progress_with_time(say)
    )
    for cell, outcome in zip(missing, outcomes, strict=True):
        if not outcome.ok:
            raise ValueError(f"Training '{cell}' failed: {outcome.error}")
        kept[cell.path] = outcome.value
    results = []
    for cell in cells:
        found = kept[cell.path]
        assert found is not None  # noqa: S101  (as run above)
        results.append((cell, *found))
    return results
