"""Evaluation per mass: signal of one mass against the whole background.

Events without parameters, for models that take none, are evaluated once, as they are.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.data.events import Events
from kerashep.evaluation.bootstrap import COARSE_BLOCKS, event_multiplicities
from kerashep.evaluation.curves import (
    accuracy_at,
    area_under_roc,
    average_precision,
    background_efficiency_at,
    rejection_from_efficiency,
)
from kerashep.evaluation.failure import failure_flags, range_flags, statistics_flags
from kerashep.evaluation.mass_metrics import MassMetrics
from kerashep.evaluation.measured import Measured
from kerashep.evaluation.ranked import RankedScores, Yields, effective_events
from kerashep.evaluation.significance import best_ratio

Score = Callable[[NDArray[np.float32], NDArray[np.float32]], ArrayLike]


@dataclass(frozen=True, eq=False)
class _Hypothesis:
    """One mass: which events take part, and their ranked scores."""

    row: NDArray[np.float32]
    events: NDArray[np.intp]
    ranked: RankedScores
    coarse: RankedScores
    score_is_probability: bool


def evaluate_per_mass(
    events: Events,
    score: Score,
    masses_gev: ArrayLike | None = None,
    *,
    bootstrap: int = 100,
    seed: int = 0,
    signal_background_ratio: float | None = 1.0,
    trained_masses_gev: ArrayLike | None = None,
) -> list[MassMetrics]:
    """Evaluates a score at each mass: its signal against the whole background.

    The background's mass input is set to the mass under test and every event counts
    with its physics weight. All masses share each bootstrap replica, so that `minus`,
    `over` and `mean_of` of the numbers know what they have in common; so do those of
    another model evaluated on the same events with the same `seed` and `bootstrap`.

    Reference: arXiv:2202.00424, section 6.

    Args:
        events: Test events; signal with finite parameters, or no parameters at all.
        score: Called with raw features `(n, features)` and parameters
            `(n, parameters)`; returns `(n,)` scores, higher is more like signal.
        masses_gev: Masses, or `(sets, parameters)` rows; all in `events` by default.
        bootstrap: Number of bootstrap replicas.
        seed: Seed of the bootstrap.
        signal_background_ratio: Total signal over total background assumed by
            `pr_auc`, `significance_ratio` and `best_cut`. None: as weighted.
        trained_masses_gev: Masses (or rows) the model was trained on; others are
            flagged as interpolation or extrapolation.

    Returns:
        One entry a mass, in the order asked for; one entry without a mass for events
        without parameters.

    Raises:
        ValueError: If a mass has no signal events, there is no background, or the
            score returns a wrong shape or NaN.
    """
    rows = _parameter_rows(events, masses_gev)
    trained = None
    if trained_masses_gev is not None and events.parameter_names:
        trained = _rows_of(events, trained_masses_gev).tolist()
    chosen = [_hypothesis(events, score, row) for row in rows]
    replicas = _replicas(chosen, len(events), bootstrap, seed, signal_background_ratio)
    results = []
    for i, hypothesis in enumerate(chosen):
        notes = () if trained is None else range_flags(rows[i].tolist(), trained)
        numbers = (hypothesis, replicas[:, i], signal_background_ratio)
        results.append(_metrics(events, *numbers, notes))
    return results


def signal_rows(events: Events, row: NDArray[np.float32]) -> NDArray[np.bool_]:
    """`(events,)` mask of the signal generated with the parameters `row`."""
    close = np.isclose(events.parameters, row, rtol=1e-5, atol=0.0).all(axis=1)
    return np.asarray(close & (events.label == 1.0))


def plain_rows(rows: NDArray[np.float32]) -> tuple[tuple[float, ...], ...]:
    """float32 rows as the shortest decimals that are those: 0.3, not 0.30000001."""
    return tuple(tuple(float(str(value)) for value in row) for row in rows)


def mass_sample(
    events: Events, score: Score, mass_gev: ArrayLike | None
) -> tuple[NDArray[np.float32], NDArray[np.floating], NDArray[np.float64]]:
    """Label, score and physics weight of one mass against the whole background.

    Args:
        events: Test events.
        score: As for `evaluate_per_mass`.
        mass_gev: The mass, or the row of all parameters; None for events without.
    """
    rows = None if mass_gev is None else np.atleast_2d(np.asarray(mass_gev))
    row = _parameter_rows(events, rows)[0]
    index = _taking_part(events, row)
    label, weight = events.label[index], events.weight[index]
    return label, _scores(events, score, row, index), weight


def _parameter_rows(
    events: Events, masses_gev: ArrayLike | None
) -> NDArray[np.float32]:
    """Rows of parameters; one row of none for events without parameters."""
    if not events.parameter_names and masses_gev is not None:
        raise ValueError(
            "The events have no parameter, so they cannot be evaluated at a mass. "
            f"Received: masses_gev={masses_gev}. Name its column under `parameters` in "
            "the column map, or leave the masses out."
        )
    if masses_gev is not None:
        return _rows_of(events, masses_gev)
    if not events.parameter_names:
        return np.empty((1, 0), "float32")
    signal = events.parameters[events.label == 1.0]
    return np.unique(signal[np.isfinite(signal).all(axis=1)], axis=0)


def _rows_of(events: Events, masses_gev: ArrayLike) -> NDArray[np.float32]:
    rows = np.asarray(masses_gev, "float32")
    width = len(events.parameter_names)
    rows = rows.reshape(-1, 1) if rows.ndim < 2 and width == 1 else rows
    if rows.ndim != 2 or rows.shape[1] != width or len(rows) == 0:
        raise ValueError(
            f"Masses must be rows of {width} parameters {events.parameter_names}. "
            f"Received: shape {np.shape(masses_gev)}."
        )
    return rows


def _hypothesis(events: Events, score: Score, row: NDArray[np.float32]) -> _Hypothesis:
    index = _taking_part(events, row)
    values = _scores(events, score, row, index)
    ranked = RankedScores.from_scores(events.label[index], values, events.weight[index])
    probability = bool(values.min() >= 0.0 and values.max() <= 1.0)
    coarse = ranked.coarse(COARSE_BLOCKS)
    return _Hypothesis(row, index, ranked, coarse, probability)


def _taking_part(events: Events, row: NDArray[np.float32]) -> NDArray[np.intp]:
    signal = signal_rows(events, row)
    background = events.label == 0.0
    if not signal.any():
        present = np.unique(events.parameters[events.label == 1.0], axis=0).tolist()
        raise ValueError(
            f"No signal events with parameters {row.tolist()}. "
            f"Received: signal with {present}."
        )
    if not background.any():
        raise ValueError("No background events. Received: signal events only.")
    return np.flatnonzero(signal | background)


def _scores(
    events: Events,
    score: Score,
    row: NDArray[np.float32],
    index: NDArray[np.intp],
) -> NDArray[np.floating]:
    features = events.features[index]
    parameters = np.repeat(row[None], len(index), axis=0)
    values = np.asarray(score(features, parameters))
    if values.size != len(index):
        raise ValueError(
            "`score` must return one number an event. Received: shape "
            f"{values.shape} for {len(index)} events."
        )
    bad = int(np.count_nonzero(np.isnan(values)))
    if bad:
        raise ValueError(
            f"The score is NaN for {bad} of {len(index)} events at parameters "
            f"{row.tolist()}: the model diverged, or its input holds missing values."
        )
    return values.reshape(-1)


def _replicas(
    chosen: Sequence[_Hypothesis],
    events: int,
    bootstrap: int,
    seed: int,
    signal_background_ratio: float | None,
) -> NDArray[np.float64]:
    """`(replicas, masses, numbers)`, the order of `_numbers`; NaN without a class."""
    draws = event_multiplicities(events, replicas=bootstrap, seed=seed)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = [
            [
                _numbers(one.coarse.yields(counts[one.events]), signal_background_ratio)
                for one in chosen
            ]
            for counts in draws
        ]
    return np.array(values)


def _numbers(
    yields: Yields, signal_background_ratio: float | None
) -> tuple[float, ...]:
    if not yields.has_both_classes:
        return (math.nan,) * 8
    scaled = yields.with_ratio(signal_background_ratio)
    best = best_ratio(scaled)
    return (
        area_under_roc(yields),
        average_precision(scaled),
        best.ratio,
        best.cut,
        best_ratio(yields).significance,
        background_efficiency_at(yields, 0.5),
        background_efficiency_at(yields, 0.3),
        accuracy_at(yields, 0.5),
    )


def _metrics(
    events: Events,
    hypothesis: _Hypothesis,
    replicas: NDArray[np.float64],
    signal_background_ratio: float | None,
    notes: tuple[str, ...],
) -> MassMetrics:
    ranked, row = hypothesis.ranked, hypothesis.row
    yields = ranked.yields()
    exact = _numbers(yields, signal_background_ratio)
    roc_auc, pr_auc, ratio, cut, significance, efficiency, tight, accuracy = (
        Measured.from_replicas(value, replicas[:, k]) for k, value in enumerate(exact)
    )
    if ranked.has_negative_weights:
        pr_auc = Measured(math.nan, math.nan)
        notes = (*notes, _negative_flag(ranked))
    label, weight = events.label[hypothesis.events], ranked.weight
    counts = [effective_events(weight[label == kind]) for kind in (1.0, 0.0)]
    best = best_ratio(yields.with_ratio(signal_background_ratio))
    probability = hypothesis.score_is_probability
    failures = failure_flags(best, roc_auc, score_is_probability=probability)
    rejection, unbounded = _rejection(efficiency)
    (plain,) = plain_rows(row[None])
    return MassMetrics(
        mass=plain[0] if plain else None,
        roc_auc=roc_auc,
        pr_auc=pr_auc,
        significance_ratio=ratio,
        best_cut=cut,
        best_significance=significance,
        background_rejection=rejection,
        background_rejection_30=rejection_from_efficiency(tight),
        accuracy=accuracy,
        signal_events=int(np.count_nonzero(label == 1.0)),
        background_events=int(np.count_nonzero(label == 0.0)),
        parameters=dict(zip(events.parameter_names, plain, strict=True)),
        flags=(*failures, *unbounded, *statistics_flags(*counts), *notes),
    )


def _rejection(efficiency: Measured) -> tuple[Measured, tuple[str, ...]]:
    rejection = rejection_from_efficiency(efficiency)
    if math.isfinite(rejection.value):
        return rejection, ()
    flag = "No background passes at 50 % signal efficiency: the rejection is unbounded."
    return rejection, (flag,)


def _negative_flag(ranked: RankedScores) -> str:
    count = int(np.count_nonzero(ranked.weight < 0.0))
    return (
        f"{count} of {len(ranked.weight)} event weights are negative: the PR AUC and "
        "the curves are not defined, the other numbers use the signed weights."
    )
