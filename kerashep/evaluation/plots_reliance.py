"""Figures of what a parallel network rests on."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kerashep.evaluation.plots_style import (
    BACKGROUND,
    COLOURS,
    SIGNAL,
    new_figure,
    plot_style,
)

_BINS = 50


@plot_style()
def plot_block_reliance(
    wide: ArrayLike,
    deep: ArrayLike,
    label: ArrayLike,
    weight: ArrayLike,
    provenance: str,
    *,
    subject: str = "",
) -> Any:
    """Part of the logit that each block makes, by class; as figure 23.

    Args:
        wide: `(events,)` reliance on the wide block, from `block_reliance`.
        deep: `(events,)` that on the deep block.
        label: `(events,)` 1 for signal, 0 for background.
        weight: `(events,)` physics weights.
        provenance: Of the events.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    figure, axes = new_figure(provenance, columns=2, size=(11.5, 4.9), subject=subject)
    for panel, values, name in (
        (axes[0], np.asarray(wide), "wide block (high-level features)"),
        (axes[1], np.asarray(deep), "deep block (low-level features)"),
    ):
        _by_class(panel, values, label, weight)
        panel.set_xlabel(f"Reliance on the {name}")
    return figure


@plot_style()
def plot_bottleneck_output(
    output: ArrayLike,
    label: ArrayLike,
    weight: ArrayLike,
    provenance: str,
    *,
    subject: str = "",
) -> Any:
    """What a bottleneck passes on, by class; as figure 25.

    Args:
        output: `(events,)` from `bottleneck_reliance`.
        label: `(events,)` 1 for signal, 0 for background.
        weight: `(events,)` physics weights.
        provenance: Of the events.
        subject: What is shown, for example which bottleneck.

    Returns:
        A matplotlib Figure.
    """
    figure, (axes,) = new_figure(provenance, subject=subject)
    _by_class(axes, np.asarray(output), label, weight)
    axes.set_xlabel("Output of the bottleneck")
    return figure


def _by_class(panel: Any, values: Any, label: ArrayLike, weight: ArrayLike) -> None:
    """Histograms of area 1 of signal and background."""
    kinds, weights = np.asarray(label), np.asarray(weight, "float64")
    edges = np.histogram_bin_edges(values, _BINS)
    classes = ((1, SIGNAL, "signal"), (0, BACKGROUND, "background"))
    for kind, colour, text in classes:
        rows = kinds == kind
        counts, _ = np.histogram(
            values[rows], edges, weights=weights[rows], density=True
        )
        panel.stairs(counts, edges, color=colour, label=text)
    panel.set_ylabel("Density")
    panel.legend()


@plot_style()
def plot_bottleneck_reliance(
    reliance: ArrayLike,
    names: Sequence[str],
    provenance: str,
    *,
    subject: str = "",
) -> Any:
    """How much of each feature is in a bottleneck, event by event; as figure 24.

    Boxes hold the middle half of the events, whiskers the middle 90 %; the features are
    in the order of their medians.

    Args:
        reliance: `(events, inputs)` from `bottleneck_reliance`.
        names: Name of each input.
        provenance: Of the events.
        subject: What is shown.

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: If there is not one name an input.
    """
    table = np.asarray(reliance, "float64")
    if table.ndim != 2 or table.shape[1] != len(names):
        raise ValueError(
            "`reliance` must have shape (events, inputs), one name an input. "
            f"Received: shape {table.shape}, {len(names)} names."
        )
    order = np.argsort(np.median(table, axis=0))
    height = max(3.2, 0.36 * len(names) + 1.4)
    figure, (axes,) = new_figure(provenance, size=(8.0, height), subject=subject)
    axes.boxplot(
        [table[:, i] for i in order],
        orientation="horizontal",
        whis=(5, 95),
        showfliers=False,
        medianprops={"color": COLOURS[1]},
    )
    axes.set_yticks(np.arange(len(order)) + 1, [names[i] for i in order], fontsize=10)
    axes.yaxis.minorticks_off()
    axes.set_xlabel(r"Reliance $|w_i x_i|$")
    return figure
