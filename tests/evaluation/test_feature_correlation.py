import numpy as np
import pytest
from scipy.stats import spearmanr

from kerashep.evaluation import feature_correlation
from kerashep.evaluation.feature_correlation import spearman
from tests.evaluation.related_features import related_events


def test_unweighted_is_that_of_scipy():
    events = related_events()
    ours = feature_correlation(events, weight_policy="flat")
    expected = spearmanr(events.features).statistic
    np.testing.assert_allclose(ours.matrix, expected, atol=1e-9)
    assert ours.feature_names == events.feature_names


def test_ties_are_those_of_scipy():
    rng = np.random.default_rng(0)
    one = np.round(rng.normal(size=500))
    other = np.round(one + rng.normal(size=500))
    ours = spearman(one, other, np.ones(500))
    assert ours == pytest.approx(spearmanr(one, other).statistic)


def test_missing_values_leave_out_the_event_for_the_pair():
    events = related_events(missing=0.4)
    ours = feature_correlation(events, weight_policy="flat").matrix
    expected = spearmanr(events.features, nan_policy="omit").statistic
    pairwise = np.array(
        [
            [
                spearmanr(a[~np.isnan(a + b)], b[~np.isnan(a + b)]).statistic
                for a in events.features.T
            ]
            for b in events.features.T
        ]
    )
    np.testing.assert_allclose(ours, pairwise, atol=1e-9)
    assert ours.shape == np.shape(expected)


def test_weight_two_is_an_event_twice():
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(2, 200))
    other = other + one
    counts = rng.integers(0, 4, 200)
    ours = spearman(one, other, counts)
    repeated = spearmanr(np.repeat(one, counts), np.repeat(other, counts)).statistic
    assert ours == pytest.approx(repeated)


def test_classes_are_balanced_by_default():
    events = related_events()
    rare = events.with_columns(weight=np.where(events.label == 1, 1e-3, 1.0))
    balanced = feature_correlation(rare).matrix[0, 1]
    np.testing.assert_allclose(balanced, feature_correlation(events).matrix[0, 1])
    assert balanced > 0.2


def test_monotonic_copy_is_fully_correlated_and_placed_beside():
    ours = feature_correlation(related_events())
    assert ours.matrix[0, 4] == pytest.approx(1.0)
    names, matrix = ours.ordered()
    assert abs(names.index("strong") - names.index("copy")) == 1
    assert abs(names.index("noise") - names.index("partner")) == 1
    i, j = names.index("weak"), names.index("noise")
    assert matrix[i, j] == ours.matrix[1, 2]


def test_constant_feature_is_undefined():
    events = related_events()
    features = events.features.copy()
    features[:, 2] = 1.7
    ours = feature_correlation(events.with_columns(features=features))
    assert np.isnan(ours.matrix[2, [0, 1, 3, 4]]).all()
    assert ours.matrix[2, 2] == 1.0
    assert sorted(ours.order) == list(range(5))


def test_features_never_defined_together_are_undefined():
    events = related_events()
    features = events.features.copy()
    features[::2, 0], features[1::2, 1] = np.nan, np.nan
    ours = feature_correlation(events.with_columns(features=features))
    assert np.isnan(ours.matrix[0, 1])


def test_negative_weights_are_refused():
    events = related_events()
    with pytest.raises(ValueError, match=r"study of features has no meaning with neg"):
        feature_correlation(events.with_columns(weight=-events.weight))
