"""Figures of a search, those that its trials are enough for."""

from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from kerashep.evaluation import plots as evaluation_plots
from kerashep.tuning import plots, plots_pairs
from kerashep.tuning.axes import Axis, table_axes
from kerashep.tuning.importance import (
    HyperparameterImportance,
    hyperparameter_importance,
)
from kerashep.tuning.parallel_coordinates import write_coordinates
from kerashep.tuning.profiles import logarithmic_trend, score_grid, score_profile
from kerashep.tuning.surrogate import Surrogate
from kerashep.tuning.trial_table import TrialTable

FOLDER = "figures"
_LEAST = 3
_LEAST_MODELLED = 10
_MOST_PAIRED = 5


def draw_search(
    table: TrialTable, title: str, folder: Path, say: Callable[[str], None]
) -> list[Path]:
    """Writes all figures, and the page of parallel coordinates.

    Args:
        table: All trials.
        title: Of the search.
        folder: Of the search.
        say: Told what needs more trials.

    Returns:
        The files.
    """
    done = table.finished()
    if len(done.rows) < _LEAST:
        say(f"Figures need {_LEAST} finished trials; there are {len(done.rows)}.")
        return []
    page = folder / FOLDER / "parallel_coordinates.html"
    write_coordinates(table, title, page)
    written = [page]
    for name, figure in _figures(table, done, say).items():
        written.append(folder / FOLDER / f"{name}.png")
        evaluation_plots.save_figure(figure, written[-1])
    return written


def _figures(
    table: TrialTable, done: TrialTable, say: Callable[[str], None]
) -> dict[str, Any]:
    axes, about = table_axes(done), (done.provenance, done.objective)
    drawn = {"history": plots.plot_history(table)}
    if not axes:
        return drawn
    profiles = [score_profile(done, axis) for axis in axes]
    drawn["one_dimensional"] = plots.plot_profiles(profiles, *about)
    counts = done.numbers("parameters")
    if counts.min() < counts.max():
        trend = logarithmic_trend(counts, done.numbers("score"))
        drawn["parameter_count"] = plots.plot_parameter_count(done, trend)
    importance = None
    if len(done.rows) >= _LEAST_MODELLED:
        importance = hyperparameter_importance(done, axes)
        drawn["importance"] = plots.plot_importance(importance, done.provenance)
    paired = _most_important(axes, importance)
    if len(paired) > 1:
        grids = [score_grid(done, *pair) for pair in combinations(paired, 2)]
        drawn["two_dimensional"] = plots_pairs.plot_grids(grids, *about)
    if importance is None:
        say(f"Importance and the Gaussian process need {_LEAST_MODELLED} trials.")
        return drawn
    surrogate = Surrogate(done, axes)
    single = [surrogate.dependence(axis) for axis in paired]
    pairs = [surrogate.dependence_2d(*pair) for pair in combinations(paired, 2)]
    drawn["partial_dependence"] = plots_pairs.plot_dependence(
        single, pairs, *about, done.best()
    )
    return drawn


def _most_important(
    axes: Sequence[Axis], importance: HyperparameterImportance | None
) -> list[Axis]:
    """At most five, in the order of the table: pairs of more are not to be read."""
    names = [axis.name for axis in axes]
    ranked = names if importance is None else list(importance.drops)
    return [axis for axis in axes if axis.name in ranked[:_MOST_PAIRED]]
