"""Figures of a training: learning curves and the learned representation."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.measured import Measured
from kerashep.evaluation.plots_style import (
    BACKGROUND,
    COLOURS,
    MARKERS,
    SIGNAL,
    mass_colours,
    new_figure,
    plot_style,
)
from kerashep.evaluation.representation import Embedding

History = Mapping[str, Sequence[float]]
_NO_QUANTITY = ("epoch", "learning_rate", "seconds")


@plot_style()
def plot_learning_curves(
    histories: Sequence[History],
    provenance: str,
    *,
    subject: str = "",
    loss: str = "cross-entropy",
) -> Any:
    """Every recorded quantity against epoch, training and validation together.

    Several trainings are shown as mean and standard deviation over seeds; where one
    stopped earlier, over those that went on.

    Args:
        histories: One mapping a seed, as Keras records it: `loss`, `val_loss`, ...
        provenance: Of the events.
        subject: What is shown.
        loss: Name of the loss.

    Returns:
        A matplotlib Figure.
    """
    recorded = [name.removeprefix("val_") for h in histories for name in h]
    names = [name for name in dict.fromkeys(recorded) if name not in _NO_QUANTITY]
    if not names:
        raise ValueError(
            "`histories` must hold at least one recorded quantity. "
            f"Received: {[list(history) for history in histories]}."
        )
    figure, axes = new_figure(
        provenance,
        columns=len(names),
        size=(1.2 + 6.0 * len(names), 4.9),
        subject=subject,
    )
    for panel, name in zip(axes, names, strict=True):
        for key, colour, label in (
            (name, COLOURS[0], "Training"),
            (f"val_{name}", COLOURS[1], "Validation"),
        ):
            curves = [history[key] for history in histories if key in history]
            if curves:
                _draw_curves(panel, curves, colour, label)
        panel.set_xlabel("Epoch")
        known = {"loss": f"Loss ({loss} and penalties)", "auc": "ROC AUC"}
        panel.set_ylabel(known.get(name, name.replace("_", " ")))
        panel.legend(loc="best")
    return figure


@plot_style()
def plot_training_size(
    models: Mapping[str, Mapping[int, Measured]],
    quantity: str,
    provenance: str,
    *,
    limit: Measured | None = None,
    subject: str = "",
) -> Any:
    """A quantity against the number of training events, for several models.

    Args:
        models: Number of training events to result, by model name.
        quantity: What is measured, for the vertical axis.
        provenance: Of the events.
        limit: The best possible value, drawn as a line, if it is known.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    figure, (axes,) = new_figure(provenance, subject=subject)
    for i, (name, results) in enumerate(models.items()):
        sizes = sorted(results)
        axes.errorbar(
            np.array(sizes) * 1.04 ** (i - 0.5 * (len(models) - 1)),
            [results[size].value for size in sizes],
            np.nan_to_num([results[size].error for size in sizes]),
            color=COLOURS[i % len(COLOURS)],
            marker=MARKERS[i % len(MARKERS)],
            linewidth=1.2,
            capsize=3,
            label=name,
        )
    if limit is not None:
        label = f"Best possible, {limit}"
        axes.axhline(limit.value, color="black", linewidth=1.0, label=label)
    axes.set_xscale("log")
    axes.set_xlabel("Training events")
    axes.set_ylabel(quantity)
    axes.margins(y=0.12)
    axes.legend(loc="best")
    return figure


@plot_style()
def plot_representation(
    embedding: Embedding,
    label: ArrayLike,
    mass_gev: ArrayLike,
    provenance: str,
    *,
    subject: str = "",
) -> Any:
    """t-SNE points coloured by mass (left) and by label (right).

    Args:
        embedding: From `embed_representation`; its `index` picks the points shown.
        label: `(events,)` of the whole sample: 1 signal, 0 background.
        mass_gev: `(events,)` the mass each event was given to the network with.
        provenance: Of the events.
        subject: What is shown.

    Returns:
        A matplotlib Figure.
    """
    figure, axes = new_figure(provenance, columns=2, size=(12, 5.6), subject=subject)
    masses = np.ravel(mass_gev)[embedding.index]
    labels = np.ravel(label)[embedding.index]
    values = np.unique(masses)
    for colour, value in zip(mass_colours(len(values)), values, strict=True):
        _scatter(axes[0], embedding.points[masses == value], colour, f"{value:g} GeV")
    for kind, colour, name in ((0, BACKGROUND, "Background"), (1, SIGNAL, "Signal")):
        _scatter(axes[1], embedding.points[labels == kind], colour, name)
    for panel in axes:
        panel.set_xticks([])
        panel.set_yticks([])
        panel.set_xlabel("t-SNE 1", loc="center")
        panel.set_ylabel("t-SNE 2", loc="center")
        # Below the axes: points are everywhere inside.
        legend = panel.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, -0.07),
            ncols=5,
            markerscale=2.5,
            handletextpad=0.1,
            columnspacing=1.0,
        )
        for handle in legend.legend_handles:
            handle.set_alpha(1.0)
    return figure


def _draw_curves(
    panel: Any, curves: Sequence[Sequence[float]], colour: str, label: str
) -> None:
    longest = max(len(curve) for curve in curves)
    table = np.full((len(curves), longest), np.nan)
    for row, curve in enumerate(curves):
        table[row, : len(curve)] = curve
    epochs = np.arange(1, longest + 1)
    mean, spread = np.nanmean(table, axis=0), np.nanstd(table, axis=0)
    many = f", mean of {len(curves)} seeds" if len(curves) > 1 else ""
    panel.plot(epochs, mean, color=colour, label=label + many)
    if len(curves) > 1:
        low, high = mean - spread, mean + spread
        panel.fill_between(epochs, low, high, color=colour, alpha=0.2, linewidth=0)


def _scatter(panel: Any, points: NDArray[np.float64], colour: Any, label: str) -> None:
    style = {"s": 7, "alpha": 0.65, "linewidths": 0}
    panel.scatter(points[:, 0], points[:, 1], color=colour, label=label, **style)
