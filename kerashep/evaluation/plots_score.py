"""Figures of scores: class separation, ROC and precision-recall, overtraining."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.evaluation.curves import PrecisionRecallCurve, RocCurve
from kerashep.evaluation.discriminant import ClassSeparation, Discriminant
from kerashep.evaluation.measured import Measured
from kerashep.evaluation.overtraining import Overtraining
from kerashep.evaluation.plots_style import (
    ACCENT,
    BACKGROUND,
    COLOURS,
    SIGNAL,
    mass_colours,
    new_figure,
    plot_style,
)

_MAX_POINTS = 1500
_FILLED = 0.6  # of the height, so that the legend above covers nothing
_DECADES = 4.0
_FEWEST_SIGNAL = 0.01  # below, the purity of a few events only fluctuates


@plot_style()
def plot_class_separation(
    separation: ClassSeparation,
    provenance: str,
    *,
    ratio: Measured,
    best_cut: Measured,
    subject: str = "",
) -> Any:
    """Weighted signal and background scores, the ratio at every cut, the best cut.

    Drawn after figure 13 of arXiv:2202.00424.

    Args:
        separation: From `class_separation`.
        provenance: Of the events.
        ratio: Significance ratio with its error, for the legend.
        best_cut: Best cut with its error, for the legend.
        subject: For example `"AffinePNN, 750 GeV"`.

    Returns:
        A matplotlib Figure.
    """
    figure, (axes,) = new_figure(provenance, subject=subject)
    edges = separation.edges
    _filled(axes, edges, separation.background, BACKGROUND, "Background")
    _filled(axes, edges, separation.signal, SIGNAL, "Signal")
    _score_axes(axes, edges, separation.background, separation.signal)
    right = axes.twinx()
    chosen = _thin(len(separation.curve.cut))
    cut, curve = separation.curve.cut[chosen], separation.curve.ratio[chosen]
    right.plot(cut, curve, color=ACCENT, label=f"Significance ratio, best {ratio}")
    where = separation.best.cut
    label = f"Best cut {best_cut}"
    right.plot([where, where], [0.0, 1.0], color=ACCENT, linestyle="--", label=label)
    right.set_ylim(0.0, 1.0 / _FILLED)
    right.set_yticks(np.linspace(0.0, 1.0, 6))
    right.set_ylabel("Significance ratio", color=ACCENT)
    right.tick_params(axis="y", which="both", colors=ACCENT)
    axes.tick_params(axis="y", which="both", right=False)
    handles = [part.get_legend_handles_labels() for part in (axes, right)]
    axes.legend(handles[0][0] + handles[1][0], handles[0][1] + handles[1][1], loc=2)
    return figure


@plot_style()
def plot_roc_and_precision(
    roc: Mapping[str, RocCurve],
    precision: Mapping[str, PrecisionRecallCurve],
    provenance: str,
    *,
    roc_auc: Mapping[str, Measured],
    pr_auc: Mapping[str, Measured],
    subject: str = "",
) -> Any:
    """ROC and precision-recall curves side by side.

    Args:
        roc: Curves by model or mass.
        precision: Curves by the same names.
        provenance: Of the events.
        roc_auc: Areas with errors, for the legend.
        pr_auc: Areas with errors, for the legend.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    figure, axes = new_figure(provenance, columns=2, size=(12, 5.4), subject=subject)
    for colour, (name, curve) in zip(_colours(roc), roc.items(), strict=True):
        chosen = _thin(len(curve.cut))
        x, y = curve.background_efficiency[chosen], curve.signal_efficiency[chosen]
        label = f"{name}: {roc_auc[name]}"
        axes[0].plot(x, y, color=colour, label=label)
    axes[0].plot([0, 1], [0, 1], color="#b0b0b0", linestyle=":", linewidth=1.2)
    axes[0].set_xlabel("Background efficiency")
    axes[0].set_ylabel("Signal efficiency")
    axes[0].legend(loc="lower right", title="ROC AUC", title_fontsize=13)
    for colour, (name, pr) in zip(_colours(precision), precision.items(), strict=True):
        chosen = _thin(len(pr.cut))
        chosen = chosen[pr.signal_efficiency[chosen] >= _FEWEST_SIGNAL]
        x, y = pr.signal_efficiency[chosen], pr.purity[chosen]
        axes[1].plot(x, y, color=colour, label=f"{name}: {pr_auc[name]}")
    axes[1].set_xlabel("Signal efficiency (recall)")
    axes[1].set_ylabel("Purity (precision)")
    axes[1].legend(loc="lower left", title="PR AUC", title_fontsize=13)
    for panel in axes:
        panel.set_xlim(0.0, 1.0)
        panel.set_ylim(0.0, 1.02)
    return figure


