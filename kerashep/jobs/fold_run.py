"""Folds of solutions: trained where missing, each kept once it is done."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerashep.data.events import Events
from kerashep.jobs.ablation import Ablation
from kerashep.jobs.ablation_cells import (
    FoldCell,
    FoldScores,
    events_of,
    fold_path,
    read_fold,
    run_fold,
)
from kerashep.jobs.cell_store import file_hashes
from kerashep.jobs.environment import machine, package_code
from kerashep.jobs.reproduce import progress_with_time
from kerashep.jobs.rivals import software
from kerashep.jobs.source import Source
from kerashep.training.recipe import load_recipe
from kerashep.training.versions import versions

Say = Callable[[str], None]


@dataclass(frozen=True)
class FoldRun:
    """How folds are trained.

    Attributes:
        source: File or folder of the events.
        overrides: Recipe values for all solutions, after their own.
        folder: Where finished folds are kept.
        quick: One seed, and the ablations' quick settings.
        seeds: Instead of the ablations' number.
        workers: Processes.
        say: Receives progress.
    """

    source: Source
    overrides: tuple[str, ...]
    folder: Path
    quick: bool
    seeds: int | None
    workers: int | None
    say: Say


@dataclass(frozen=True, eq=False)
class FoldResults:
    """All that was trained.

    Attributes:
        events: That were scored.
        folds: Every fold that is done, in the order of the table.
        failed: A line for every other one.
        decisive: Versions and code.
    """

    events: Events
    folds: list[tuple[FoldCell, FoldScores]]
    failed: list[str]
    decisive: dict[str, Any]

    def circumstances(self, run: FoldRun) -> dict[str, Any]:
        """What a results file says beside the numbers."""
        return {
            "quick": run.quick,
            "failed": self.failed,
            "date": dt.date.today().isoformat(),
            "machine": machine(),
            "data": file_hashes(run.source),
            **self.decisive,
        }


def run_folds(plan: Ablation, run: FoldRun) -> FoldResults:
    """Trains what is missing of all solutions, seeds and folds.

    Args:
        plan: What to compare.
        run: How.

    Raises:
        ValueError: If every training failed.
    """
    used = versions(*sorted({one for row in plan.rows for one in software(row.rival)}))
    decisive = {"versions": used, "code": package_code()}
    cells = fold_cells(plan, run, decisive)
    recipe = load_recipe(plan.recipe, overrides=cells[0].overrides)
    _, events = events_of(recipe, run.source)
    done, failed = _trained(plan.title, cells, run)
    if not done:
        raise ValueError("Every training failed. The first:\n" + failed[0])
    return FoldResults(events, done, failed, decisive)


def fold_cells(
    plan: Ablation, run: FoldRun, decisive: dict[str, Any]
) -> list[FoldCell]:
    """All folds of all solutions and seeds, in the order of the table.

    Args:
        plan: What to compare.
        run: How.
        decisive: Versions and code: other ones are other numbers.
    """
    count = run.seeds or (plan.quick.seeds if run.quick else plan.seeds)
    cells = []
    for row in plan.rows:
        settings = (*plan.overrides(row.label, quick=run.quick), *run.overrides)
        recipe = load_recipe(plan.recipe, overrides=settings)
        rival = plan.rival_of(row, quick=run.quick)
        for seed in range(1, count + 1):
            for fold in range(plan.folds):
                place = (seed, fold, plan.folds)
                options = (run.source, rival, place, decisive)
                path = fold_path(run.folder, recipe, *options)
                what = (row.label, plan.recipe, settings, run.source, rival)
                cells.append(FoldCell(*what, *place, path))
    return cells


def _trained(
    title: str, cells: Sequence[FoldCell], run: FoldRun
) -> tuple[list[tuple[FoldCell, FoldScores]], list[str]]:
    """Results of all folds, and the failures; trains only what is missing."""
    from kerashep.training.pool import run_pool

    kept = {cell.path: read_fold(cell.path) for cell in cells}
    missing = [cell for cell in cells if kept[cell.path] is None]
    run.say(f"{title}: {len(cells)} folds, {len(missing)} of them to be trained")
    progress = progress_with_time(run.say)
    outcomes = run_pool(run_fold, missing, workers=run.workers, progress=progress)
    failed = []
    for cell, outcome in zip(missing, outcomes, strict=True):
        kept[cell.path] = outcome.value
        if not outcome.ok:
            failed.append(f"{cell}: {outcome.error}")
    found = [(cell, kept[cell.path]) for cell in cells]
    return [(cell, scores) for cell, scores in found if scores is not None], failed
