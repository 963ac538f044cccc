"""Figures of a comparison: calibration, and AUC in training and test."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from kerashep.evaluation.calibration import Calibration
from kerashep.evaluation.measured import Measured
from kerashep.evaluation.plots_style import COLOURS, MARKERS, new_figure, plot_style


@plot_style()
def plot_calibration(
    curves: Mapping[str, Calibration], provenance: str, *, subject: str = ""
) -> Any:
    """Share of signal against score, with the diagonal of a probability.

    Args:
        curves: By solution.
        provenance: Of the events.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    figure, (axes,) = new_figure(provenance, subject=subject)
    axes.plot([0, 1], [0, 1], color="#b0b0b0", linestyle=":", linewidth=1.4)
    for i, (name, curve) in enumerate(curves.items()):
        axes.errorbar(
            curve.mean_score,
            curve.signal_share,
            curve.share_error,
            color=COLOURS[i % len(COLOURS)],
            marker=MARKERS[i % len(MARKERS)],
            markersize=5,
            linewidth=1.3,
            label=f"{name} ({curve.distance})",
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("Mean score of the bin")
    axes.set_ylabel("Share of signal (training weights)")
    title = "mean distance"
    axes.legend(loc="upper left", title=title, title_fontsize=12, alignment="left")
    return figure


@plot_style()
def plot_train_test_auc(
    test: Mapping[str, Measured],
    train: Mapping[str, Measured],
    provenance: str,
    *,
    subject: str = "",
) -> Any:
    """ROC AUC on events that were trained on (open) and on others (filled).

    Args:
        test: Out of fold, by solution.
        train: On training events, by solution.
        provenance: Of the events.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    size = (7.2, 1.6 + 0.5 * len(test))
    figure, (axes,) = new_figure(provenance, subject=subject, size=size)
    rows = np.arange(len(test))[::-1]
    kinds = (("Test (out of fold)", test, COLOURS[0]), ("Training", train, "white"))
    for label, numbers, colour in kinds:
        chosen = [numbers[name] for name in test]
        axes.errorbar(
            [one.value for one in chosen],
            rows,
            xerr=[one.error for one in chosen],
            fmt="o",
            markersize=7,
            color=COLOURS[0],
            markerfacecolor=colour,
            label=label,
        )
    axes.set_yticks(rows, list(test))
    axes.set_ylim(-0.6, len(test) - 0.4)
    axes.set_xlabel("Weighted ROC AUC")
    axes.grid(axis="x", alpha=0.3)
    axes.tick_params(axis="y", which="minor", left=False, right=False)
    axes.legend(loc="best")
    return figure
