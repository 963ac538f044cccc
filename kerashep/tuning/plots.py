"""Figures of a search. They only draw: numbers come in, a Figure comes out."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerashep.evaluation.plots_style import ACCENT, COLOURS, new_figure, plot_style
from kerashep.tuning.axes import Axis
from kerashep.tuning.importance import HyperparameterImportance
from kerashep.tuning.profiles import Profile, Trend
from kerashep.tuning.trial_table import TrialTable

_PANEL = (4.2, 3.5)
_MOST_TICKS = 7


@plot_style()
def plot_profiles(profiles: Sequence[Profile], provenance: str, objective: str) -> Any:
    """Mean score against each hyperparameter, with the spread of the trials.

    Args:
        profiles: From `score_profile`, one a panel.
        provenance: Of the events.
        objective: What the score is.

    Returns:
        A matplotlib Figure.
    """
    columns = min(3, len(profiles))
    rows = math.ceil(len(profiles) / columns)
    size = (_PANEL[0] * columns + 0.6, _PANEL[1] * rows + 0.6)
    figure, panels = new_figure(provenance, rows=rows, columns=columns, size=size)
    for axes, one in zip(panels, profiles, strict=False):
        axes.fill_between(
            *(one.position, one.low, one.high),
            color=COLOURS[0],
            alpha=0.2,
            linewidth=0,
            label="central 68 % of the trials",
        )
        error = np.nan_to_num(one.error)
        axes.errorbar(
            *(one.position, one.mean, error),
            color=COLOURS[0],
            marker="o",
            label="mean with its error",
        )
        axes.plot(one.position, one.best, "^", color=ACCENT, label="best trial")
        mark_axis(axes.xaxis, one.axis)
        axes.set_xlabel(one.axis.name)
    for i, axes in enumerate(panels):
        axes.set_visible(i < len(profiles))
        if i % columns == 0:
            axes.set_ylabel(objective)
    panels[0].legend(fontsize=9)
    return figure


@plot_style()
def plot_history(table: TrialTable) -> Any:
    """Score by number of the trial, and the best so far.

    Args:
        table: All trials.

    Returns:
        A matplotlib Figure.
    """
    done = table.finished()
    number, score = done.numbers("trial"), done.numbers("score")
    figure, (axes,) = new_figure(table.provenance)
    axes.errorbar(
        *(number, score, np.nan_to_num(done.numbers("standard_error"))),
        fmt="o",
        markersize=4,
        linewidth=0.8,
        color=COLOURS[0],
        label="trial, with its error over folds",
    )
    best = np.maximum.accumulate(score)
    axes.step(number, best, where="post", color=COLOURS[1], label="best so far")
    axes.set_xlabel("Trial")
    axes.set_ylabel(table.objective)
    axes.legend(loc="lower right")
    return figure


@plot_style()
def plot_parameter_count(table: TrialTable, trend: Trend) -> Any:
    """Score against the number of parameters, with the straight line.

    Args:
        table: Finished trials.
        trend: From `logarithmic_trend`.

    Returns:
        A matplotlib Figure.
    """
    number, score = table.numbers("parameters"), table.numbers("score")
    figure, (axes,) = new_figure(table.provenance)
    axes.plot(number, score, "o", markersize=4, color=COLOURS[0], label="trial")
    ends = np.array([number.min(), number.max()])
    line = trend.intercept + trend.slope.value * np.log10(ends)
    axes.plot(ends, line, color=COLOURS[1], label=f"{trend.slope} a factor of ten")
    axes.set_xscale("log")
    axes.set_xlabel("Number of parameters")
    axes.set_ylabel(table.objective)
    axes.legend()
    return figure


@plot_style()
def plot_importance(importance: HyperparameterImportance, provenance: str) -> Any:
    """Importance of each hyperparameter, the largest on top.

    Args:
        importance: From `hyperparameter_importance`.
        provenance: Of the events.

    Returns:
        A matplotlib Figure.
    """
    names = list(importance.drops)
    height = max(3.0, 0.5 * len(names) + 1.6)
    subject = f"forest: R² {importance.r2}"
    figure, (axes,) = new_figure(provenance, size=(8.0, height), subject=subject)
    place = np.arange(len(names))[::-1]
    axes.barh(
        place,
        [one.value for one in importance.drops.values()],
        xerr=[one.error for one in importance.drops.values()],
        color=COLOURS[0],
        height=0.65,
    )
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.set_yticks(place, names, fontsize=11)
    axes.yaxis.minorticks_off()
    axes.set_xlabel("Loss of R² when shuffled")
    return figure


def mark_axis(ticks: Any, axis: Axis) -> None:
    """Ticks with the values of a hyperparameter at its positions.

    Args:
        ticks: matplotlib's `xaxis` or `yaxis`.
        axis: The hyperparameter.
    """
    from matplotlib.ticker import NullLocator

    places = axis.grid(5)
    if axis.kind != "category" and len(places) > _MOST_TICKS:
        places = places[:: math.ceil(len(places) / _MOST_TICKS)]
    labels = [axis.label(float(place)) for place in places]
    ticks.set_ticks(places, labels, fontsize=9)
    ticks.set_minor_locator(NullLocator())


def subject_of(best: Mapping[str, Any] | None) -> str:
    """`best: trial 9`, for the corner of a figure.

    Args:
        best: Row of the best trial, if there is one.
    """
    return "" if best is None else f"best: trial {best['trial']}"
