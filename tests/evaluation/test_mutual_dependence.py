import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score

from kerashep.data.splits import split_events
from kerashep.data.weights import with_training_weights
from kerashep.evaluation import (
    ForestSettings,
    mutual_dependence,
    remove_dependent_features,
)
from tests.evaluation.related_features import related_events

FOREST = ForestSettings(trees=15, min_leaf_events=5, max_events=2000)


@pytest.fixture(scope="module")
def dependence():
    return mutual_dependence(related_events(), forest=FOREST)


def test_redundant_features_are_predictable_and_others_are_not(dependence):
    by_name = dict(zip(dependence.feature_names, dependence.dependence, strict=True))
    assert by_name["strong"] > 0.98
    assert by_name["weak"] > 0.85
    assert by_name["partner"] > 0.85
    alone = mutual_dependence(
        related_events().select_features(["strong", "noise"]), forest=FOREST
    )
    assert (alone.dependence < 0.05).all()


def test_importance_names_the_partner(dependence):
    names = dependence.feature_names
    assert np.isnan(np.diag(dependence.importance)).all()
    row = dependence.importance[names.index("strong")]
    assert names[int(np.nanargmax(row))] == "copy"
    assert np.nanmax(row) > 1.0
    row = dependence.importance[names.index("noise")]
    assert {names[i] for i in np.argsort(-np.nan_to_num(row))[:2]} == {
        "weak",
        "partner",
    }


def test_is_r2_on_held_out_events():
    events = related_events(1500, weight=np.random.default_rng(2).gamma(2.0, size=1500))
    ours = mutual_dependence(events, forest=FOREST, with_importance=False, seed=3)
    assert np.isnan(ours.importance).all()
    sample = with_training_weights(events, "balanced")
    parts = split_events(sample, {"train": 0.7, "test": 0.3}, seed=3)
    train, test = parts["train"], parts["test"]
    forest = RandomForestRegressor(15, min_samples_leaf=5, random_state=3)
    forest.fit(train.features[:, 1:], train.features[:, 0], train.training_weight)
    expected = r2_score(
        test.features[:, 0],
        forest.predict(test.features[:, 1:]),
        sample_weight=test.training_weight,
    )
    assert ours.dependence[0] == pytest.approx(expected)


def test_missing_values():
    events = related_events(missing=0.5)
    ours = mutual_dependence(events, forest=FOREST)
    assert np.isfinite(ours.dependence).all()
    # Where `weak` is defined, `partner` and `noise` still give it away.
    assert ours.dependence[1] > 0.8
    rare = related_events(1000, missing=0.99)
    few = mutual_dependence(rare, forest=FOREST, with_importance=False)
    assert np.isnan(few.dependence[1])
    assert np.isfinite(np.delete(few.dependence, 1)).all()


def test_constant_feature_is_undefined():
    events = related_events(500)
    features = events.features.copy()
    features[:, 2] = 1.0
    ours = mutual_dependence(events.with_columns(features=features), forest=FOREST)
    assert np.isnan(ours.dependence[2])
    assert np.isnan(ours.importance[2]).all()


def test_of_equal_features_one_stays():
    events = related_events()
    removal = remove_dependent_features(events, threshold=0.995, forest=FOREST)
    ((name, value),) = removal.removed
    assert name in ("strong", "copy")
    assert value >= 0.995
    assert set(removal.kept) == set(events.feature_names) - {name}


def test_of_a_sum_and_its_terms_two_stay():
    removal = remove_dependent_features(related_events(), threshold=0.9, forest=FOREST)
    assert len(removal.removed) == 2
    assert len({"weak", "noise", "partner"} & set(removal.kept)) == 2


def test_unreachable_threshold_removes_nothing():
    events = related_events(500)
    removal = remove_dependent_features(events, threshold=1.1, forest=FOREST)
    assert removal.removed == ()
    assert removal.kept == events.feature_names


def test_seed_matters():
    events = related_events().select_features(["weak", "partner"])
    small = ForestSettings(trees=5, max_events=500)

    def run(seed):
        return mutual_dependence(events, forest=small, seed=seed).dependence

    np.testing.assert_array_equal(run(0), run(0))
    assert not np.array_equal(run(0), run(1))


def test_negative_weights_are_refused():
    events = related_events(200)
    with pytest.raises(ValueError, match=r"study of features has no meaning with neg"):
        mutual_dependence(events.with_columns(weight=-events.weight))
