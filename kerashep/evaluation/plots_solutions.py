"""Figures of an ablation: numbers, times and gains, solution by solution."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerashep.evaluation.plots_style import COLOURS, MARKERS, new_figure, plot_style

_Document = Mapping[str, Any]


@plot_style()
def plot_solutions(document: _Document) -> Any:
    """AUC and AMS of each solution, with errors; as figure 18 of arXiv:2002.01427.

    Args:
        document: Content of an ablation's results: `rows` with `label`, `roc_auc`,
            `ams` and `smoothed_ams`, each with `value` and `error`; `provenance`,
            `fraction`.

    Returns:
        A matplotlib Figure.
    """
    rows = document["rows"]
    width = max(7.2, 0.9 * len(rows) + 2)
    figure, (upper, lower) = new_figure(
        document["provenance"], rows=2, size=(width, 8.0), share_x=True
    )
    place = np.arange(len(rows))
    percent = f"{100 * document['fraction']:g} %"
    _points(upper, place, rows, "roc_auc", "weighted ROC AUC", 0)
    _points(lower, place - 0.08, rows, "ams", f"top {percent} of the events", 1)
    _points(lower, place + 0.08, rows, "smoothed_ams", "smoothed best cut", 2)
    upper.set_ylabel("Weighted ROC AUC")
    lower.set_ylabel("AMS")
    lower.legend()
    _name(lower, rows)
    return figure


@plot_style()
def plot_solution_times(document: _Document) -> Any:
    """Training and scoring time of each solution; as figure 19 of arXiv:2002.01427.

    Args:
        document: As for `plot_solutions`; rows with `training_seconds` and
            `scoring_microseconds`.

    Returns:
        A matplotlib Figure.
    """
    rows = document["rows"]
    width = max(7.2, 0.9 * len(rows) + 2)
    figure, axes = new_figure(
        document["provenance"], rows=2, size=(width, 7.0), share_x=True
    )
    for ax, key, label in (
        (axes[0], "training_seconds", "Training of a fold / s"),
        (axes[1], "scoring_microseconds", r"Scoring an event / $\mu$s"),
    ):
        values = [row[key]["value"] for row in rows]
        errors = [row[key]["error"] or 0.0 for row in rows]
        ax.bar(np.arange(len(rows)), values, yerr=errors, color=COLOURS[0], width=0.6)
        ax.set_yscale("log")
        ax.set_ylabel(label)
    _name(axes[1], rows)
    return figure


@plot_style()
def plot_contributions(document: _Document) -> Any:
    """Gain in AMS of each step over the one before; as figure 21 of arXiv:2002.01427.

    Args:
        document: As for `plot_solutions`, with `differences`.

    Returns:
        A matplotlib Figure; None where no line comes after another.
    """
    steps = document["differences"]
    if not steps:
        return None
    names = [f"{one['first']}\n- {one['second']}" for one in steps]
    height = max(5.2, 0.55 * len(steps) + 1.6)
    figure, (left, right) = new_figure(
        document["provenance"], columns=2, size=(11.0, height)
    )
    place = np.arange(len(steps))[::-1]
    for ax, key, label in (
        (left, "roc_auc", "Difference of the weighted ROC AUC"),
        (right, "ams", "Difference of the AMS"),
    ):
        values = [one[key]["value"] for one in steps]
        errors = [one[key]["error"] or 0.0 for one in steps]
        ax.barh(place, values, xerr=errors, color=COLOURS[0], height=0.55)
        ax.axvline(0.0, color="black", linewidth=1.0)
        ax.set_xlabel(label)
        ax.set_yticks(place, names if ax is left else [""] * len(names), fontsize=11)
        ax.minorticks_off()
    return figure


def _points(
    ax: Any,
    place: np.ndarray,
    rows: Sequence[_Document],
    key: str,
    label: str,
    style: int,
) -> None:
    ax.errorbar(
        place,
        [row[key]["value"] for row in rows],
        yerr=[row[key]["error"] or 0.0 for row in rows],
        fmt=MARKERS[style],
        color=COLOURS[style],
        label=label,
        capsize=3,
    )


def _name(ax: Any, rows: Sequence[_Document]) -> None:
    labels = [row["label"] for row in rows]
    ax.set_xticks(np.arange(len(rows)), labels, rotation=35, ha="right", fontsize=12)
    ax.xaxis.minorticks_off()
