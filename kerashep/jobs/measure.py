"""Measures the trainings of a run, and writes numbers, figures and report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras

from kerashep._files import write_json
from kerashep.data.events import Events
from kerashep.evaluation.interpolation import compare_interpolation, metric_matrix
from kerashep.evaluation.limit import LimitComparison, compare_with_likelihood_ratio
from kerashep.evaluation.mass_metrics import MassMetrics, metrics_document
from kerashep.evaluation.measured import Measured, mean_of
from kerashep.evaluation.per_mass import Score
from kerashep.export.batch_predictor import predictor
from kerashep.export.keras_file import load_keras
from kerashep.jobs import assess
from kerashep.jobs.combinations import combination_study
from kerashep.jobs.environment import machine
from kerashep.jobs.figures import Material, draw_figures
from kerashep.jobs.inner_figures import inner_figures
from kerashep.jobs.limits import knows_limit, likelihood_ratio
from kerashep.jobs.parameter_rows import Rows, rows_to_evaluate, signal_rows_of
from kerashep.jobs.report import write_run_report
from kerashep.jobs.trainings import in_pool, retrainings
from kerashep.training.callbacks import read_history
from kerashep.training.recipe import Recipe
from kerashep.training.run_folder import RunFolder
from kerashep.training.versions import versions
from kerashep.zoo.registry import model_class

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Measurement:
    """The numbers of a run and what is drawn from them.

    Attributes:
        material: Numbers by figure.
        model: Registered name of the model.
        seeds: Number of trainings behind them.
        trained: Parameters of the training signal, the mass first, a row each.
        events: Part -> number of events.
    """

    material: Material
    model: str
    seeds: int
    trained: Rows
    events: Mapping[str, int]

    def mean_auc(self) -> Measured:
        """Mean ROC AUC over the masses."""
        return mean_of([one.roc_auc for one in self.material.per_mass])

    def summary(self) -> list[str]:
        """The numbers as lines of text."""
        wide = max(11, *(len(one.at) for one in self.material.per_mass))
        lines = [f"{'mass':>{wide}}  {'ROC AUC':<20}{'significance ratio':<22}best cut"]
        for one in self.material.per_mass:
            lines.append(
                f"{one.at:>{wide}}  {one.roc_auc!s:<20}"
                f"{one.significance_ratio!s:<22}{one.best_cut}"
            )
            lines += [f"{'':>{wide + 2}}! {flag}" for flag in one.flags]
        if self.material.limit:
            lines.append("share of the Neyman-Pearson limit:")
            lines += [f"  {one.in_words()}" for one in self.material.limit]
        if self.material.ams is not None:
            lines.append(self.material.ams.in_words())
        return [*lines, f"mean ROC AUC {self.mean_auc()} [{self.material.provenance}]"]

    def document(self) -> dict[str, Any]:
        """Content of metrics.json."""
        shown = self.material
        content = metrics_document(shown.per_mass, shown.provenance)
        content |= {
            "model": self.model,
            "seeds": self.seeds,
            "mean_roc_auc": self.mean_auc().to_dict(),
            "events": dict(self.events),
            "trained_masses": sorted({row[0] for row in self.trained}),
            "trained_parameters": [list(row) for row in self.trained],
            "interpolation": {k: v.to_dict() for k, v in shown.interpolations.items()},
            "matrices": {k: v.to_dict() for k, v in shown.matrices.items()},
            "versions": versions(),
            "machine": machine(),
        }
        if shown.limit:
            content["limit"] = [one.to_dict() for one in shown.limit]
        if shown.ams is not None:
            content["ams"] = shown.ams.to_dict()
        if shown.overtraining is not None:
            content["overtraining"] = shown.overtraining.to_dict()
        return content


def measure(
    recipe: Recipe,
    parts: Mapping[str, Events],
    models: Sequence[Path],
    folder: RunFolder,
    *,
    workers: int | None,
    say: Say,
) -> Measurement:
    """Evaluates the trainings of a run, and retrains as the recipe asks.

    Args:
        recipe: What to measure.
        parts: Training, validation and test events.
        models: Saved model of each seed.
        folder: Run folder.
        workers: Processes for retrainings.
        say: Receives progress.
    """
    loaded = [load_keras(path)[0] for path in models]
    trained = signal_rows_of(parts["train"])
    plan = plan_of(recipe, trained)
    scores = [predictor(model) for model in loaded]
    numbers = assess.per_mass(parts["test"], scores, plan)
    material = draw_from(recipe, parts, loaded[0], scores, numbers, plan)
    histories = [curves_of(path.parent / folder.history.name) for path in models]
    extra = _without_masses(
        recipe,
        dict(parts),
        folder.path,
        numbers,
        plan,
        seeds=[recipe.seed + i for i in range(len(models))],
        workers=workers,
        say=say,
    )
    return Measurement(
        replace(material, histories=histories, **extra),
        model=recipe.model.name,
        seeds=len(models),
        trained=trained,
        events={name: len(part) for name, part in parts.items()},
    )


def plan_of(recipe: Recipe, trained: Rows) -> assess.Plan:
    """How the recipe wants its numbers."""
    return assess.Plan(
        rows=rows_to_evaluate(recipe, trained),
        trained=trained,
        bootstrap=recipe.evaluation.bootstrap,
        seed=recipe.seed,
    )


def draw_from(
    recipe: Recipe,
    parts: Mapping[str, Events],
    model: keras.Model,
    scores: Sequence[Score],
    numbers: Sequence[MassMetrics],
    plan: assess.Plan,
) -> Material:
    """Of the first training curves, overtraining, representation; of all AMS, limit."""
    test, train, score = parts["test"], parts.get("train"), scores[0]
    shown = None
    if recipe.evaluation.tsne_events and test.parameter_names:
        count = recipe.evaluation.tsne_events
        shown = assess.representation(test, model, plan, events=count)
    return Material(
        label=model_class(recipe.model.name).__name__,
        provenance=test.provenance,
        per_mass=numbers,
        curves=assess.curves(test, score, plan),
        overtraining=(
            None if train is None else assess.overtraining(train, test, score, plan)
        ),
        representation=shown,
        ams=assess.ams(parts, scores, recipe.evaluation.ams, plan),
        limit=_limit(recipe, test, numbers, plan),
        trained_gev=sorted({row[0] for row in plan.trained}),
        combinations=combination_study(model, test, seed=plan.seed),
        inner=inner_figures(recipe, model, test),
    )


def _limit(
    recipe: Recipe, test: Events, numbers: Sequence[MassMetrics], plan: assess.Plan
) -> Sequence[LimitComparison]:
    """Share of the best possible numbers, if the data set knows those."""
    if not knows_limit(recipe):
        return ()
    best = assess.per_mass(test, [likelihood_ratio(recipe)], plan)
    return compare_with_likelihood_ratio(numbers, best)


def _without_masses(
    recipe: Recipe,
    parts: dict[str, Events],
    folder: Path,
    full: Sequence[MassMetrics],
    plan: assess.Plan,
    *,
    seeds: Sequence[int],
    workers: int | None,
    say: Say,
) -> dict[str, Any]:
    planned = retrainings(recipe, parts, folder, seeds=seeds)
    if not planned:
        return {}
    todo = [one for group in planned.values() for one in group.trainings]
    say(f"Retraining without some masses: {len(todo)} trainings ...")
    paths = iter(in_pool(todo, workers=workers, say=say))
    found = {}
    for name, group in planned.items():
        scores = [predictor(load_keras(next(paths))[0]) for _ in group.trainings]
        found[name] = assess.per_mass(parts["test"], scores, plan)
    interpolations, matrices = {}, {}
    seen = {name: group.seen_gev for name, group in planned.items()}
    dropped = [name for name in found if name.startswith("without")]
    trained = tuple(mass for (mass,) in plan.trained)
    for name in dropped:
        missing = [mass for mass in trained if mass not in seen[name]]
        inside = [mass for mass in missing if (mass,) in plan.rows]
        if inside:
            interpolations[name] = compare_interpolation(full, found[name], inside)
    groups = {
        "interpolation": ["all masses", *dropped],
        "extrapolation": [name for name in found if name.startswith("only")],
    }
    everything = {"all masses": full, **found}
    seen = {"all masses": trained, **seen}
    for kind, names in groups.items():
        if set(names) - {"all masses"}:
            matrices[kind] = metric_matrix(
                {name: everything[name] for name in names},
                {name: seen[name] for name in names},
            )
    return {"interpolations": interpolations, "matrices": matrices}


def curves_of(history: Path) -> dict[str, list[float]]:
    """Name -> one number an epoch, of what a history file has to draw.

    Args:
        history: The file; there are no curves without it.
    """
    if not history.is_file():
        return {}
    columns = read_history(history)
    return {k: v for k, v in columns.items() if k not in ("epoch", "seconds")}


def write_measurement(
    recipe: Recipe, measured: Measurement, folder: Path
) -> list[Path]:
    """Writes metrics.json, figures and the report into `folder`.

    Returns:
        The paths.
    """
    run = RunFolder(folder)
    write_json(run.metrics, measured.document())
    drawn = draw_figures(measured.material, run.figures)
    write_run_report(recipe, measured, drawn, run.report)
    return [run.metrics, run.figures, run.report]
