"""The figures of a run, from numbers that are there already."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kerashep.evaluation import plots
from kerashep.evaluation.ams_numbers import AmsNumbers
from kerashep.evaluation.interpolation import Interpolation, MetricMatrix
from kerashep.evaluation.limit import LimitComparison
from kerashep.evaluation.mass_metrics import MassMetrics, mass_text
from kerashep.evaluation.overtraining import Overtraining
from kerashep.jobs.assess import Curves, Representation
from kerashep.jobs.captions import AGAINST_MASS, CAPTIONS, LIMIT, counts, tsne_caption
from kerashep.jobs.combination_figures import combination_figures
from kerashep.jobs.combinations import CombinationStudy
from kerashep.jobs.figure import Figure


@dataclass(frozen=True, eq=False)
class Material:
    """Everything that is drawn; what was not measured is None or empty.

    Attributes:
        label: Name of the model's class.
        provenance: Of the test events.
        per_mass: Numbers of each mass.
        curves: Curves, one entry for each of `per_mass`.
        overtraining: Training against test.
        histories: One mapping a training, by quantity.
        representation: t-SNE.
        interpolations: Comparison with trainings that miss masses, by name.
        matrices: `interpolation` and `extrapolation` matrices.
        ams: AMS of events without a mass.
        limit: Distance from the best possible classifier, if that is known.
        trained_gev: Masses trained on, marked where `limit` is drawn.
        combinations: What a Lorentz Boost Network learnt, if the model is one.
        inner: Embeddings and reliance, drawn.
    """

    label: str
    provenance: str
    per_mass: Sequence[MassMetrics]
    curves: Sequence[Curves]
    overtraining: Overtraining | None = None
    histories: Sequence[Mapping[str, Sequence[float]]] = ()
    representation: Representation | None = None
    interpolations: Mapping[str, Interpolation] = field(default_factory=dict)
    matrices: Mapping[str, MetricMatrix] = field(default_factory=dict)
    ams: AmsNumbers | None = None
    limit: Sequence[LimitComparison] = ()
    trained_gev: Sequence[float] = ()
    combinations: CombinationStudy | None = None
    inner: Sequence[Figure] = ()


@dataclass(frozen=True)
class Drawn:
    """A figure on disk.

    Attributes:
        path: PNG file.
        title: Short heading.
        caption: What it shows, in sentences.
        section: Heading it belongs under.
    """

    path: Path
    title: str
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
        "Distance from the limit": _limit,
        "Scores and working points": _curves,
        "Approximate median significance": _ams,
        "Interpolation and extrapolation": _interpolation,
        "What the network combines": _combinations,
        "Inside the network": _inner,
        "Training": _training,
    }
    drawn = []
    for section, draw in sections.items():
        for one in draw(material):
            path = folder / f"{one.name}.png"
            plots.save_figure(one.drawing, path)
            drawn.append(Drawn(path, one.title, one.caption, section))
    return drawn


def _against_mass(material: Material) -> list[Figure]:
    if any(one.mass is None for one in material.per_mass):
        return []
    groups: dict[str, list[MassMetrics]] = {}
    for one in material.per_mass:  # those that differ in the mass only
        groups.setdefault(one.at.removeprefix(mass_text(one.mass)), []).append(one)
    return [
        Figure(
            metric + _in_file_name(rest),
            f"{title} against mass{rest}",
            f"{CAPTIONS[metric]} {counts(group)}",
            plots.plot_per_mass(
                {material.label + rest: group}, metric, material.provenance
            ),
        )
        for rest, group in groups.items()
        for metric, title in AGAINST_MASS.items()
    ]


def _limit(material: Material) -> list[Figure]:
    if not material.limit:
        return []
    figure = plots.plot_limit(
        {material.label: material.limit},
        material.provenance,
        trained_gev=material.trained_gev,
    )
    caption = f"{LIMIT} {counts(material.per_mass)}"
    return [Figure("limit", "Share of the Neyman-Pearson limit", caption, figure)]


def _in_file_name(words: str) -> str:
    """`_coupling_0.3` for `, coupling 0.3`: no blank or slash in a file's name."""
    return re.sub(r"[^\w.+-]+", "_", words)


