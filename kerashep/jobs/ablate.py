"""`kerashep ablate`: solutions that differ by one technique, measured out of fold."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerashep._files import require_writable
from kerashep.evaluation import plots
from kerashep.jobs.ablation import FOLDER, Ablation, list_ablations, load_ablation
from kerashep.jobs.ablation_cells import (
    FoldCell,
    FoldScores,
    events_of,
    fold_path,
    read_fold,
    run_fold,
)
from kerashep.jobs.ablation_table import ablation_document, ablation_text
from kerashep.jobs.cell_store import discard_cells, file_hashes
from kerashep.jobs.environment import machine, package_code
from kerashep.jobs.reproduce import progress_with_time
from kerashep.jobs.results_file import add_to_results, read_results
from kerashep.jobs.source import Source
from kerashep.training.recipe import load_recipe
from kerashep.training.versions import versions

Say = Callable[[str], None]


@dataclass(frozen=True)
class AblationRun:
    """How ablations are run.

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


def ablate_job(
    name: str,
    *,
    ablations: Sequence[str],
    data: Sequence[Path],
    output: Path | None,
    overrides: Sequence[str],
    quick: bool,
    seeds: int | None,
    workers: int | None,
    restart: bool,
    say: Say,
) -> list[Path]:
    """Runs the ablations of a published model; writes results, tables and figures.

    Each finished fold is kept beside the results, in `<results>.cells/ablations`, and
    serves every ablation that has the same solution: the same command continues after
    an interruption, and trains only what is missing.

    Args:
        name: Published model, or its folder (`zoo/higgsml_dense`).
        ablations: Some of its ablations; all by default.
        data: File or folder of the events.
        output: JSON file of results; by default `runs/<name>.json`.
        overrides: Recipe values for all solutions, after their own.
        quick: One seed, and the ablations' quick settings.
        seeds: Instead of the ablations' number.
        workers: Processes.
        restart: Whether to discard the folds that are kept.
        say: Receives progress and tables.

    Returns:
        Files written.

    Raises:
        ValueError: For an unknown name, or if a training failed twice.
    """
    name = Path(name).name
    target = output or Path("runs") / f"{name}.json"
    require_writable(target, "-o")
    read_results(target)
    folder = target.with_suffix(".cells") / FOLDER
    if restart:
        discard_cells(folder, "*.npz")
    source = Source.from_options(data, None)
    run = AblationRun(source, tuple(overrides), folder, quick, seeds, workers, say)
    written = [target]
    chosen = list(ablations) or list_ablations(name)
    if not chosen:
        raise ValueError(f"The model '{name}' has no ablations.")
    for one in chosen:
        document = run_ablation(f"{name}/{one}", load_ablation(name, one), run)
        document["command"] = _command(name, one, data, run)
        add_to_results(target, one, document)
        say(ablation_text(document) + "\n")
        written += _figures(document, target.with_name(f"{target.stem}_figures"), one)
        if document["failed"]:
            lines = "\n".join(f"  {line}" for line in document["failed"])
            raise ValueError(f"Trainings of {one} failed:\n{lines}")
    return written


def run_ablation(key: str, plan: Ablation, run: AblationRun) -> dict[str, Any]:
    """Trains what is missing and measures all solutions.

    Args:
        key: `<model>/<ablation>`.
        plan: What to compare.
        run: How.

    Returns:
        The document for the results file.
    """
    used = versions(*sorted({row.trees.backend for row in plan.rows if row.trees}))
    decisive = {"versions": used, "code": package_code()}
    cells = fold_cells(plan, run, decisive)
    recipe = load_recipe(plan.recipe, overrides=cells[0].overrides)
    _, events = events_of(recipe, run.source)
    done, failed = _trained(plan.title, cells, run)
    if not done:
        raise ValueError("Every training failed. The first:\n" + failed[0])
    return {
        **ablation_document(key, plan, events, done),
        "quick": run.quick,
        "failed": failed,
        "date": dt.date.today().isoformat(),
        "machine": machine(),
        "data": file_hashes(run.source),
        **decisive,
    }


def fold_cells(
    plan: Ablation, run: AblationRun, decisive: dict[str, Any]
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
        trees = plan.trees_of(row, quick=run.quick)
        for seed in range(1, count + 1):
            for fold in range(plan.folds):
                place = (seed, fold, plan.folds)
                options = (run.source, trees, place, decisive)
                path = fold_path(run.folder, recipe, *options)
                what = (row.label, plan.recipe, settings, run.source, trees)
                cells.append(FoldCell(*what, *place, path))
    return cells


def _trained(
    title: str, cells: Sequence[FoldCell], run: AblationRun
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


def _command(name: str, one: str, data: Sequence[Path], run: AblationRun) -> str:
    words = ["kerashep", "ablate", name, "--table", one]
    words += [word for path in data for word in ("--data", path.name)]
    words += [word for text in run.overrides for word in ("--set", text)]
    words += ["--quick"] if run.quick else []
    words += [] if run.seeds is None else ["--seeds", str(run.seeds)]
    return " ".join(words)


def _figures(document: dict[str, Any], folder: Path, name: str) -> list[Path]:
    """Metrics by solution, times by solution, and contributions of each technique."""
    drawn = {
        "metrics": plots.plot_solutions(document),
        "times": plots.plot_solution_times(document),
        "contributions": plots.plot_contributions(document),
    }
    written = []
    for what, figure in drawn.items():
        if figure is not None:
            written.append(folder / f"{name}_{what}.png")
            plots.save_figure(figure, written[-1])
    return written
