"""The report of a run: what stands in it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kerashep.evaluation.mass_metrics import mass_text
from kerashep.evaluation.report import (
    ReportContent,
    ReportFigure,
    ReportTable,
    write_report,
)
from kerashep.evaluation.summary import verdict
from kerashep.jobs.captions import LIMIT
from kerashep.jobs.environment import machine
from kerashep.jobs.figures import Drawn
from kerashep.jobs.parameter_rows import rows_in_words
from kerashep.training.recipe import Recipe
from kerashep.training.versions import versions

if TYPE_CHECKING:
    from kerashep.jobs.measure import Measurement

PER_MASS = (
    "Signal of each mass is tested against the whole background, whose mass input is "
    "set to that mass; events count with their physics weights."
)
WITHOUT_MASS = (
    "The events have no mass: all signal is tested against all background; events "
    "count with their physics weights."
)
PER_ROW = (
    "Signal of each row of parameters is tested against the whole background, which is "
    "given the same parameters; events count with their physics weights."
)
NOTES = (
    (
        "The significance ratio and the PR AUC assume as much background as signal. "
        "s/sqrt(s+b) is at the yields of these test events alone: a test part of 30 % "
        "has 0.3 times the yields of all events, and 0.55 times their significance."
    ),
    (
        "Errors are bootstrap errors over test events, with the spread over trainings "
        "in quadrature where there are several."
    ),
)


def write_run_report(
    recipe: Recipe, measured: "Measurement", drawn: Sequence[Drawn], path: Path
) -> None:
    """Writes the report of a run as one self-contained HTML file.

    Args:
        recipe: Resolved recipe of the run.
        measured: The numbers.
        drawn: Figures on disk.
        path: File to write.
    """
    material = measured.material
    count = len(material.per_mass[0].row)
    how = PER_ROW if count > 1 else PER_MASS if count else WITHOUT_MASS
    content = ReportContent(
        title=recipe.name,
        provenance=material.provenance,
        model=material.label,
        verdict=verdict(
            material.label,
            material.per_mass,
            material.provenance,
            overtraining=material.overtraining,
        ),
        per_mass=material.per_mass,
        facts=_facts(recipe, measured),
        tables=[*_limit_tables(measured), *_interpolation_tables(measured)],
        figures=[report_figure(one, material.provenance) for one in drawn],
        recipe=recipe.to_yaml(),
        versions=versions(),
        notes=(how, *NOTES),
    )
    write_report(path, content)


def _facts(recipe: Recipe, measured: "Measurement") -> dict[str, str]:
    counts = ", ".join(f"{name} {count:,}" for name, count in measured.events.items())
    names = list(measured.material.per_mass[0].parameters)
    training = recipe.training
    return {
        "Data set": recipe.data.dataset,
        "Events": counts,
        "Trained at": rows_in_words(measured.trained, names),
        "Trainings": f"{measured.seeds}, first seed {recipe.seed}",
        "Training": f"{training.epochs} epochs, batch {training.batch_size}, "
        f"{training.optimizer}, learning rate {training.learning_rate:g}, "
        f"balance {training.balance}",
        "Machine": ", ".join(machine().values()) + " cores",
    }


def _limit_tables(measured: "Measurement") -> list[ReportTable]:
    limit = measured.material.limit
    if not limit:
        return []
    columns = {
        "ROC AUC": "roc_auc",
        "Limit of the ROC AUC": "limit_roc_auc",
        "Share of the ROC AUC": "auc_fraction",
        "Rejection at 50 % signal": "background_rejection",
        "Limit of the rejection": "limit_rejection",
        "Share of the rejection": "rejection_fraction",
    }
    return [
        ReportTable(
            title="Distance from the Neyman-Pearson limit",
            header=("Mass", *columns),
            rows=[
                [
                    mass_text(one.mass),
                    *(str(getattr(one, name)) for name in columns.values()),
                ]
                for one in limit
            ],
            note=LIMIT,
        )
    ]


def _interpolation_tables(measured: "Measurement") -> list[ReportTable]:
    tables = []
    for name, one in measured.material.interpolations.items():
        rows = [
            [
                f"{mass:g} GeV" + (" (missing)" if mass in one.missing_gev else ""),
                str(full),
                str(reduced),
                str(difference),
            ]
            for mass, full, reduced, difference in zip(
                one.masses_gev, one.full, one.reduced, one.difference, strict=True
            )
        ]
        tables.append(
            ReportTable(
                title=f"Trained {name} GeV",
                header=(
                    "Mass",
                    "ROC AUC, all masses",
                    f"ROC AUC, {name}",
                    "Difference",
                ),
                rows=rows,
                note="Differences are paired on the test events.",
            )
        )
    return tables


def report_figure(drawn: Drawn, provenance: str) -> ReportFigure:
    """A figure on disk as part of a report.

    Args:
        drawn: The figure.
        provenance: Of the events.
    """
    return ReportFigure(
        image=drawn.path.read_bytes(),
        title=drawn.title,
        caption=drawn.caption,
        alt=f"{drawn.title} [{provenance}]: {drawn.caption}",
        section=drawn.section,
    )
