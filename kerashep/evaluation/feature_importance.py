"""Which features a classifier uses, by shuffling them one at a time."""

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
from kerashep.evaluation.measured import Measured, mean_and_standard_error

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FeatureImportance:
    """Fractional permutation importance of each feature, over retrainings.

    Args:
        feature_names: The features.
        importance: `(features,)` mean of `(P - P_shuffled) / P` over retrainings, where
            `P` is the weighted accuracy.
        error: `(features,)` standard error over retrainings.
        performance: `P`, with its standard error over retrainings.
        threshold: Least importance of an important feature.
    """

    feature_names: tuple[str, ...]
    importance: Array
    error: Array
    performance: Measured
    threshold: float

    @property
    def order(self) -> NDArray[np.intp]:
        """`(features,)` indices from the most to the least important."""
        return np.argsort(-self.importance, kind="stable")

    @property
    def important(self) -> tuple[str, ...]:
        """Features at or above the threshold, the most important first."""
        chosen = [i for i in self.order if self.importance[i] >= self.threshold]
        return tuple(self.feature_names[i] for i in chosen)


def feature_importance(
    events: Events,
    *,
    retrainings: int = 5,
    threshold: float = 0.005,
    held_out: float = 0.3,
    weight_policy: str = "balanced",
    forest: ForestSettings | None = None,
    seed: int = 0,
) -> FeatureImportance:
    """Trains random forests to tell signal from background, then shuffles each feature.

    Importance is shared between features that carry the same information, and spread
    thin for a feature that is defined for few events only: a feature below the
    threshold is not proven useless. Missing values (NaN) stay missing: a split sends
    them to the better side, and shuffling moves them with the feature.

    Reference: arXiv:2002.01427, section 4.2 and figure 3, which evaluates on the
    training events (`held_out=0`).

    Args:
        events: Events of both classes; physics weights must not be negative.
        retrainings: Number of forests, each with its own seed, on the same events.
        threshold: As for `FeatureImportance`.
        held_out: Share of the events on which the accuracy is measured; 0 measures it
            on the training events, where features learnt by heart look important.
        weight_policy: Training weights, of the fit and of the accuracy, as for
            `kerashep.data.weights.with_training_weights`.
        forest: Size of the forests, `ForestSettings()` by default.
        seed: Seed of the subsample, the split, the forests and the shuffling.

    Raises:
        ValueError: For fewer than two features, a negative weight, one class only, no
            retraining, or `held_out` outside [0, 1).
    """
    if retrainings < 1:
        raise ValueError(
            f"`retrainings` must be at least 1. Received: retrainings={retrainings}."
        )
    if not 0.0 <= held_out < 1.0:
        raise ValueError(
            f"`held_out` must be in [0, 1). Received: held_out={held_out}."
        )
    settings = forest or ForestSettings()
    sample = study_events(events, weight_policy, settings.max_events, seed)
    train = test = sample
    if held_out:
        fractions = {"train": 1.0 - held_out, "test": held_out}
        parts = split_events(sample, fractions, seed=seed)
        train, test = parts["train"], parts["test"]
    scores, shares = [], []
    for number in range(retrainings):
        score, drops = _retrained(train, test, settings, seed + number)
        scores.append(score)
        shares.append(drops / score)
    importance = np.stack(shares)
    error = np.full(importance.shape[1], math.nan)
    if retrainings > 1:
        error = importance.std(axis=0, ddof=1) / math.sqrt(retrainings)
    return FeatureImportance(
        sample.feature_names,
        importance.mean(axis=0),
        error,
        mean_and_standard_error(scores),
        threshold,
    )


def _retrained(
    train: Events, test: Events, settings: ForestSettings, seed: int
) -> tuple[float, Array]:
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(
        settings.trees,
        min_samples_leaf=settings.min_leaf_events,
        n_jobs=settings.threads,
        random_state=seed,
    )
    forest.fit(train.features, train.label, sample_weight=train.training_weight)
    return permutation_drops(
        forest, test.features, test.label, test.training_weight, seed
    )
