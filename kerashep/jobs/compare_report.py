"""The page of a comparison: what stands in it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kerashep.evaluation import plots
from kerashep.evaluation.report import (
    ReportContent,
    ReportFigure,
    ReportTable,
    write_report,
)
from kerashep.jobs.compare_table import (
    DIFFERENCE_HEAD,
    difference_rows,
    table_head,
    table_rows,
    verdict,
)
from kerashep.jobs.contestants import Contestant

NOTES = (
    (
        "Every event is scored by a training that has not seen it (test), and by one "
        "that has (training); all solutions have the same events, weights and folds."
    ),
    (
        "The time budget holds for each fold: searches stop in time, a single training "
        "of the recipe takes what it takes and is marked if it is longer. Times are of "
        "one process, other trainings running beside it."
    ),
    (
        "KS compares the scores of a fold with those of the fold before it, by one "
        "training; the p-value is the smallest of the folds times their number."
    ),
    (
        "Calibration is measured with training weights: for these a score is a "
        "probability. A perfect one has a positive distance too, by noise in the bins."
    ),
    (
        "p-values of differences are two-sided, from the paired bootstrap, and not "
        "corrected for the number of pairs."
    ),
    "Rejection at 50 % is 1 / background efficiency where half of the signal passes.",
)
OVERVIEW = {
    "ROC": "Background against signal efficiency, out of fold, with bands.",
    "Training and test": (
        "Weighted ROC AUC on events that were trained on, and on others."
    ),
    "Calibration": (
        "Share of signal against score, in ten bins of equal training weight, of the "
        "first seed."
    ),
}
DISCRIMINANT = (
    "Scores of events that were trained on (points) and of others (filled), of the "
    "first seed."
)


def write_comparison(
    document: Mapping[str, Any],
    contestants: Sequence[Contestant],
    *,
    recipe: str,
    reports: Mapping[str, Path],
    path: Path,
) -> None:
    """Writes one self-contained HTML file.

    Args:
        document: Of the results file.
        contestants: What was measured, for the figures.
        recipe: The resolved recipe, as text.
        reports: Text -> reports of AutoML programs, linked from the page.
        path: File to write.
    """
    provenance = document["provenance"]
    content = ReportContent(
        title=document["title"],
        provenance=provenance,
        model=", ".join(one.label for one in contestants),
        verdict=verdict(document),
        per_mass=(),
        headlines=[(one.label, one.roc_auc, "ROC AUC, test") for one in contestants],
        facts=_facts(document),
        tables=_tables(document),
        figures=_figures(contestants, provenance),
        recipe=recipe,
        versions=document["versions"],
        notes=NOTES,
        links={text: _address(one, path.parent) for text, one in reports.items()},
    )
    write_report(path, content)


def _facts(document: Mapping[str, Any]) -> dict[str, str]:
    return {
        "Events": f"{document['events']:,}",
        "Folds": str(document["folds"]),
        "Time budget": f"{document['seconds']:g} s a fold",
        "Command": document["command"],
        "Date": document["date"],
        "Machine": ", ".join(document["machine"].values()) + " cores",
        **{f"File {one['name']}": one["sha256"] for one in document["data"]},
        **{f"Failed {i + 1}": text for i, text in enumerate(document["failed"])},
    }


def _tables(document: Mapping[str, Any]) -> list[ReportTable]:
    errors = f"Errors: {document['uncertainty']}."
    tables = [
        ReportTable("Solutions", table_head(document), table_rows(document), errors)
    ]
    if document["differences"]:
        rows = difference_rows(document)
        tables.append(ReportTable("Paired differences", DIFFERENCE_HEAD, rows))
    return tables


def _figures(contestants: Sequence[Contestant], provenance: str) -> list[ReportFigure]:
    overview = (
        plots.plot_background_efficiency(
            {one.label: one.roc for one in contestants}, provenance
        ),
        plots.plot_train_test_auc(
            {one.label: one.roc_auc for one in contestants},
            {one.label: one.train_auc for one in contestants},
            provenance,
        ),
        plots.plot_calibration(
            {one.label: one.calibration for one in contestants}, provenance
        ),
    )
    figures = [
        _figure(drawing, title, caption, "Comparison", provenance)
        for (title, caption), drawing in zip(OVERVIEW.items(), overview, strict=True)
    ]
    for one in contestants:
        drawing = plots.plot_overtraining(
            one.overtraining, provenance, subject=one.label
        )
        about = (one.label, DISCRIMINANT, "Training against test", provenance)
        figures.append(_figure(drawing, *about))
    return figures


def _figure(
    drawing: Any, title: str, caption: str, section: str, provenance: str
) -> ReportFigure:
    return ReportFigure(
        image=plots.figure_png(drawing),
        title=title,
        caption=caption,
        alt=f"{title} [{provenance}]: {caption}",
        section=section,
    )


def _address(report: Path, folder: Path) -> str:
    """Relative, where the report is below the folder of the page."""
    if report.is_relative_to(folder):
        return report.relative_to(folder).as_posix()
    return report.resolve().as_uri()
