"""What a search maximises: weighted numbers of events that a training has not seen."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.data.events import Events
from kerashep.evaluation.ams_cut import ams_at_cut, cut_at_fraction
from kerashep.evaluation.ams_numbers import scaled_to_all
from kerashep.evaluation.curves import roc_auc
from kerashep.evaluation.per_mass import mass_sample
from kerashep.evaluation.significance import significance_ratio

Score = Callable[[NDArray[np.float32], NDArray[np.float32]], ArrayLike]
_MOST_MASSES = 50
# Name -> what it is, in words. All of them grow with quality.
OBJECTIVES = {
    "roc_auc": "weighted area under the ROC curve, the mean over masses if there are "
    "several",
    "significance_ratio": "largest s / sqrt(s + b) over cuts, relative to a perfect "
    "classifier, for equal weights of both classes; the mean over masses",
    "ams": "approximate median significance of the top share of the events",
}


def check_objective(name: str, events: Events) -> None:
    """Refuses an objective that is not defined for these events.

    Args:
        name: One of `OBJECTIVES`.
        events: All that the search uses.

    Raises:
        ValueError: If the AMS is asked for and the events have a mass, or there are too
            many masses to evaluate at each.
    """
    if len(_masses(events)) > _MOST_MASSES:
        raise ValueError(
            "Objectives are evaluated at every mass (set of parameters) of the signal. "
            f"Received: {len(_masses(events))} of them, at most {_MOST_MASSES} can be."
        )
    if name == "ams" and events.parameter_names:
        raise ValueError(
            "`objective.name: ams` is for events without a mass. Received: events with "
            f"{', '.join(events.parameter_names)}. Use `significance_ratio`."
        )


def fold_scores(
    held_out: Events,
    score: Score,
    *,
    yields: tuple[float, float],
    fraction: float,
    regularisation: float,
) -> dict[str, float]:
    """All objectives of one fold.

    Args:
        held_out: Its events.
        score: Called with raw features and parameters; returns `(n,)` scores.
        yields: Sums of all background and of all signal weights, for the AMS.
        fraction: Share of the events, by score, at which the AMS is taken.
        regularisation: Events added to the background in the AMS.

    Returns:
        Objective -> value; the AMS only for events without parameters.

    Raises:
        ValueError: If a score is NaN.
    """
    aucs, ratios = [], []
    for row in _masses(held_out):
        sample = mass_sample(held_out, score, row)
        aucs.append(roc_auc(*sample))
        ratios.append(significance_ratio(*sample, signal_background_ratio=1.0).ratio)
    found = {
        "roc_auc": float(np.mean(aucs)),
        "significance_ratio": float(np.mean(ratios)),
    }
    if not held_out.parameter_names:
        label, values, weight = sample
        found["ams"] = _ams(label, values, weight, yields, fraction, regularisation)
    return found


def _masses(events: Events) -> list[NDArray[np.float32] | None]:
    """Parameters of the signal, a row each; one None for events without."""
    if not events.parameter_names:
        return [None]
    signal = events.parameters[events.label == 1]
    return list(np.unique(signal[np.isfinite(signal).all(axis=1)], axis=0))


def _ams(
    label: ArrayLike,
    score: ArrayLike,
    weight: ArrayLike,
    yields: tuple[float, float],
    fraction: float,
    regularisation: float,
) -> float:
    """NaN if negative weights leave negative yields above the cut."""
    scaled = scaled_to_all(label, weight, yields)
    options = {"regularisation": regularisation}
    cut = cut_at_fraction(score, fraction)
    point = ams_at_cut(label, score, scaled, cut, negative_weights="keep", **options)
    return point.ams
