import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from kerashep.data.splits import split_events
from kerashep.data.weights import with_training_weights
from kerashep.evaluation import ForestSettings, feature_importance
from tests.evaluation.related_features import related_events

FOREST = ForestSettings(trees=20)
NAMES = ["strong", "weak", "noise"]


@pytest.fixture(scope="module")
def events():
    return related_events().select_features(NAMES)


@pytest.fixture(scope="module")
def importance(events):
    return feature_importance(events, forest=FOREST)


def test_finds_what_matters(importance):
    assert importance.important[:2] == ("strong", "weak")
    assert importance.order[0] == 0
    assert importance.importance[0] > 0.1
    assert abs(importance.importance[2]) < 0.01
    assert 0 < importance.error[0] < 0.02
    assert importance.performance.value == pytest.approx(0.85, abs=0.03)


def test_is_what_shuffling_by_hand_gives(events):
    ours = feature_importance(events, retrainings=1, forest=FOREST, seed=4)
    sample = with_training_weights(events, "balanced")
    parts = split_events(sample, {"train": 0.7, "test": 0.3}, seed=4)
    train, test = parts["train"], parts["test"]
    forest = RandomForestClassifier(20, min_samples_leaf=10, random_state=4)
    forest.fit(train.features, train.label, sample_weight=train.training_weight)

    def accuracy(features):
        right = forest.predict(features) == test.label
        return np.average(right, weights=test.training_weight)

    whole = accuracy(test.features)
    assert ours.performance.value == pytest.approx(whole)
    assert np.isnan(ours.error).all()
    rng = np.random.default_rng(0)
    for i in range(3):
        drops = []
        for _ in range(20):
            shuffled = test.features.copy()
            rng.shuffle(shuffled[:, i])
            drops.append(1 - accuracy(shuffled) / whole)
        spread = max(np.std(drops), 1e-3)
        assert ours.importance[i] == pytest.approx(np.mean(drops), abs=4 * spread)


def test_weights_that_undo_the_separation_undo_the_importance():
    events = related_events(12_000).select_features(["weak", "noise"])
    smooth = ForestSettings(trees=20, min_leaf_events=200)
    # The likelihood ratio of background to signal: both classes have one shape.
    ratio = np.exp(0.7**2 / 2 - 0.7 * events.column("weak").astype("float64"))
    alike = events.with_columns(weight=np.where(events.label == 1, ratio, 1.0))
    plain, ours = (
        feature_importance(sample, retrainings=2, forest=smooth).importance[0]
        for sample in (events, alike)
    )
    assert plain > 0.1
    assert abs(ours) < 0.3 * plain


def test_training_events_make_noise_look_important():
    events = related_events(600).select_features(NAMES)
    deep = ForestSettings(trees=20, min_leaf_events=1)
    seen = feature_importance(events, retrainings=2, held_out=0.0, forest=deep)
    unseen = feature_importance(events, retrainings=2, held_out=0.5, forest=deep)
    assert seen.performance.value > 0.99
    assert seen.importance[2] > unseen.importance[2] + 0.01


def test_missing_values_are_handled():
    events = related_events(missing=0.3).select_features(NAMES)
    ours = feature_importance(events, retrainings=2, forest=FOREST)
    assert np.isfinite(ours.importance).all()
    assert ours.importance[0] > 0.1


def test_seed_matters_and_threads_do_not(events):
    def run(seed, threads=1):
        settings = ForestSettings(trees=20, max_events=800, threads=threads)
        return feature_importance(
            events, retrainings=2, forest=settings, seed=seed
        ).importance

    np.testing.assert_array_equal(run(0), run(0, threads=2))
    assert not np.array_equal(run(0), run(1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"retrainings": 0}, r"`retrainings` must be at least 1.*retrainings=0"),
        ({"held_out": 1.0}, r"`held_out` must be in \[0, 1\).*held_out=1.0"),
        ({"weight_policy": "even"}, r"Unknown training weight policy 'even'"),
    ],
)
def test_bad_arguments_are_refused(events, options, message):
    with pytest.raises(ValueError, match=message):
        feature_importance(events, **options)


def test_bad_events_are_refused(events):
    with pytest.raises(ValueError, match=r"needs at least two.*\('noise',\)"):
        feature_importance(events.select_features(["noise"]))
    with pytest.raises(ValueError, match=r"study of features has no meaning with neg"):
        feature_importance(events.with_columns(weight=-events.weight))
    with pytest.raises(ValueError, match=r"There is no signal"):
        feature_importance(events.take(events.label == 0))
    with pytest.raises(ValueError, match=r"`trees` must be at least 1.*trees=0"):
        ForestSettings(trees=0)
