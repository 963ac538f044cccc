"""`kerashep compare`: a recipe's network against AutoML, trees and a search."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerashep._files import require_writable
from kerashep._messages import did_you_mean
from kerashep.jobs.ablation import Ablation, QuickAblation, Solution
from kerashep.jobs.ablation_cells import report_folder
from kerashep.jobs.cell_store import discard_cells
from kerashep.jobs.compare_report import write_comparison
from kerashep.jobs.compare_table import compare_document, compare_text
from kerashep.jobs.contestants import measure_contestant
from kerashep.jobs.fold_run import FoldResults, FoldRun, Say, run_folds
from kerashep.jobs.results_file import add_to_results, read_results
from kerashep.jobs.rivals import AutoML, NetworkSearch, Trees
from kerashep.jobs.source import Source
from kerashep.training.recipe import Recipe, load_recipe

RIVALS = ("automl", "lightgbm", "xgboost", "tuned")
QUICK_SECONDS = 10.0
MANY = 10_000  # trials: the time budget ends a search
STUDY = "comparison"


@dataclass(frozen=True)
class Contest:
    """Who is compared, and how.

    Attributes:
        recipe: Name or path of the recipe whose network is the first contestant.
        overrides: Recipe values.
        rivals: Some of `RIVALS`.
        seconds: Time budget of each solution and fold.
        folds: Into how many the events are divided.
        seeds: How often, each time with other folds and trainings.
        mode: Of AutoML.
        space: Of the search for a network; by default the first of the recipe's model.
        quick: Whether the recipe's quick settings apply, and 10 s a fold.
    """

    recipe: str
    overrides: tuple[str, ...]
    rivals: tuple[str, ...]
    seconds: float = 300.0
    folds: int = 5
    seeds: int = 1
    mode: str = "Perform"
    space: str | None = None
    quick: bool = False

    @property
    def budget(self) -> float:
        """Seconds of each solution and fold."""
        return min(self.seconds, QUICK_SECONDS) if self.quick else self.seconds

    def resolved(self) -> Recipe:
        """The recipe with all its settings."""
        return load_recipe(self.recipe, overrides=self.overrides, quick=self.quick)

    def plan(self) -> Ablation:
        """One line a solution.

        Raises:
            ValueError: For an unknown rival, or a model without a space.
        """
        recipe = self.resolved()
        rows = [Solution(label="network")]
        rows += [self._rival(name, recipe) for name in self.rivals]
        names = ", ".join(row.label for row in rows)
        return Ablation(
            title=f"{recipe.name}: {names}",
            recipe=self.recipe,
            folds=self.folds,
            seeds=self.seeds,
            rows=tuple(rows),
            quick=QuickAblation.model_validate({"set": recipe.quick, "trials": MANY}),
        )

    def _rival(self, name: str, recipe: Recipe) -> Solution:
        seconds = self.budget
        if name not in RIVALS:
            raise ValueError(f"Unknown rival '{name}'." + did_you_mean(name, RIVALS))
        if name == "automl":
            automl = AutoML.model_validate({"mode": self.mode, "seconds": seconds})
            return Solution(label=f"AutoML ({self.mode})", automl=automl)
        if name == "tuned":
            space = self.space or _space_of(recipe)
            search = NetworkSearch(space=space, trials=MANY, seconds=seconds)
            return Solution(label="tuned network", search=search)
        trees = {"backend": name, "trials": MANY, "seconds": seconds}
        label = {"lightgbm": "LightGBM", "xgboost": "XGBoost"}[name]
        return Solution(label=label, trees=Trees.model_validate(trees))

    def command(self, data: Sequence[Path]) -> str:
        """The command line that asks for this."""
        words = ["kerashep", "compare", self.recipe, "--with", ",".join(self.rivals)]
        words += [word for path in data for word in ("--data", path.name)]
        words += [word for text in self.overrides for word in ("--set", text)]
        words += ["--seconds", f"{self.seconds:g}", "--folds", str(self.folds)]
        words += ["--seeds", str(self.seeds), "--mode", self.mode]
        words += ["--space", self.space] if self.space else []
        return " ".join([*words, "--quick"] if self.quick else words)


def compare_job(
    contest: Contest,
    *,
    data: Sequence[Path],
    provenance: str | None,
    output: Path | None,
    workers: int | None,
    restart: bool,
    say: Say,
) -> list[Path]:
    """Trains all solutions on the same folds; writes one JSON file and one page.

    Each finished fold is kept beside the results, in `<results>.cells/comparison`: the
    same command continues after an interruption, and with further rivals trains only
    these.

    Args:
        contest: Who is compared, and how.
        data: File or folder of the events.
        provenance: What files hold.
        output: JSON file; by default `runs/compare_<recipe>.json`. The page is beside.
        workers: Processes.
        restart: Whether to discard the folds that are kept.
        say: Receives progress and tables.

    Returns:
        Files written.

    Raises:
        ValueError: For an unknown name, events with parameters or with negative
            weights, or if a training failed.
    """
    plan, recipe = contest.plan(), contest.resolved()
    target = output or Path("runs") / f"compare_{recipe.name}.json"
    require_writable(target, "-o")
    read_results(target)
    folder = target.with_suffix(".cells") / STUDY
    if restart:
        _discard(folder)
    source = Source.from_options(data, provenance)
    settings = (contest.overrides, folder, contest.quick, contest.seeds, workers, say)
    run = FoldRun(source, *settings)
    found = run_folds(plan, run)
    document, page = _written(contest, plan, run, found, target, data)
    say(compare_text(document) + "\n")
    if found.failed:
        lines = "\n".join(f"  {line}" for line in found.failed)
        raise ValueError(f"Trainings failed:\n{lines}")
    return [target, page]


def _written(
    contest: Contest,
    plan: Ablation,
    run: FoldRun,
    found: FoldResults,
    target: Path,
    data: Sequence[Path],
) -> tuple[dict[str, Any], Path]:
    """The document and the page, both on disk."""
    recipe, events = contest.resolved(), found.events
    measured = [
        measure_contestant(row.label, events, found.folds, ams=recipe.evaluation.ams)
        for row in plan.rows
    ]
    contestants = [one for one in measured if one is not None]
    if not contestants:
        raise ValueError("No solution has all its folds:\n" + "\n".join(found.failed))
    document = {
        "title": plan.title,
        "provenance": events.provenance,
        "events": len(events),
        "folds": plan.folds,
        **compare_document(contestants, found.folds, seconds=contest.budget),
        **found.circumstances(run),
        "command": contest.command(data),
    }
    add_to_results(target, STUDY, document)
    page = target.with_suffix(".html")
    write_comparison(
        document,
        contestants,
        recipe=recipe.to_yaml(),
        reports=_reports(found),
        path=page,
    )
    return document, page


def _reports(found: FoldResults) -> dict[str, Path]:
    """Reports that AutoML programs wrote of their folds."""
    reports: dict[str, Path] = {}
    for cell, _ in found.folds:
        for name in ("README.html", "README.md"):
            path = report_folder(cell) / name
            if path.exists():
                reports.setdefault(f"Report of mljar-supervised: {cell}", path)
    return reports


def _space_of(recipe: Recipe) -> str:
    from kerashep.tuning.model_spaces import MODEL_SPACES

    model = recipe.model.name
    for name, space in MODEL_SPACES.items():
        if space.model == model:
            return name
    raise ValueError(
        f"There is no search space for the model '{model}': leave `tuned` out."
    )


def _discard(folder: Path) -> None:
    discard_cells(folder, "*.npz")
    for reports in folder.glob("*.automl"):
        shutil.rmtree(reports)
