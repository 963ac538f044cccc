"""Figures against mass: metrics, interpolation, matrices, distance from the limit."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kerashep._messages import did_you_mean
from kerashep.evaluation.interpolation import Interpolation, MetricMatrix
from kerashep.evaluation.limit import LimitComparison
from kerashep.evaluation.mass_metrics import MassMetrics
from kerashep.evaluation.measured import Measured
from kerashep.evaluation.plots_style import COLOURS, MARKERS, new_figure, plot_style

METRIC_LABELS = {
    "roc_auc": "ROC AUC",
    "pr_auc": "PR AUC (average precision)",
    "significance_ratio": "Significance ratio",
    "best_cut": "Best cut on the score",
    "best_significance": r"$s/\sqrt{s+b}$ at its best cut",
    "background_rejection": r"Rejection $1/\epsilon_b$ at $\epsilon_s = 0.5$",
}
_COMPARED = ("roc_auc", "pr_auc", "significance_ratio")
_AT_MOST_ONE = _COMPARED
_LOGARITHMIC = ("background_rejection",)


@plot_style()
def plot_per_mass(
    models: Mapping[str, Sequence[MassMetrics]],
    metric: str,
    provenance: str,
    *,
    parameter: str = "Mass",
    unit: str = "GeV",
) -> Any:
    """One metric against mass for several models, with error bars.

    Below areas and ratios of several models, a panel shows the difference from the
    first model, paired on the test events where that is known.

    Args:
        models: Result of `evaluate_per_mass` or `combine_seeds` by model name.
        metric: One of the names in `METRIC_LABELS`.
        provenance: Of the test events.
        parameter: Name of the horizontal axis.
        unit: Its unit.

    Returns:
        A matplotlib Figure.
    """
    if metric not in METRIC_LABELS:
        raise ValueError(f"No metric '{metric}'." + did_you_mean(metric, METRIC_LABELS))
    compare = len(models) > 1 and metric in _COMPARED
    figure, axes = new_figure(
        provenance,
        rows=2 if compare else 1,
        size=(7.2, 6.6) if compare else None,
        heights=(2.4, 1.0) if compare else None,
        share_x=True,
        subject=next(iter(models)) if len(models) == 1 else "",
    )
    first = next(iter(models.values()))
    _draw_series(axes[0], models, lambda one, _: getattr(one, metric))
    axes[0].set_ylabel(METRIC_LABELS[metric])
    if len(models) > 1:
        axes[0].legend(loc="best")
    if metric in _AT_MOST_ONE:
        axes[0].set_ylim(top=min(axes[0].get_ylim()[1], 1.01))
    if metric in _LOGARITHMIC:
        axes[0].set_yscale("log")
    if metric == "best_cut":
        _best_cut_ends(axes[0], models)
    if compare:
        _draw_series(
            axes[1],
            models,
            lambda one, i: getattr(one, metric).minus(getattr(first[i], metric)),
        )
        axes[1].set_ylabel("Difference", loc="center")
    axes[-1].set_xlabel(f"{parameter} [{unit}]" if unit else parameter)
    return figure


@plot_style()
def plot_interpolation(
    studies: Mapping[str, Interpolation],
    provenance: str,
    *,
    one_network: bool = False,
    subject: str = "",
) -> Any:
    """Full training (solid) against one without some masses (dashed, hollow there).

    Args:
        studies: Comparison by model name, all of one metric.
        provenance: Of the test events.
        one_network: Whether all studies are of the same network without different
            masses; its full training is then drawn once.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    figure, (axes,) = new_figure(provenance, subject=subject)
    for i, (name, study) in enumerate(studies.items()):
        masses = np.array(study.masses_gev)
        missing = np.isin(masses, study.missing_gev)
        place = i + 1 if one_network else i
        colour, marker = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
        style = {"color": colour, "marker": marker, "capsize": 3}
        if not one_network:
            axes.errorbar(masses, *_columns(study.full), label=f"{name}, full", **style)
        elif not i:
            whole = {**style, "color": COLOURS[0], "marker": MARKERS[0]}
            axes.errorbar(masses, *_columns(study.full), label="All masses", **whole)
        values, errors = _columns(study.reduced)
        style["linestyle"] = "--"
        without = " and ".join(f"{mass:g}" for mass in study.missing_gev)
        start = "Without" if one_network else f"{name}, without"
        label = f"{start} {without} GeV (hollow)"
        axes.errorbar(masses, values, errors, label=label, **style)
        hollow = axes.plot(masses[missing], values[missing], marker, color=colour)[0]
        hollow.set(markerfacecolor="white", zorder=3)
        axes.set_ylabel(METRIC_LABELS.get(study.metric, study.metric))
    axes.set_xlabel("Mass [GeV]")
    axes.legend(loc="best")
    return figure


