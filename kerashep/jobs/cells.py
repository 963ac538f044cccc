"""One cell of a study: a row at one scan value with one seed, trained and evaluated."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kerashep.data.events import Events
from kerashep.datasets.registry import is_drawn, takes_seed
from kerashep.evaluation.limit import LimitComparison, compare_with_likelihood_ratio
from kerashep.evaluation.mass_metrics import MassMetrics
from kerashep.evaluation.per_mass import Score, evaluate_per_mass
from kerashep.jobs.limits import likelihood_ratio
from kerashep.jobs.source import (
    Source,
    load_events,
    split,
    training_masses,
    with_files,
    without_masses,
)
from kerashep.jobs.study import Row
from kerashep.training.recipe import Recipe, load_recipe

TEST_SEED = 1_000_003
BOOTSTRAP = 50


@dataclass(frozen=True)
class Cell:
    """What to train and on what to evaluate it.

    Attributes:
        row: Line of the table.
        scan_value: Where on the scan, if the study has one.
        seed: Of the events (or the split of a file) and of the training.
        recipe: Name of the recipe.
        overrides: All settings of this cell.
        quick: Whether the recipe's quick settings apply.
        source: Files or folder of the events.
        test: Arguments of an independent test sample, if any.
        masses_gev: Where to evaluate; the training masses if None.
        limit: Whether to compare with the data set's likelihood ratio.
        drop_masses: Masses in GeV whose signal is not trained on.
    """

    row: Row
    scan_value: float | None
    seed: int
    recipe: str
    overrides: tuple[str, ...]
    quick: bool
    source: Source
    test: tuple[tuple[str, Any], ...] | None
    masses_gev: tuple[float, ...] | None
    limit: bool
    drop_masses: tuple[float, ...] = ()

    def __str__(self) -> str:
        at = "" if self.scan_value is None else f" at {self.scan_value:g}"
        return f"{self.row.key}{at}, seed {self.seed}"


@dataclass(frozen=True)
class CellResult:
    """Numbers of one cell.

    Attributes:
        provenance: Of the events.
        per_mass: One entry a mass.
        limit: Shares of the limit, one entry a mass, if asked for.
        training_events: Number of events trained on.
        seconds: Wall time of the training.
        drawn: Whether each seed has events of its own, rather than those of files.
        shared_test: Whether all seeds have the same test events: those of a data set
            that is only read.
    """

    provenance: str
    per_mass: tuple[MassMetrics, ...]
    limit: tuple[LimitComparison, ...]
    training_events: int
    seconds: float
    drawn: bool = True
    shared_test: bool = False


def run_cell(cell: Cell) -> CellResult:
    """Trains and evaluates one cell, from its seed alone."""
    recipe = load_recipe(cell.recipe, overrides=cell.overrides, quick=cell.quick)
    recipe = with_files(recipe, cell.source, _silent)
    parts, test = _samples(cell, recipe)
    begin = time.perf_counter()
    score = (
        _fit_trees(cell, parts) if cell.row.trees else _fit_network(recipe, parts, cell)
    )
    seconds = time.perf_counter() - begin
    shared = _has_own_test(cell) and not takes_seed(_test_dataset(cell, recipe))
    options = {"bootstrap": BOOTSTRAP, "seed": TEST_SEED if shared else cell.seed}
    metrics = evaluate_per_mass(test, score, cell.masses_gev, **options)
    limit: Sequence[LimitComparison] = ()
    if cell.limit:
        best = evaluate_per_mass(
            test, likelihood_ratio(recipe), cell.masses_gev, **options
        )
        limit = compare_with_likelihood_ratio(metrics, best)
    return CellResult(
        provenance=test.provenance,
        per_mass=tuple(metrics),
        limit=tuple(limit),
        training_events=len(parts["train"]),
        seconds=seconds,
        drawn=not cell.source.files and is_drawn(recipe.data.dataset),
        shared_test=shared,
    )


def _samples(cell: Cell, recipe: Recipe) -> tuple[dict[str, Events], Events]:
    events = load_events(recipe, cell.source, seed=cell.seed)
    _check_dropped(cell, events)
    parts = {
        name: part if name == "test" else without_masses(part, cell.drop_masses)
        for name, part in split(recipe, events, seed=cell.seed).items()
    }
    if not _has_own_test(cell):
        return parts, parts["test"]
    arguments = dict(cell.test or ())
    arguments.pop("dataset", None)
    dataset = _test_dataset(cell, recipe)
    kept = recipe.data.arguments if dataset == recipe.data.dataset else {}
    data = recipe.data.model_copy(
        update={"dataset": dataset, "arguments": {**kept, **arguments}}
    )
    sample = recipe.model_copy(update={"data": data})
    test = load_events(sample, cell.source, seed=TEST_SEED + cell.seed)
    return parts, test


def _has_own_test(cell: Cell) -> bool:
    return cell.test is not None and not cell.source.files


def _test_dataset(cell: Cell, recipe: Recipe) -> str:
    named: str = dict(cell.test or ()).get("dataset", recipe.data.dataset)
    return named


def _check_dropped(cell: Cell, events: Events) -> None:
    present = training_masses(events)
    if cell.drop_masses and not set(cell.drop_masses) < set(present):
        raise ValueError(
            f"`drop_masses` of the row '{cell.row.key}' must name masses of the "
            f"signal, {list(present)} GeV, and leave one. "
            f"Received: {list(cell.drop_masses)}."
        )


def _fit_network(recipe: Recipe, parts: dict[str, Events], cell: Cell) -> Score:
    from kerashep.export.batch_predictor import predictor
    from kerashep.training.fit import train
    from kerashep.training.trainer_cache import shared_programs

    with shared_programs():
        return predictor(train(recipe, parts, seed=cell.seed).model)


def _fit_trees(cell: Cell, parts: dict[str, Events]) -> Score:
    from kerashep.automl import BoostedTrees, IndividualTrees, TunedTrees

    train, validation = parts["train"], parts.get("validation")
    if cell.row.trees == "tuned":
        tuned = TunedTrees(seed=cell.seed)
        if cell.quick:
            tuned = replace(tuned, trials=2, members=1)
        return tuned.fit(train, validation).score
    if cell.row.trees == "individual":
        return IndividualTrees(seed=cell.seed).fit(train, validation).score
    return BoostedTrees(seed=cell.seed).fit(train, validation).score


def _silent(message: str) -> None:
    """Notices of a cell are those of the study, said once by the caller."""
