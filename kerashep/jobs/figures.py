"""The figures of a run, from numbers that are there already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kerashep.evaluation import plots
from kerashep.evaluation.interpolation import Interpolation, MetricMatrix
from kerashep.evaluation.mass_metrics import MassMetrics
from kerashep.evaluation.overtraining import Overtraining
from kerashep.jobs.assess import Curves, Representation


@dataclass(frozen=True, eq=False)
class Material:
    """Everything that is drawn; what was not measured is None or empty.

    Attributes:
        label: Name of the model.
        provenance: Of the test events.
        per_mass: Numbers of each mass.
        curves: Curves at each mass.
        overtraining: Training against test.
        histories: One mapping a training, by quantity.
        representation: t-SNE.
        interpolations: Comparison with trainings that miss masses, by name.
        matrices: `interpolation` and `extrapolation` matrices.
    """

    label: str
    provenance: str
    per_mass: Sequence[MassMetrics]
    curves: Mapping[float, Curves]
    overtraining: Overtraining | None = None
    histories: Sequence[Mapping[str, Sequence[float]]] = ()
    representation: Representation | None = None
    interpolations: Mapping[str, Interpolation] = field(default_factory=dict)
    matrices: Mapping[str, MetricMatrix] = field(default_factory=dict)


@dataclass(frozen=True)
class Drawn:
    """A figure on disk.

    Attributes:
        path: PNG file.
        caption: What it shows.
        section: Heading it belongs under.
    """

    path: Path
    caption: str
    section: str


def draw_figures(material: Material, folder: Path) -> list[Drawn]:
    """Draws all figures into `folder`.

    Args:
        material: The numbers.
        folder: Where the PNG files go.
    """
    sections = {
        "Against mass": _against_mass,
        "At each mass": _curves,
        "Interpolation and extrapolation": _interpolation,
        "Training": _training,
    }
    drawn = []
    for section, draw in sections.items():
        for name, caption, figure in draw(material):
            path = folder / f"{name}.png"
            plots.save_figure(figure, path)
            drawn.append(Drawn(path, caption, section))
    return drawn


def _against_mass(material: Material) -> list[tuple[str, str, Any]]:
    models = {material.label: material.per_mass}
    captions = {
        "roc_auc": "Area under the ROC curve against mass.",
        "significance_ratio": "Significance ratio at the best cut against mass.",
        "best_cut": "Best cut on the score against mass; 0 and 1 are failures.",
        "background_rejection": "Background rejection at 50 % signal efficiency.",
    }
    return [
        (metric, caption, plots.plot_per_mass(models, metric, material.provenance))
        for metric, caption in captions.items()
    ]


def _curves(material: Material) -> list[tuple[str, str, Any]]:
    found = []
    numbers = {one.mass: one for one in material.per_mass}
    for mass, curves in material.curves.items():
        figure = plots.plot_class_separation(
            curves.separation,
            material.provenance,
            ratio=numbers[mass].significance_ratio,
            best_cut=numbers[mass].best_cut,
            subject=f"{material.label}, {mass:g} GeV",
        )
        caption = (
            f"Weighted score distributions at {mass:g} GeV, each class of area 1, "
            "with the significance ratio at every cut and the best cut."
        )
        found.append((f"separation_{mass:g}", caption, figure))
    roc = {f"{mass:g} GeV": one.roc for mass, one in material.curves.items()}
    precision = {
        f"{mass:g} GeV": one.precision
        for mass, one in material.curves.items()
        if one.precision is not None
    }
    named = {f"{mass:g} GeV": numbers[mass] for mass in material.curves}
    figure = plots.plot_roc_and_precision(
        roc,
        precision,
        material.provenance,
        roc_auc={name: one.roc_auc for name, one in named.items()},
        pr_auc={name: one.pr_auc for name, one in named.items()},
        subject=material.label,
    )
    found.append(("roc_and_precision", "ROC and precision-recall curves.", figure))
    figure = plots.plot_background_efficiency(
        roc, material.provenance, subject=material.label
    )
    caption = "Background efficiency against signal efficiency."
    return [*found, ("background_efficiency", caption, figure)]


def _training(material: Material) -> list[tuple[str, str, Any]]:
    found = []
    if material.histories:
        figure = plots.plot_learning_curves(
            material.histories, material.provenance, subject=material.label
        )
        found.append(("learning_curves", "Loss and score of each epoch.", figure))
    if material.overtraining is not None:
        figure = plots.plot_overtraining(
            material.overtraining, material.provenance, subject=material.label
        )
        found.append(("overtraining", material.overtraining.in_words(), figure))
    if material.representation is not None:
        shown = material.representation
        figure = plots.plot_representation(
            shown.embedding,
            shown.label,
            shown.mass_gev,
            material.provenance,
            subject=material.label,
        )
        caption = "t-SNE of the last hidden layer, by mass and by label (unweighted)."
        found.append(("representation", caption, figure))
    return found


def _interpolation(material: Material) -> list[tuple[str, str, Any]]:
    found = []
    if material.interpolations:
        figure = plots.plot_interpolation(material.interpolations, material.provenance)
        caption = "ROC AUC of trainings that miss masses, beside the full training."
        found.append(("interpolation", caption, figure))
    for name, matrix in material.matrices.items():
        figure = plots.plot_matrix(matrix, material.provenance, subject=material.label)
        caption = f"ROC AUC: {name}. A row is a training, a column the mass tested."
        found.append((f"{name}_matrix", caption, figure))
    return found