def _curves(material: Material) -> list[Figure]:
    provenance, label = material.provenance, material.label
    pairs = list(zip(material.per_mass, material.curves, strict=True))
    separation = [_separation(material, one, curve) for one, curve in pairs]
    roc = {one.at: curve.roc for one, curve in pairs if curve.roc is not None}
    if not roc:
        return separation
    left_out = [one.at for one, curve in pairs if curve.roc is None]
    without = (
        f" Without {', '.join(left_out)}, where negative weights leave no curve."
        * bool(left_out)
    )
    precision = {
        one.at: curve.precision for one, curve in pairs if curve.precision is not None
    }
    both = plots.plot_roc_and_precision(
        roc,
        precision,
        provenance,
        roc_auc={one.at: one.roc_auc for one, _ in pairs},
        pr_auc={one.at: one.pr_auc for one, _ in pairs},
        subject=label,
    )
    return [
        *separation,
        Figure(
            "roc_and_precision",
            "ROC and precision-recall curves",
            "Purity is for equal totals of signal and background, and drawn from 1 % "
            f"signal efficiency on.{without} {counts(material.per_mass)}",
            both,
        ),
        Figure(
            "background_efficiency",
            "Background efficiency against signal efficiency",
            "Bands are one standard error at fixed cuts; dotted: half of the signal."
            f"{without} {counts(material.per_mass)}",
            plots.plot_background_efficiency(roc, provenance, subject=label),
        ),
    ]


def _ams(material: Material) -> list[Figure]:
    if material.ams is None:
        return []
    figure = plots.plot_ams(material.ams, material.provenance, subject=material.label)
    caption = (
        f"{material.ams.in_words()}. Band: standard error from the finite number of "
        "test events at each cut; neighbouring cuts share events."
    )
    return [Figure("ams", "AMS against the cut", caption, figure)]


def _inner(material: Material) -> list[Figure]:
    return list(material.inner)


def _combinations(material: Material) -> list[Figure]:
    if material.combinations is None:
        return []
    return combination_figures(
        material.combinations, material.label, material.provenance
    )


def _separation(material: Material, number: MassMetrics, curves: Curves) -> Figure:
    at = f" at {number.at}" if number.row else ""
    figure = plots.plot_class_separation(
        curves.separation,
        material.provenance,
        ratio=number.significance_ratio,
        best_cut=number.best_cut,
        subject=material.label + (f", {number.at}" if number.row else ""),
    )
    name = "_".join(["separation", *(f"{value:g}" for value in number.row)])
    caption = (
        "Weighted scores of test events, each class of area 1, with the significance "
        "ratio at every cut (right axis) and the best cut (dashed). "
        f"{counts([number])}"
    )
    return Figure(name, f"Class separation{at}", caption, figure)


def _training(material: Material) -> list[Figure]:
    found, label, provenance = [], material.label, material.provenance
    if material.histories:
        figure = plots.plot_learning_curves(
            material.histories, provenance, subject=label
        )
        caption = (
            "Of each epoch. The training loss is with dropout and balanced batches, "
            "the validation loss without."
        )
        found.append(Figure("learning_curves", "Learning curves", caption, figure))
    if material.overtraining is not None:
        words = material.overtraining.in_words()
        figure = plots.plot_overtraining(
            material.overtraining, provenance, subject=label
        )
        title = "Scores of training and test events"
        found.append(Figure("overtraining", title, words, figure))
    if material.representation is not None:
        shown = material.representation
        figure = plots.plot_representation(
            shown.embedding, shown.label, shown.mass_gev, provenance, subject=label
        )
        title = "Last hidden layer (t-SNE)"
        found.append(Figure("representation", title, tsne_caption(shown), figure))
    return found


def _interpolation(material: Material) -> list[Figure]:
    found = []
    if material.interpolations:
        figure = plots.plot_interpolation(
            material.interpolations,
            material.provenance,
            one_network=True,
            subject=material.label,
        )
        title = "Interpolation to masses that were not trained on"
        caption = (
            "ROC AUC of trainings without some masses (dashed; hollow there) beside "
            "the full training."
        )
        found.append(Figure("interpolation", title, caption, figure))
    for name, matrix in material.matrices.items():
        figure = plots.plot_matrix(matrix, material.provenance, subject=material.label)
        caption = "ROC AUC. A row is a training, a column the mass tested."
        title = f"{name.capitalize()} matrix"
        found.append(Figure(f"{name}_matrix", title, caption, figure))
    return found
