"""Figures of pairs of hyperparameters: one panel a pair."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerashep.evaluation.plots_style import COLOURS, new_figure, plot_style
from kerashep.tuning.axes import Axis
from kerashep.tuning.plots import mark_axis, subject_of
from kerashep.tuning.profiles import Grid
from kerashep.tuning.surrogate import Dependence, Dependence2D

_PANEL = 3.0
_MOST_WRITTEN = 60
_MOST_TICKS = 7


@plot_style()
def plot_grids(grids: Sequence[Grid], provenance: str, objective: str) -> Any:
    """Heat maps of the mean score, with the number of trials in each cell.

    Args:
        grids: From `score_grid`, all pairs of some hyperparameters.
        provenance: Of the events.
        objective: What the score is.

    Returns:
        A matplotlib Figure.
    """
    names = list(dict.fromkeys([*(g.first.name for g in grids), grids[-1].second.name]))
    count = len(names)
    side = max(5.0, _PANEL * (count - 1) + 1.2)
    figure, panels = new_figure(
        provenance, rows=count - 1, columns=count - 1, size=(side + 0.8, side)
    )
    values = np.concatenate([grid.mean.ravel() for grid in grids])
    low, high = np.nanquantile(values, [0.02, 1.0])
    used = {}
    for grid in grids:
        row, column = names.index(grid.second.name) - 1, names.index(grid.first.name)
        axes = panels[row * (count - 1) + column]
        used[row, column] = axes
        image = axes.imshow(
            grid.mean.T, origin="lower", aspect="auto", vmin=low, vmax=high
        )
        _mark_cells(axes.xaxis, grid.first, grid.rows)
        _mark_cells(axes.yaxis, grid.second, grid.columns)
        _write_counts(axes, grid)
        _name(axes, grid.first, grid.second, row == count - 2, column == 0)
    _hide_others(panels, used, count - 1)
    figure.colorbar(image, ax=panels, label=f"mean {objective}", shrink=0.6)
    return figure


@plot_style()
def plot_dependence(
    single: Sequence[Dependence],
    pairs: Sequence[Dependence2D],
    provenance: str,
    objective: str,
    best: Mapping[str, Any] | None,
) -> Any:
    """Partial dependence of the Gaussian process: each hyperparameter, and each pair.

    Args:
        single: On each hyperparameter: the diagonal.
        pairs: On pairs of them: below the diagonal.
        provenance: Of the events.
        objective: What the score is.
        best: Row of the best trial, marked in red; None marks nothing.

    Returns:
        A matplotlib Figure.
    """
    names, count = [one.axis.name for one in single], len(single)
    side = max(5.0, _PANEL * count + 0.8)
    figure, panels = new_figure(
        provenance,
        rows=count,
        columns=count,
        size=(side + 0.8, side),
        subject=subject_of(best),
    )
    used, image = {}, None
    means = [one.mean.ravel() for one in single] + [one.mean.ravel() for one in pairs]
    low, high = np.concatenate(means).min(), np.concatenate(means).max()
    for i, one in enumerate(single):
        used[i, i] = axes = panels[i * count + i]
        _draw_single(axes, one, best)
        axes.set_ylabel(objective, fontsize=10)
        axes.yaxis.set_label_position("right")
        axes.yaxis.tick_right()
    for pair in pairs:
        row, column = names.index(pair.second.name), names.index(pair.first.name)
        used[row, column] = axes = panels[row * count + column]
        image = axes.contourf(
            pair.rows, pair.columns, pair.mean.T, levels=np.linspace(low, high, 13)
        )
        mark_axis(axes.xaxis, pair.first)
        mark_axis(axes.yaxis, pair.second)
        if best is not None:
            place = [a.position([best[a.name]])[0] for a in (pair.first, pair.second)]
            axes.plot(*place, "o", color=COLOURS[1], markersize=6)
        _name(axes, pair.first, pair.second, row == count - 1, column == 0)
    _hide_others(panels, used, count)
    if image is not None:
        figure.colorbar(image, ax=panels, label=objective, shrink=0.6)
    return figure


def _draw_single(axes: Any, one: Dependence, best: Mapping[str, Any] | None) -> None:
    low, high = one.mean - one.deviation, one.mean + one.deviation
    marker = "o" if one.axis.discrete else None
    axes.fill_between(
        one.position, low, high, color=COLOURS[0], alpha=0.25, linewidth=0
    )
    axes.plot(one.position, one.mean, color=COLOURS[0], marker=marker, markersize=4)
    if best is not None:
        place = one.axis.position([best[one.axis.name]])[0]
        axes.axvline(place, color=COLOURS[1], linestyle="--", linewidth=1.2)
    mark_axis(axes.xaxis, one.axis)
    axes.set_xlabel(one.axis.name, fontsize=11)


def _mark_cells(ticks: Any, axis: Axis, positions: Any) -> None:
    step = 1 if axis.kind == "category" else -(-len(positions) // _MOST_TICKS)
    labels = [axis.label(float(place)) for place in positions[::step]]
    ticks.set_ticks(np.arange(0, len(positions), step), labels, fontsize=9)


def _write_counts(axes: Any, grid: Grid) -> None:
    if grid.trials.size > _MOST_WRITTEN:
        return
    for (row, column), trials in np.ndenumerate(grid.trials):
        if trials:
            axes.text(
                *(row, column, int(trials)),
                ha="center",
                va="center",
                color="white",
                fontsize=8,
            )


def _name(axes: Any, first: Axis, second: Axis, lowest: bool, leftmost: bool) -> None:
    axes.minorticks_off()
    axes.set_xlabel(first.name if lowest else "", fontsize=11)
    axes.set_ylabel(second.name if leftmost else "", fontsize=11)


def _hide_others(panels: Sequence[Any], used: Mapping[Any, Any], count: int) -> None:
    """Empty panels; the first keeps the label above it."""
    for i, axes in enumerate(panels):
        if (i // count, i % count) not in used:
            axes.set_axis_off()
