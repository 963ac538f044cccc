"""Figures of feature studies: importance, correlation, dependence, embeddings."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kerashep.evaluation.feature_correlation import FeatureCorrelation
from kerashep.evaluation.feature_importance import FeatureImportance
from kerashep.evaluation.mutual_dependence import MutualDependence
from kerashep.evaluation.plots_style import ACCENT, COLOURS, new_figure, plot_style

_MOST_ANNOTATED = 16


@plot_style()
def plot_feature_importance(
    importance: FeatureImportance, provenance: str, *, subject: str = ""
) -> Any:
    """Importance of each feature, the largest on top; as figure 3 of arXiv:2002.01427.

    Args:
        importance: From `feature_importance`.
        provenance: Of the events.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    order = importance.order
    height = max(4.0, 0.33 * len(order) + 1.4)
    figure, (axes,) = new_figure(provenance, size=(8.0, height), subject=subject)
    place = np.arange(len(order))[::-1]
    axes.barh(
        place,
        importance.importance[order],
        xerr=importance.error[order],
        color=COLOURS[0],
        height=0.7,
    )
    axes.axvline(
        importance.threshold,
        color=ACCENT,
        linestyle="--",
        label=f"threshold {importance.threshold:g}",
    )
    axes.set_yticks(place, [importance.feature_names[i] for i in order], fontsize=10)
    axes.yaxis.minorticks_off()
    axes.set_xlabel("Fractional loss of accuracy when shuffled")
    axes.legend(loc="lower right")
    return figure


@plot_style()
def plot_feature_correlation(
    correlation: FeatureCorrelation, provenance: str, *, subject: str = ""
) -> Any:
    """Spearman's matrix with related features side by side.

    Args:
        correlation: From `feature_correlation`.
        provenance: Of the events.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    names, matrix = correlation.ordered()
    return _matrix(
        matrix, names, names, provenance, subject, "Spearman's correlation", -1.0
    )


@plot_style()
def plot_mutual_dependence(
    dependence: MutualDependence, provenance: str, *, subject: str = ""
) -> Any:
    """How well each feature follows from the others, and from which; as figure 4.

    The first column is the coefficient of determination on held-out events, the others
    what it loses as each other feature is shuffled.

    Args:
        dependence: From `mutual_dependence`.
        provenance: Of the events.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    order = np.argsort(-np.nan_to_num(dependence.dependence, nan=-1.0), kind="stable")
    names = [dependence.feature_names[i] for i in order]
    table = np.column_stack(
        [dependence.dependence[order], dependence.importance[np.ix_(order, order)]]
    )
    heading = "Dependence (first column) and importance"
    return _matrix(
        table, names, ["dependence", *names], provenance, subject, heading, 0.0
    )


@plot_style()
def plot_embedding(
    vectors: ArrayLike,
    categories: Sequence[str],
    provenance: str,
    *,
    subject: str = "",
) -> Any:
    """The learnt vector of each category, number by number; as figure 5.

    Args:
        vectors: `(categories, width)`: the table of a `CategoricalEmbedding`.
        categories: Name of each category.
        provenance: Of the events that it was learnt from.
        subject: What is shown, for example the feature.

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: If there is not one name a category.
    """
    table = np.asarray(vectors, "float64")
    if table.ndim != 2 or len(table) != len(categories):
        raise ValueError(
            "`vectors` must have shape (categories, width), one row a name. "
            f"Received: shape {table.shape}, {len(categories)} names."
        )
    components = [f"component {i + 1}" for i in range(table.shape[1])]
    return _matrix(
        table, list(categories), components, provenance, subject, "Embedding", None
    )


def _matrix(
    matrix: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    provenance: str,
    subject: str,
    label: str,
    lowest: float | None,
) -> Any:
    """Coloured cells, with their numbers where they are few; blank where NaN.

    Args:
        matrix: `(rows, columns)`.
        rows: Their names.
        columns: Their names.
        provenance: Of the events.
        subject: What is shown.
        label: Of the colour bar.
        lowest: Value of the first colour, with 1 as the last; None spans the numbers
            symmetrically about 0.
    """
    size = 2.8 + 0.42 * max(len(rows), len(columns))
    figure, (axes,) = new_figure(
        provenance, size=(size + 1.6, max(3.2, 1.9 + 0.42 * len(rows))), subject=subject
    )
    most = float(np.nanmax(np.abs(matrix)))
    low, high = (-most, most) if lowest is None else (lowest, 1.0)
    colours = "viridis" if lowest == 0.0 else "RdBu_r"
    image = axes.imshow(matrix, cmap=colours, vmin=low, vmax=high, aspect="auto")
    figure.colorbar(image, ax=axes, label=label)
    axes.set_yticks(np.arange(len(rows)), rows, fontsize=10)
    axes.set_xticks(np.arange(len(columns)), columns, rotation=90, fontsize=10)
    axes.minorticks_off()
    axes.tick_params(length=0)
    if max(matrix.shape) <= _MOST_ANNOTATED:
        for (row, column), value in np.ndenumerate(matrix):
            if np.isfinite(value):
                axes.text(
                    column, row, f"{value:.2f}", ha="center", va="center", fontsize=9
                )
    return figure
