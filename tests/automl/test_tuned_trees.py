import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from kerashep.automl import BoostedTrees, TunedTrees
from kerashep.data.events import Events


def circle(count, seed):
    """Signal inside a noisy circle."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 4)).astype("float32")
    inside = (x[:, 0] ** 2 + x[:, 1] ** 2 + rng.normal(0, 0.7, count)) < 1.2
    return Events(
        features=x,
        feature_names=("a", "b", "c", "d"),
        label=inside.astype("float32"),
        provenance="simulated",
        training_weight=np.where(inside, 2.0, 1.0),
    )


@pytest.mark.parametrize("backend", ["lightgbm", "xgboost"])
def test_as_good_as_the_default_settings_or_better(backend):
    pytest.importorskip(backend)
    train, test = circle(1500, 1), circle(5000, 2)
    tuned = TunedTrees(backend=backend, trials=3, members=2, rounds=150, seed=3)
    tuned.fit(train)
    plain = BoostedTrees(backend=backend, rounds=150, seed=3).fit(train)
    ours, theirs = (
        roc_auc_score(test.label, trees.score(test.features))
        for trees in (tuned, plain)
    )
    assert len(tuned.trial_auc) == 4
    assert max(tuned.trial_auc) >= tuned.trial_auc[0]
    assert tuned.settings.backend == backend
    assert ours > theirs - 0.003
    assert ours > 0.85


def test_the_mean_of_members_that_differ_by_their_seed():
    train, x = circle(600, 1), circle(50, 2).features
    tuned = TunedTrees(trials=1, members=2, rounds=20, seed=5).fit(train)
    members = [
        BoostedTrees(
            rounds=20,
            patience=50,
            seed=seed,
            **{
                name: getattr(tuned.settings, name)
                for name in (
                    *("learning_rate", "leaves", "min_child_events", "l2"),
                    *("event_fraction", "feature_fraction"),
                )
            },
        ).fit(train)
        for seed in (5, 6)
    ]
    expected = np.mean([one.score(x) for one in members], axis=0)
    np.testing.assert_allclose(tuned.score(x), expected, rtol=1e-6)


def test_wrong_use():
    with pytest.raises(ValueError, match="must be positive"):
        TunedTrees(trials=0).fit(circle(100, 1))
    with pytest.raises(ValueError, match="call `fit` first"):
        TunedTrees().score(np.zeros((1, 4)))
