"""The figure of the AMS against the cut."""

from typing import Any

import numpy as np

from kerashep.evaluation.ams_numbers import AmsNumbers
from kerashep.evaluation.plots_style import ACCENT, COLOURS, new_figure, plot_style

_FEWEST_EVENTS = 10
_MOST_POINTS = 5000


@plot_style()
def plot_ams(numbers: AmsNumbers, provenance: str, *, subject: str = "") -> Any:
    """AMS at every cut with the band of its error, and the cuts that are quoted.

    Cuts that fewer than ten events pass are left out.

    Args:
        numbers: From `ams_numbers`.
        provenance: Of the events.
        subject: What is shown, printed at the right.

    Returns:
        A matplotlib Figure.
    """
    figure, (axes,) = new_figure(provenance, subject=subject)
    curve = numbers.curve
    kept = np.flatnonzero((curve.events >= _FEWEST_EVENTS) & np.isfinite(curve.ams))
    kept = kept[:: max(1, len(kept) // _MOST_POINTS)]
    cut, ams, error = curve.cut[kept], curve.ams[kept], curve.error[kept]
    axes.plot(cut, ams, color=COLOURS[0], label="AMS")
    axes.fill_between(
        cut, ams - error, ams + error, color=COLOURS[0], alpha=0.25, linewidth=0
    )
    axes.axvline(
        numbers.smoothed.cut,
        color=ACCENT,
        linestyle="--",
        label=f"smoothed cut, AMS {numbers.smoothed.ams:.2f}",
    )
    share = np.searchsorted(-curve.events, -numbers.fraction * curve.events[0])
    at = curve.cut[min(int(share), len(curve.cut) - 1)]
    label = f"top {100 * numbers.fraction:g} % of the events"
    axes.axvline(at, color=COLOURS[5], linestyle=":", label=label)
    axes.set_xlabel("Cut on the score")
    axes.set_ylabel("AMS")
    axes.set_ylim(bottom=0.0)
    axes.legend()
    return figure