@plot_style()
def plot_matrix(matrix: MetricMatrix, provenance: str, *, subject: str = "") -> Any:
    """A metric for every training (row) and mass (column); unseen masses are framed.

    Args:
        matrix: From `metric_matrix`.
        provenance: Of the test events.
        subject: For example `"Each row leaves one mass out"`.

    Returns:
        A matplotlib Figure.
    """
    rows, columns = matrix.values.shape
    size = (2.6 + 1.35 * columns, 1.9 + 0.75 * rows)
    figure, (axes,) = new_figure(provenance, size=size, subject=subject)
    image = axes.imshow(matrix.values, cmap="viridis", aspect="auto")
    middle = 0.5 * float(np.nanmin(matrix.values) + np.nanmax(matrix.values))
    for row in range(rows):
        for column in range(columns):
            number = matrix.numbers[row][column]
            colour = "black" if number.value > middle else "white"
            value, _, error = str(number).partition(" ± ")
            text = f"{value}\n±{error}" if error else value
            place = {"ha": "center", "va": "center", "fontsize": 11}
            axes.text(column, row, text, color=colour, **place)
            if not matrix.seen[row, column]:
                _frame(axes, column, row)
    axes.set_xticks(range(columns), [f"{mass:g}" for mass in matrix.masses_gev])
    axes.set_yticks(range(rows), matrix.trainings)
    axes.tick_params(which="both", top=False, right=False, length=0)
    axes.minorticks_off()
    axes.set_xlabel("Tested at mass [GeV] (framed: not trained on)")
    axes.set_ylabel("Trained on")
    label = METRIC_LABELS.get(matrix.metric, matrix.metric)
    figure.colorbar(image, ax=axes, label=label, pad=0.02)
    return figure


@plot_style()
def plot_limit(
    models: Mapping[str, Sequence[LimitComparison]],
    provenance: str,
    *,
    trained_gev: Sequence[float] = (),
) -> Any:
    """Share of the best possible AUC and background rejection, against mass.

    Args:
        models: From `compare_with_limit` by model name.
        provenance: Of the test events.
        trained_gev: Training masses, marked by dotted lines.

    Returns:
        A matplotlib Figure.
    """
    figure, axes = new_figure(provenance, rows=2, size=(7.2, 7.0), share_x=True)
    _draw_series(axes[0], models, lambda one, _: one.auc_fraction)
    _draw_series(axes[1], models, lambda one, _: one.rejection_fraction)
    for panel in axes:
        panel.axhline(1.0, color="black", linewidth=1.0)
        for mass in trained_gev:
            panel.axvline(mass, color="#b0b0b0", linewidth=1.0, linestyle=":")
    axes[0].set_ylabel("ROC AUC / limit")
    axes[1].set_ylabel(r"Rejection at $\epsilon_s = 0.5$ / limit")
    axes[1].set_xlabel("Mass [GeV]" + (" (dotted: trained on)" if trained_gev else ""))
    axes[0].legend(loc="best")
    return figure


def _draw_series(
    axes: Any,
    models: Mapping[str, Sequence[Any]],
    number: Callable[[Any, int], Measured],
) -> None:
    """Error bars of every model, shifted sideways so that they do not cover."""
    masses = np.array([one.mass for one in next(iter(models.values()))])
    gap = float(np.min(np.diff(np.sort(masses)))) if len(masses) > 1 else 1.0
    for i, (name, metrics) in enumerate(models.items()):
        values, errors = _columns([number(one, k) for k, one in enumerate(metrics)])
        shift = 0.045 * gap * (i - 0.5 * (len(models) - 1))
        axes.errorbar(
            np.array([one.mass for one in metrics]) + shift,
            np.where(np.isfinite(values), values, np.nan),
            np.nan_to_num(errors),
            color=COLOURS[i % len(COLOURS)],
            marker=MARKERS[i % len(MARKERS)],
            markersize=6,
            linewidth=1.2,
            elinewidth=1.6,
            capsize=3,
            label=name,
        )
    axes.margins(x=0.06, y=0.12)


def _best_cut_ends(axes: Any, models: Mapping[str, Sequence[MassMetrics]]) -> None:
    cuts = [one.best_cut.value for metrics in models.values() for one in metrics]
    if min(cuts) >= 0.0 and max(cuts) <= 1.0:
        axes.set_ylim(-0.04, 1.04)
        for end in (0.0, 1.0):
            axes.axhline(end, color="#b0b0b0", linewidth=1.0, linestyle=":")


def _frame(axes: Any, column: int, row: int) -> None:
    from matplotlib.patches import Rectangle

    corner = (column - 0.47, row - 0.46)
    frame = Rectangle(corner, 0.94, 0.92, fill=False, edgecolor="#bd1f01")
    frame.set_linewidth(2.4)
    axes.add_patch(frame)


def _columns(numbers: Sequence[Measured]) -> tuple[Any, Any]:
    return (
        np.array([one.value for one in numbers]),
        np.array([one.error for one in numbers]),
    )
