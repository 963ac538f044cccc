"""The figure of a learning-rate range test."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kerashep.evaluation.plots_style import ACCENT, COLOURS, new_figure, plot_style


@plot_style()
def plot_range_test(
    rates: ArrayLike,
    mean: ArrayLike,
    spread: ArrayLike,
    provenance: str,
    *,
    suggestion: float | None = None,
    subject: str = "",
) -> Any:
    """Loss while the learning rate rises, with its spread over folds; as figure 8.

    Args:
        rates: `(points,)` of a `kerashep.training.RangeTest`.
        mean: `(points,)`, its `mean()`; NaN where a repeat had been stopped.
        spread: `(points,)`, its `spread()`; NaN draws no band.
        provenance: Of the events.
        suggestion: A rate to mark, its `suggestion()`.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    x, y, error = (np.asarray(one, "float64") for one in (rates, mean, spread))
    known = np.isfinite(y)
    figure, (axes,) = new_figure(provenance, subject=subject)
    axes.plot(x[known], y[known], color=COLOURS[0], label="mean over folds")
    banded = known & np.isfinite(error)
    if banded.any():
        low, high = y[banded] - error[banded], y[banded] + error[banded]
        axes.fill_between(
            x[banded], low, high, color=COLOURS[0], alpha=0.25, linewidth=0
        )
    if suggestion is not None:
        label = f"suggestion {suggestion:.2g}"
        axes.axvline(suggestion, color=ACCENT, linestyle="--", label=label)
    axes.set_xscale("log")
    lowest, first = np.nanmin(y), y[known][0]
    axes.set_ylim(lowest - 0.1 * (first - lowest), first + 0.5 * (first - lowest))
    axes.set_xlabel("Learning rate")
    axes.set_ylabel("Loss")
    axes.legend()
    return figure
