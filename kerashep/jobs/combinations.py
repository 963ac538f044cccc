"""What a trained Lorentz Boost Network combines and uses, on test events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from kerashep.data.events import Events
from kerashep.evaluation.combinations import (
    CombinationWeights,
    GroupImportance,
    columns_by_combination,
    columns_by_kind,
    columns_within,
    combination_labels,
    group_importance,
    names_of_particles,
)
from kerashep.evaluation.learnt_masses import LearntMass, learnt_masses
from kerashep.zoo.inputs import model_inputs
from kerashep.zoo.interpretation import (
    BoostMatrices,
    behind_features,
    boost_matrices,
    has_boost,
    particle_vectors,
    up_to_features,
)

MOST_EVENTS = 4000
LEADING, MASSES = 5, 6


@dataclass(frozen=True, eq=False)
class CombinationStudy:
    """What is drawn of a Lorentz Boost Network.

    Attributes:
        weights: Its matrices.
        importance: Heading -> importance of kinds of features, of boosted vectors, and
            of single features of the most important of these.
        masses: Of the most important combinations, the first of them first.
        label: `(events,)` of the events behind importance and masses.
        weight: `(events,)` physics weights.
    """

    weights: CombinationWeights
    importance: Mapping[str, GroupImportance]
    masses: Sequence[LearntMass]
    label: np.ndarray
    weight: np.ndarray


def combination_study(
    model: keras.Model, test: Events, *, seed: int, events: int = MOST_EVENTS
) -> CombinationStudy | None:
    """Matrices, importance behind the boost, and learnt masses of a classifier.

    Args:
        model: Of a run.
        test: Test events.
        seed: Picks the events, and shuffles.
        events: At most so many: they are scored anew for each group of features.

    Returns:
        None for models of another kind, and for events of one class alone, as those of
        a regression are.
    """
    if not has_boost(model) or len(np.unique(test.label)) < 2:
        return None
    rows = np.random.default_rng(seed).permutation(len(test))[:events]
    sample = test.take(np.sort(rows))
    matrices = boost_matrices(model)
    names = names_of_particles(sample.feature_names)
    importance = _importance(model, sample, matrices, seed)
    found = importance["Combination"].order
    leading = list(dict.fromkeys(matrices.outputs[i][0] for i in found))[:MASSES]
    vectors = particle_vectors(model, sample.features)
    return CombinationStudy(
        CombinationWeights(names, matrices.particles, matrices.restframes),
        importance,
        learnt_masses(vectors, matrices.particles, names, leading),
        sample.label,
        sample.weight,
    )


def _importance(
    model: keras.Model, sample: Events, matrices: BoostMatrices, seed: int
) -> dict[str, GroupImportance]:
    """Of kinds, of boosted vectors, of single features of the leading vectors."""
    first, second = up_to_features(model), behind_features(model)
    inputs = model_inputs(first, sample.features)
    features = first.predict(inputs, batch_size=MOST_EVENTS, verbose=0)
    names, labels = matrices.feature_names, combination_labels(matrices.outputs)

    def found(groups: Mapping[str, Sequence[int]]) -> GroupImportance:
        return group_importance(
            second.predict_on_batch,
            features,
            groups,
            sample.label,
            sample.weight,
            seed=seed,
        )

    by_vector = found(columns_by_combination(names, labels))
    leading = [int(i) for i in by_vector.order[:LEADING]]
    return {
        "Kind of feature": found(columns_by_kind(names)),
        "Combination": by_vector,
        "Feature": found(columns_within(names, leading)),
    }