@plot_style()
def plot_background_efficiency(
    roc: Mapping[str, RocCurve], provenance: str, *, subject: str = ""
) -> Any:
    """Background against signal efficiency, with bands of one standard error.

    Args:
        roc: Curves by model or mass.
        provenance: Of the events.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    figure, (axes,) = new_figure(provenance, subject=subject)
    lowest = 1.0
    for colour, (name, curve) in zip(_colours(roc), roc.items(), strict=True):
        chosen = _thin(len(curve.cut))
        chosen = chosen[curve.background_efficiency[chosen] > 0.0]
        x, y = curve.signal_efficiency[chosen], curve.background_efficiency[chosen]
        error = curve.background_error[chosen]
        axes.plot(x, y, color=colour, label=name)
        axes.fill_between(
            x, np.maximum(y - error, 0.1 * y), y + error, color=colour, alpha=0.25, lw=0
        )
        shown = y[x >= 0.1]
        lowest = min(lowest, float(shown.min()) if len(shown) else 1.0)
    axes.set_yscale("log")
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.5 * lowest, 1.5)
    axes.axvline(0.5, color="#b0b0b0", linestyle=":", linewidth=1.2)
    axes.set_xlabel("Signal efficiency")
    axes.set_ylabel("Background efficiency")
    axes.legend(loc="best")
    return figure


@plot_style()
def plot_overtraining(
    result: Overtraining, provenance: str, *, subject: str = ""
) -> Any:
    """Test discriminants (filled) with those of training (points).

    Args:
        result: From `check_overtraining`.
        provenance: Of the events.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    figure, (axes,) = new_figure(provenance, subject=subject)
    centres = 0.5 * (result.edges[1:] + result.edges[:-1])
    kinds = (
        ("Background", BACKGROUND, result.test_background, result.train_background),
        ("Signal", SIGNAL, result.test_signal, result.train_signal),
    )
    distances = (result.background_ks, result.signal_ks)
    for (name, colour, test, train), ks in zip(kinds, distances, strict=True):
        _filled(axes, result.edges, test, colour, f"{name}, test")
        label = f"{name}, training (KS {ks.distance:.3f}, p = {ks.p_value:.2g})"
        style = {"color": colour, "marker": "o", "markersize": 4, "linestyle": "none"}
        some = train.density > 0.0
        errors = train.error[some]
        axes.errorbar(centres[some], train.density[some], errors, label=label, **style)
    _score_axes(axes, result.edges, *(one for kind in kinds for one in kind[2:]))
    title = f"ROC AUC, training minus test: {result.auc_gap}"
    axes.legend(loc="upper left", title=title, title_fontsize=12, alignment="left")
    return figure


def _filled(
    axes: Any, edges: NDArray[np.float64], one: Discriminant, colour: str, label: str
) -> None:
    axes.stairs(one.density, edges, color=colour, fill=True, alpha=0.22)
    axes.stairs(one.density, edges, color=colour, linewidth=1.6, label=label)
    centres = 0.5 * (edges[1:] + edges[:-1])
    style = {"fmt": "none", "ecolor": colour, "elinewidth": 1.0, "alpha": 0.8}
    some = one.density > 0.0
    axes.errorbar(centres[some], one.density[some], one.error[some], **style)


def _score_axes(
    axes: Any, edges: NDArray[np.float64], *histograms: Discriminant
) -> None:
    """Logarithmic, over all filled bins but at most four decades, with head-room."""
    densities = np.concatenate([one.density for one in histograms])
    top = float(densities.max())
    lowest = max(float(densities[densities > 0.0].min()), top / 10.0**_DECADES)
    low = 0.5 * lowest
    axes.set_yscale("log")
    axes.set_ylim(low, low * (top / low) ** (1.0 / _FILLED))
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xlabel("Classifier score")
    axes.set_ylabel("Weighted event density (area 1)")


def _thin(points: int) -> NDArray[np.intp]:
    """At most `_MAX_POINTS` evenly chosen points, the ends included."""
    count = min(points, _MAX_POINTS)
    return np.unique(np.linspace(0, points - 1, count).round().astype("int"))


def _colours(curves: Mapping[str, Any]) -> list[Any]:
    if all(name.endswith("GeV") for name in curves):
        return mass_colours(len(curves))
    return [COLOURS[i % len(COLOURS)] for i in range(len(curves))]
