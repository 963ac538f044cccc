"""Importance of groups of features, and their names."""

import numpy as np
import pytest

from kerashep.evaluation.combinations import (
    CombinationWeights,
    columns_by_combination,
    columns_by_kind,
    columns_within,
    combination_labels,
    group_importance,
    names_of_particles,
)

NAMES = ("m_0", "m_1", "m_2", "pair_cos_0_1", "pair_cos_0_2", "pair_cos_1_2")


def sample(count=4000):
    rng = np.random.default_rng(3)
    label = np.arange(count) % 2
    features = rng.normal(size=(count, 3))
    features[:, 0] += label
    return features, label


def by_first(features):
    return features[:, :1]


def test_a_shuffled_score_is_a_guess():
    """Of the whole score nothing is left but 0.5; of the rest nothing is lost."""
    features, label = sample()
    groups = {"used": [0], "other": [1, 2], "all": [0, 1, 2]}
    found = group_importance(by_first, features, groups, label)
    assert found.auc == pytest.approx(0.7602, abs=0.02)  # Phi(1 / sqrt(2))
    np.testing.assert_allclose(
        found.drop, [found.auc - 0.5, 0, found.auc - 0.5], atol=0.02
    )
    assert found.error[1] == 0.0
    assert 0 < found.error[0] < 0.02
    assert list(found.order)[-1] == 1


def test_columns_of_a_group_keep_together():
    """The sum of two opposite columns is the same for shuffled rows."""
    features, label = sample()
    features[:, 1] = -features[:, 0]
    groups = {"together": [0, 1], "alone": [0]}

    def score(values):
        return values[:, 0] + values[:, 1] + 1e-3 * values[:, 2]

    features[:, 2] += label
    found = group_importance(score, features, groups, label)
    np.testing.assert_allclose(found.drop[0], 0.0, atol=1e-3)
    assert found.drop[1] > 0.2


def test_weights_count_and_the_events_are_left_alone():
    features, label = sample()
    weight = np.where((label == 1) & (features[:, 0] < 1), 0.0, 1.0)
    before = features.copy()
    found = group_importance(
        by_first, features, {"used": [0]}, label, weight, repeats=1
    )
    np.testing.assert_array_equal(features, before)
    pairs = features[label == 0, 0][:, None] < features[weight * label > 0, 0]
    assert found.auc == pytest.approx(pairs.mean())
    assert np.isnan(found.error[0])


def test_what_does_not_fit_is_refused():
    features, label = sample(20)
    with pytest.raises(ValueError, match=r"columns from 0 to 2\. Received: \[3\]"):
        group_importance(by_first, features, {"a": [3]}, label)
    with pytest.raises(ValueError, match="Received: none"):
        group_importance(by_first, features, {}, label)
    with pytest.raises(ValueError, match="repeats=0"):
        group_importance(by_first, features, {"a": [0]}, label, repeats=0)


def test_groups_by_name():
    assert columns_by_kind(NAMES) == {"m": [0, 1, 2], "pair_cos": [3, 4, 5]}
    groups = columns_by_combination(NAMES, ("a", "b", "c"))
    assert groups == {"a": [0, 3, 4], "b": [1, 3, 5], "c": [2, 4, 5]}
    within = columns_within(NAMES, [2, 0])
    assert within == {"m_0": [0], "m_2": [2], "pair_cos_0_2": [4]}
    with pytest.raises(ValueError, match="Received: 'mass'"):
        columns_by_kind(["mass"])


def test_labels_of_vectors_and_names_of_particles():
    assert combination_labels([(0, 0), (1, 1)]) == ("0", "1")
    assert combination_labels([(0, 0), (0, 1)]) == ("0 in 0", "0 in 1")
    jets = [f"jet_{i}_{part}" for i in (0, 1) for part in ("E", "px", "py", "pz")]
    assert names_of_particles(jets) == ("jet_0", "jet_1")
    assert names_of_particles(["E_0", "PX_0", "PY_0", "PZ_0", "E_1"]) == ("0", "1")


def test_each_combination_has_a_largest_weight_of_one():
    particles = np.array([[2.0, 0.0, 1.0], [1.0, 0.0, 4.0]])
    weights = CombinationWeights(("a", "b"), particles, None)
    assert list(weights.normalised()) == ["Particles"]
    expected = [[1.0, 0.0, 0.25], [0.5, 0.0, 1.0]]
    np.testing.assert_array_equal(weights.normalised()["Particles"], expected)
