"""How well each feature is predicted by the others."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.data.splits import split_events
from kerashep.evaluation.forest_study import (
    ForestSettings,
    permutation_drops,
    study_events,
)

Array = NDArray[np.float64]

_HELD_OUT = 0.3
_MIN_EVENTS = 50


@dataclass(frozen=True, eq=False)
class MutualDependence:
    """Result of predicting every feature from the others.

    Args:
        feature_names: The features.
        dependence: `(features,)` coefficient of determination (R2) on events that were
            held out: 1 if a feature is redundant, 0 or below if nothing predicts it,
            NaN if too few events define it or it does not vary.
        importance: `(features, features)` row `i`: loss of R2 of the prediction of
            feature `i` as each other feature is shuffled. NaN on the diagonal, and
            everywhere if it was not asked for.
    """

    feature_names: tuple[str, ...]
    dependence: Array
    importance: Array


@dataclass(frozen=True)
class FeatureRemoval:
    """Result of removing predictable features one after another.

    Args:
        kept: Features that remain.
        removed: Pairs of a removed feature and its dependence when it was removed, in
            the order of removal.
    """

    kept: tuple[str, ...]
    removed: tuple[tuple[str, float], ...]


def mutual_dependence(
    events: Events,
    *,
    with_importance: bool = True,
    weight_policy: str = "balanced",
    forest: ForestSettings | None = None,
    seed: int = 0,
) -> MutualDependence:
    """Predicts every feature from all others by a random forest.

    Events in which the predicted feature is missing (NaN) are left out for it; missing
    values of the others stay missing: a split sends them to the better side.

    Reference: arXiv:2002.01427, section 4.2 and figure 4.

    Args:
        events: Events of both classes; physics weights must not be negative.
        with_importance: Whether the importance matrix is computed, too.
        weight_policy: Weights of the fits and of R2, as for
            `kerashep.data.weights.with_training_weights`.
        forest: Size of the forests, `ForestSettings()` by default. 30 features of
            10,000 events take about a minute.
        seed: Seed of the subsample, the split, the forests and the shuffling.

    Raises:
        ValueError: For fewer than two features, a negative weight, or one class only.
    """
    settings = forest or ForestSettings()
    sample = study_events(events, weight_policy, settings.max_events, seed)
    fractions = {"train": 1.0 - _HELD_OUT, "test": _HELD_OUT}
    parts = split_events(sample, fractions, seed=seed)
    count = len(sample.feature_names)
    dependence, importance = np.full(count, math.nan), np.full((count, count), math.nan)
    for i in range(count):
        r2, drops = _predicted(parts, i, settings, with_importance, seed)
        dependence[i] = r2
        importance[i, np.arange(count) != i] = drops
    return MutualDependence(sample.feature_names, dependence, importance)


def remove_dependent_features(
    events: Events,
    *,
    threshold: float = 0.99,
    weight_policy: str = "balanced",
    forest: ForestSettings | None = None,
    seed: int = 0,
) -> FeatureRemoval:
    """Removes the most predictable feature until none reaches the threshold.

    After each removal all remaining features are predicted anew: of two equal features
    one stays. It grows with the square of the number of features.

    Args:
        events: As for `mutual_dependence`.
        threshold: Least R2 of a feature that is removed.
        weight_policy: As for `mutual_dependence`.
        forest: As for `mutual_dependence`.
        seed: As for `mutual_dependence`.
    """
    kept, removed = list(events.feature_names), []
    while len(kept) > 1:
        result = mutual_dependence(
            events.select_features(kept),
            with_importance=False,
            weight_policy=weight_policy,
            forest=forest,
            seed=seed,
        )
        dependence = np.nan_to_num(result.dependence, nan=-math.inf)
        worst = int(np.argmax(dependence))
        if dependence[worst] < threshold:
            break
        removed.append((kept.pop(worst), float(dependence[worst])))
    return FeatureRemoval(tuple(kept), tuple(removed))


def _predicted(
    parts: dict[str, Events],
    number: int,
    settings: ForestSettings,
    with_importance: bool,
    seed: int,
) -> tuple[float, Array]:
    """R2 of feature `number`, and its loss as each of the others is shuffled."""
    from sklearn.ensemble import RandomForestRegressor

    columns = []
    for part in (parts["train"], parts["test"]):
        target = part.features[:, number].astype("float64")
        rows = ~np.isnan(target) & (part.training_weight > 0.0)
        others = np.delete(part.features, number, axis=1)
        columns.append((others[rows], target[rows], part.training_weight[rows]))
    train, test = columns
    undefined = np.full(train[0].shape[1], math.nan)
    if min(len(train[1]), len(test[1])) < _MIN_EVENTS or np.ptp(test[1]) == 0.0:
        return math.nan, undefined
    forest = RandomForestRegressor(
        settings.trees,
        min_samples_leaf=settings.min_leaf_events,
        n_jobs=settings.threads,
        random_state=seed,
    )
    forest.fit(train[0], train[1], sample_weight=train[2])
    if with_importance:
        return permutation_drops(forest, *test, seed)
    return float(forest.score(test[0], test[1], sample_weight=test[2])), undefined
