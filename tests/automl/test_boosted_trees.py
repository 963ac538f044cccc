import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from kerashep.automl import BoostedTrees
from kerashep.data.events import Events

MASSES = (500.0, 1000.0, 1500.0)


@pytest.fixture(scope="module")
def trees(resonance):
    return BoostedTrees(seed=1, rounds=250, leaves=15).fit(resonance(3000))


def auc(trees, events, mass):
    chosen = events.take((events.label == 0) | (events.parameters[:, 0] == mass))
    return roc_auc_score(chosen.label, trees.score(chosen.features, mass))


@pytest.mark.parametrize("mass", MASSES)
def test_near_the_best_possible_at_each_mass(trees, resonance, best_auc, mass):
    ours = auc(trees, resonance(10_000, seed=7), mass)
    assert best_auc(mass) - 0.02 < ours < best_auc(mass) + 0.01


def test_the_mass_given_matters(trees, resonance):
    x = resonance(100).features[:100]  # signal of 500 GeV
    at_its_mass, elsewhere = trees.score(x, 500.0), trees.score(x, 1500.0)
    assert at_its_mass.shape == (100,)
    assert at_its_mass.dtype == np.float32
    assert at_its_mass.mean() > elsewhere.mean() + 0.3
    np.testing.assert_array_equal(trees.score(x, np.full((100, 1), 500.0)), at_its_mass)
    with pytest.raises(ValueError, match="trained with 1 parameter"):
        trees.score(x)


def test_rounds_are_reported(trees):
    assert 5 < trees.rounds_used <= 250


def test_seed(resonance):
    train, x = resonance(300), resonance(50, seed=5).features
    first, again, other = (
        BoostedTrees(seed=seed, rounds=20).fit(train).score(x, 500)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_weights_are_honoured(resonance):
    """Zero-weighted events, however misleading, change nothing they could teach."""
    train = resonance(500)
    wrong = train.with_columns(
        label=1 - train.label,
        parameters=np.full((len(train), 1), 500.0),
        training_weight=np.zeros(len(train)),
    )
    weight = np.full(len(train), 7.0)
    both = Events.concatenate([train.with_columns(training_weight=weight), wrong])
    settings = {"rounds": 60, "leaves": 7, "seed": 3}
    test = resonance(3000, seed=4)
    clean = BoostedTrees(**settings).fit(train, validation=resonance(500, seed=2))
    mixed = BoostedTrees(**settings).fit(both, validation=resonance(500, seed=2))
    ignored = BoostedTrees(**settings).fit(
        both.with_columns(training_weight=np.ones(len(both))),
        validation=resonance(500, seed=2),
    )
    reference = auc(clean, test, 500.0)
    assert abs(auc(mixed, test, 500.0) - reference) < 0.02
    assert auc(ignored, test, 500.0) < reference - 0.05


def test_the_scale_of_weights_does_not_matter(resonance):
    train, validation = resonance(300), resonance(300, seed=1)
    x = validation.features
    settings = {"rounds": 20, "seed": 3}
    plain = BoostedTrees(**settings).fit(train, validation).score(x, 500)
    tiny = train.with_columns(training_weight=np.full(len(train), 2.0**-20))
    scaled = BoostedTrees(**settings).fit(tiny, validation).score(x, 500)
    np.testing.assert_allclose(scaled, plain, rtol=1e-5)


def test_background_weight_is_shared_by_its_draws(resonance, monkeypatch):
    seen = {}

    def catch(train, validation, settings, *, parametric):  # noqa: ARG001
        seen["train"] = train
        raise KeyboardInterrupt

    monkeypatch.setattr("kerashep.automl.boosted_trees.boost", catch)
    events = resonance(100)
    with pytest.raises(KeyboardInterrupt):
        BoostedTrees(background_draws=4).fit(events, validation=events)
    train = seen["train"]
    assert np.isfinite(train.parameters).all()
    background = train.label == 0
    assert background.sum() == 4 * 300
    assert train.training_weight[background].sum() == pytest.approx(300)
    values, counts = np.unique(train.parameters[background], return_counts=True)
    assert tuple(values) == MASSES
    assert counts.min() > 340  # each mass a third of 1200
    first, second = (
        train.parameters[background][:300],
        train.parameters[background][300:600],
    )
    assert not np.array_equal(first, second)


def test_without_parameters(resonance):
    events = resonance(500)
    bare = Events(
        features=events.features,
        feature_names=events.feature_names,
        label=events.label,
        provenance="simulated",
    )
    trees = BoostedTrees(rounds=30).fit(bare)
    scores = trees.score(bare.features)
    assert roc_auc_score(bare.label, scores) > 0.6
    np.testing.assert_array_equal(trees.score(bare.features, 500.0), scores)


def test_several_parameters(resonance):
    trees = BoostedTrees(rounds=10).fit(resonance(200, names=("mass", "width")))
    x = resonance(10).features
    assert trees.score(x, [500.0, 500.0]).shape == (60,)
    with pytest.raises(ValueError, match=r"`m` must be of shape \(2,\)"):
        trees.score(x, 500.0)


def test_use_before_training_and_bad_draws_raise(resonance):
    with pytest.raises(ValueError, match="not trained: call `fit` first"):
        BoostedTrees().score(np.ones((2, 2)), 500)
    with pytest.raises(ValueError, match="`background_draws` must be at least 1"):
        BoostedTrees(background_draws=0).fit(resonance(100))


def test_early_stopping_counts_rounds(resonance):
    trees = BoostedTrees(rounds=300, learning_rate=0.5, patience=5).fit(resonance(300))
    assert 0 < trees.rounds_used < 100
