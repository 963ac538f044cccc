"""Figures of a Lorentz Boost Network: its matrices, what it uses, learnt masses."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.combinations import CombinationWeights, GroupImportance
from kerashep.evaluation.learnt_masses import REFERENCES_GEV, LearntMass
from kerashep.evaluation.plots_style import (
    ACCENT,
    BACKGROUND,
    COLOURS,
    SIGNAL,
    new_figure,
    plot_style,
)

_MOST_TICKS, _MOST_BARS, _BINS, _COLUMNS = 40, 15, 50, 3
_HIGHEST_GEV = 250.0
_PERCENTILE = 98.0


@plot_style()
def plot_combination_weights(
    weights: CombinationWeights, provenance: str, *, subject: str = ""
) -> Any:
    """Which particles are combined: one heat map of particles, one of rest frames.

    Rows are input particles, columns combinations; the largest weight of each column
    is 1, as the scale of a combination has no meaning.

    Args:
        weights: Matrices with names.
        provenance: Of the events that they were learnt from.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    panels = weights.normalised()
    rows = len(weights.particle_names)
    height = max(3.4, 2.0 + 0.32 * min(rows, _MOST_TICKS))
    figure, axes = new_figure(
        provenance, columns=len(panels), size=(7.2 * len(panels), height)
    )
    if subject:
        figure.suptitle(subject, fontsize=13)
    for panel, (heading, matrix) in zip(axes, panels.items(), strict=True):
        image = panel.imshow(matrix, cmap="viridis", vmin=0.0, vmax=1.0, aspect="auto")
        _ticks(panel.yaxis, weights.particle_names)
        _ticks(panel.xaxis, [f"{i}" for i in range(matrix.shape[1])])
        panel.set_xlabel(f"{heading}: combination")
        panel.minorticks_off()
        panel.tick_params(length=0)
    figure.colorbar(image, ax=axes, label="Weight / largest weight")
    return figure


@plot_style()
def plot_combination_importance(
    importance: Mapping[str, GroupImportance], provenance: str, *, subject: str = ""
) -> Any:
    """What the score loses without a kind of feature, a combination, a feature.

    Args:
        importance: Heading -> importance of groups; the largest 15 of each are shown.
        provenance: Of the events.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    most = max(min(len(one.names), _MOST_BARS) for one in importance.values())
    figure, axes = new_figure(
        provenance,
        columns=len(importance),
        size=(5.2 * len(importance), max(3.6, 1.6 + 0.33 * most)),
        subject=subject,
    )
    panels = zip(axes, importance.items(), strict=True)
    for panel, (heading, one) in panels:
        order = one.order[:_MOST_BARS]
        place = most - 1 - np.arange(len(order))
        panel.barh(
            place,
            one.drop[order],
            xerr=one.error[order],
            color=COLOURS[0],
            height=0.7,
        )
        panel.set_yticks(place, [one.names[i] for i in order], fontsize=10)
        panel.set_ylim(-0.7, most - 0.3)
        panel.yaxis.minorticks_off()
        panel.set_ylabel(heading)
        panel.set_xlabel("Loss of ROC AUC")
        panel.axvline(0.0, color="black", linewidth=0.8)
    return figure


@plot_style()
def plot_learnt_masses(
    masses: Sequence[LearntMass],
    label: ArrayLike,
    weight: ArrayLike,
    provenance: str,
    *,
    subject: str = "",
) -> Any:
    """Masses of combinations for signal and background, beside the W and the top.

    Args:
        masses: From `learnt_masses`.
        label: `(events,)` 1 for signal, 0 for background.
        weight: `(events,)` physics weights.
        provenance: Of the events.
        subject: What is shown.

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: If there is no mass.
    """
    if not masses:
        raise ValueError("`masses` must hold at least one combination. Received: none.")
    columns = min(_COLUMNS, len(masses))
    rows = -(-len(masses) // columns)
    size = (5.4 * columns, 4.3 * rows)
    figure, axes = new_figure(
        provenance, rows=rows, columns=columns, size=size, subject=subject
    )
    signal, weights = np.ravel(label) == 1, np.ravel(np.asarray(weight, "float64"))
    for panel, one in zip(axes, masses, strict=False):
        edges = _edges(one.mass_gev)
        for chosen, colour, text in (
            (signal, SIGNAL, "signal"),
            (~signal, BACKGROUND, "background"),
        ):
            density = _density(one.mass_gev[chosen], weights[chosen], edges)
            panel.stairs(density, edges, color=colour, label=text)
        _draw_references(panel)
        panel.set_xlim(edges[0], edges[-1])
        panel.set_ylim(bottom=0.0)
        panel.set_xlabel(f"Mass of combination {one.name} [GeV]")
        panel.set_ylabel("Share of events / GeV")
        panel.legend(title=_wrapped(one.parts), title_fontsize=9, fontsize=10)
    for empty in axes[len(masses) :]:
        empty.set_axis_off()
    return figure


def _ticks(axis: Any, names: Sequence[str]) -> None:
    step = -(-len(names) // _MOST_TICKS)
    places = range(0, len(names), step)
    axis.set_ticks(places, [names[i] for i in places], fontsize=9)


def _edges(mass_gev: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 0 to where most events are, the top inside."""
    above = mass_gev[mass_gev > 0]
    high = float(np.percentile(above, _PERCENTILE)) if len(above) else 0.0
    return np.linspace(0.0, max(high, _HIGHEST_GEV), _BINS + 1)


def _density(
    mass_gev: NDArray[np.float64],
    weight: NDArray[np.float64],
    edges: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Share of all events a GeV, those without a mass or beyond the edges included."""
    inside = mass_gev > 0
    counts, _ = np.histogram(mass_gev[inside], edges, weights=weight[inside])
    total = float(weight.sum())
    return np.asarray(counts / np.diff(edges) / (total if total > 0 else 1.0))


def _draw_references(panel: Any) -> None:
    for (name, value), style in zip(REFERENCES_GEV.items(), ("--", ":"), strict=True):
        panel.axvline(
            value, color=ACCENT, linestyle=style, label=f"{name}, {value:g} GeV"
        )


def _wrapped(parts: str) -> str:
    """At most two parts a line, and the dots behind the last."""
    words = parts.removesuffix(" + ...").split(" + ")
    lines = [" + ".join(words[i : i + 2]) for i in range(0, len(words), 2)]
    return " +\n".join(lines) + " + ..." * parts.endswith("...")
