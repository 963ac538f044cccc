"""The report: one HTML file that needs nothing else. It only lays out."""

import base64
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from kerashep._files import write_text
from kerashep._messages import did_you_mean
from kerashep.data.events import PROVENANCES
from kerashep.evaluation.mass_metrics import MassMetrics
from kerashep.evaluation.measured import Measured, mean_of

_PNG = b"\x89PNG\r\n\x1a\n"
_COLUMNS = {
    "roc_auc": "ROC AUC",
    "pr_auc": "PR AUC",
    "significance_ratio": "Significance ratio",
    "best_cut": "Best cut",
    "background_rejection": "Rejection at 50 % signal",
    "background_rejection_30": "at 30 %",
    "accuracy": "Accuracy at 0.5",
    "best_significance": "s/√(s+b)",
}
_WIDE = 1.7


@dataclass(frozen=True)
class ReportFigure:
    """A figure of the report.

    Args:
        image: PNG or SVG bytes.
        title: Short heading.
        caption: What is seen and how it was made.
        alt: Description for those who cannot see it; never empty.
        section: Figures of one section stand together.
    """

    image: bytes = field(repr=False)
    title: str
    caption: str
    alt: str
    section: str = "Figures"

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError(
                "`alt` must describe the figure in words. "
                f"Received: alt={self.alt!r} for the figure '{self.title}'."
            )
        _media_type(self.image)


@dataclass(frozen=True)
class ReportTable:
    """A table of the report, all cells formatted.

    Args:
        title: Heading.
        header: One text a column.
        rows: Cells; `str(Measured)` shows a number with its error.
        note: What the numbers are.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def __post_init__(self) -> None:
        widths = {len(row) for row in self.rows} | {len(self.header)}
        if len(widths) != 1:
            raise ValueError(
                f"Rows of the table '{self.title}' must have one cell a column. "
                f"Received: {len(self.header)} columns, rows of {sorted(widths)} cells."
            )


@dataclass(frozen=True)
class ReportContent:
    """All that a report shows, in the order in which it shows it.

    Args:
        title: For example the name of the recipe.
        provenance: `real`, `pythia` or `simulated`; shown at the top and with every
            figure.
        model: Name of the model.
        verdict: One paragraph, from `verdict`.
        per_mass: Numbers of a classifier, one entry a mass; none of a regression.
        facts: Data set, numbers of events, seeds, command and so on, by name.
        tables: Further tables.
        figures: Figures, in order; those of one section follow each other.
        recipe: The resolved recipe, as text.
        versions: Package versions by name.
        notes: Remarks on how the numbers were made, a sentence each.
        headlines: Large numbers at the top where there is no `per_mass`: heading,
            number and remark of each.
    """

    title: str
    provenance: str
    model: str
    verdict: str
    per_mass: Sequence[MassMetrics]
    facts: Mapping[str, str] = field(default_factory=dict)
    tables: Sequence[ReportTable] = ()
    figures: Sequence[ReportFigure] = ()
    recipe: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    headlines: Sequence[tuple[str, Measured, str]] = ()

    def __post_init__(self) -> None:
        if self.provenance not in PROVENANCES:
            raise ValueError(
                f"Unknown provenance '{self.provenance}'."
                + did_you_mean(self.provenance, PROVENANCES)
            )
        if not self.per_mass and not self.headlines:
            raise ValueError(
                "`per_mass` must hold at least one mass, or `headlines` a number. "
                "Received: none."
            )


def write_report(path: Path, content: ReportContent) -> None:
    """Writes one self-contained HTML file, atomically.

    It opens offline, in light and dark, and prints.

    Args:
        path: For example `report.html` of a run folder.
        content: What to show.
    """
    write_text(path, render_report(content))


def render_report(content: ReportContent) -> str:
    """The report as HTML text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        content=content,
        tiles=_tiles(content),
        columns=_COLUMNS,
        sections=_sections(content.figures),
        value_and_error=_value_and_error,
    )


def _tiles(content: ReportContent) -> list[tuple[str, Any, str]]:
    metrics = content.per_mass
    if not metrics:
        return [(t, _value_and_error(n), under) for t, n, under in content.headlines]
    worst = min(metrics, key=lambda one: one.roc_auc.value)
    flags = sum(len(one.flags) for one in metrics)
    flagged = sum(bool(one.flags) for one in metrics)
    if worst.mass is None:
        return _tiles_without_mass(worst)
    kind = "masses" if len(worst.row) == 1 else "rows of parameters"
    masses = f"mean over {len(metrics)} {kind}" if len(metrics) > 1 else "one mass"
    areas = mean_of([one.roc_auc for one in metrics])
    ratios = mean_of([one.significance_ratio for one in metrics])
    remarks = f"at {flagged} of {len(metrics)} {kind}" if flags else "at any mass"
    return [
        ("ROC AUC", _value_and_error(areas), masses),
        ("Significance ratio", _value_and_error(ratios), masses),
        ("Lowest ROC AUC", _value_and_error(worst.roc_auc), f"at {worst.at}"),
        ("Remarks", (str(flags) if flags else "none", ""), remarks),
    ]


def _tiles_without_mass(one: MassMetrics) -> list[tuple[str, Any, str]]:
    remarks = str(len(one.flags)) if one.flags else "none"
    return [
        ("ROC AUC", _value_and_error(one.roc_auc), "all signal"),
        ("Significance ratio", _value_and_error(one.significance_ratio), "all signal"),
        ("Best cut", _value_and_error(one.best_cut), "on the score"),
        ("Remarks", (remarks, ""), "on this evaluation"),
    ]


def _sections(
    figures: Sequence[ReportFigure],
) -> list[tuple[str, list[dict[str, Any]]]]:
    return [
        (name, [_embedded(figure) for figure in group])
        for name, group in groupby(figures, key=lambda figure: figure.section)
    ]


def _embedded(figure: ReportFigure) -> dict[str, Any]:
    media = _media_type(figure.image)
    data = base64.b64encode(figure.image).decode("ascii")
    width, height = _pixels(figure.image) if media == "image/png" else (0, 0)
    return {
        "figure": figure,
        "source": f"data:{media};base64,{data}",
        "width": width,
        "height": height,
        "wide": height > 0 and width / height > _WIDE,
    }


def _media_type(image: bytes) -> str:
    if image.startswith(_PNG):
        return "image/png"
    if b"<svg" in image[:2000]:
        return "image/svg+xml"
    raise ValueError(
        f"`image` must be PNG or SVG. Received: {len(image)} bytes starting with "
        f"{image[:8]!r}."
    )


def _pixels(image: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", image[16:24])
    return width, height


def _value_and_error(number: Measured) -> tuple[str, str]:
    value, _, error = str(number).partition(" ± ")
    return value, error
