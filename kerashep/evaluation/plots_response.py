"""The figure of a regression's response against another quantity."""

from collections.abc import Mapping
from typing import Any

from kerashep.evaluation.plots_style import COLOURS, MARKERS, new_figure, plot_style
from kerashep.evaluation.response import ResponseProfile


@plot_style()
def plot_response(
    profiles: Mapping[str, ResponseProfile],
    quantity: str,
    provenance: str,
    *,
    subject: str = "",
) -> Any:
    """Median of prediction over truth in each bin, with the band from 16 to 84 %.

    Args:
        profiles: From `response_profile`, by the name of the prediction.
        quantity: Against which, for the horizontal axis.
        provenance: Of the events.
        subject: What is shown, printed at the right.

    Returns:
        A matplotlib Figure.
    """
    figure, (axes,) = new_figure(provenance, subject=subject)
    for i, (name, one) in enumerate(profiles.items()):
        colour = COLOURS[i % len(COLOURS)]
        axes.plot(
            one.centre,
            one.median,
            color=colour,
            marker=MARKERS[i % len(MARKERS)],
            label=f"{name}: median, 16 to 84 %",
        )
        axes.fill_between(
            one.centre, one.low, one.high, color=colour, alpha=0.2, linewidth=0
        )
    axes.axhline(1.0, color="black", linewidth=1.0, linestyle=":")
    axes.set_xlabel(quantity)
    axes.set_ylabel("Prediction / truth")
    axes.legend(loc="best")
    return figure
