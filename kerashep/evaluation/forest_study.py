"""What the studies of features by random forests share."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.data.events import Events
from kerashep.data.weights import with_training_weights
from kerashep.evaluation.ranked import refuse_negative_weights

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ForestSettings:
    """Size of the random forests of a feature study.

    Args:
        trees: Number of trees of each forest.
        min_leaf_events: Fewest events in a leaf; below about ten, trees learn events by
            heart.
        max_events: Events beyond this number are left out at random: forests of many
            features take minutes on more.
        threads: Threads of scikit-learn; results do not depend on it.
    """

    trees: int = 50
    min_leaf_events: int = 10
    max_events: int = 20_000
    threads: int = 1

    def __post_init__(self) -> None:
        for name in ("trees", "min_leaf_events", "max_events", "threads"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"`{name}` must be at least 1. "
                    f"Received: {name}={getattr(self, name)}."
                )


def study_events(
    events: Events, weight_policy: str, max_events: int | None, seed: int
) -> Events:
    """At most `max_events` random events with training weights by `weight_policy`.

    Raises:
        ValueError: For fewer than two features, a negative weight, or as
            `kerashep.data.weights.with_training_weights`.
    """
    if len(events.feature_names) < 2:
        raise ValueError(
            "A study of features needs at least two of them. "
            f"Received: {events.feature_names}."
        )
    refuse_negative_weights(events.weight, "A study of features")
    if max_events is not None and len(events) > max_events:
        rows = np.random.default_rng(seed).permutation(len(events))[:max_events]
        events = events.take(np.sort(rows))
    return with_training_weights(events, weight_policy)


def permutation_drops(
    forest: Any, features: ArrayLike, target: ArrayLike, weight: ArrayLike, seed: int
) -> tuple[float, Array]:
    """The weighted score of a fitted forest, and its loss as each feature is shuffled.

    Args:
        forest: Fitted scikit-learn forest: accuracy of a classifier, R2 of a regressor.
        features: `(events, features)`.
        target: `(events,)`.
        weight: `(events,)`.
        seed: Seed of the shuffling.

    Returns:
        The score, and `(features,)` differences of scores; negative ones are noise.
    """
    from sklearn.inspection import permutation_importance

    score = float(forest.score(features, target, sample_weight=weight))
    result = permutation_importance(
        forest,
        features,
        target,
        n_repeats=1,
        random_state=seed,
        sample_weight=weight,
    )
    return score, np.asarray(result.importances_mean, "float64")
