"""Regression by a recipe: what is refused, what is learnt, what is logged."""

import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.data.pipeline import BatchPipeline
from kerashep.data.splits import split_events
from kerashep.data.weights import with_training_weights
from kerashep.training.fit import train
from kerashep.training.recipe import recipe_from_dict
from kerashep.training.regression_rules import REGRESSION_LOSSES
from kerashep.training.run_folder import RunFolder, data_hash


def events_with_target(count=600, seed=0):
    """The target is a known function of the first two of three features."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 3)).astype("float32")
    weight = rng.uniform(0.5, 2.0, count)
    return Events(
        features=x,
        feature_names=("a", "b", "c"),
        label=np.full(count, np.nan),
        unlabelled=True,
        process=np.zeros(count),
        provenance="simulated",
        weight=weight,
        training_weight=weight / weight.mean(),
        target=80.0 * np.exp(0.4 * x[:, 0] - 0.2 * x[:, 1]),
    )


def recipe(loss="trimmed_ratio", **changes):
    training = {"epochs": 2, "batch_size": 100, "learning_rate": 1e-2, "loss": loss}
    arguments = {"units": [16], "scale": 80.0}
    content = {
        "name": "mass",
        "model": {"name": "dense_regressor", "arguments": arguments},
        "data": {"dataset": "w_jets_simulated"},
        "training": training,
    }
    for path, value in changes.items():
        *parents, last = path.split("__")
        node = content
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = value
    return recipe_from_dict(content)


@pytest.fixture(scope="module")
def parts():
    return split_events(events_with_target(), {"train": 0.7, "validation": 0.3})


def test_batches_hold_the_target():
    events = events_with_target(50)
    pipeline = BatchPipeline(events, batch_size=20, regression=True, parametric=False)
    batches = list(pipeline.batches(0))
    y = np.concatenate([batch[1][:, 0] for batch in batches])
    x = np.concatenate([batch[0]["x"] for batch in batches])
    order = np.argsort(y)
    np.testing.assert_array_equal(y[order], np.sort(events.target))
    np.testing.assert_array_equal(x[order], events.features[np.argsort(events.target)])


def test_events_that_do_not_fit_the_task():
    events = events_with_target(50)
    with pytest.raises(ValueError, match="no label to learn"):
        BatchPipeline(events, batch_size=20, parametric=False)
    without = events.with_columns(target=np.full(50, np.nan))
    with pytest.raises(ValueError, match="needs events with a target"):
        BatchPipeline(without, batch_size=20, regression=True, parametric=False)
    with pytest.raises(ValueError, match="`balance` and `background_mass`"):
        BatchPipeline(events, batch_size=20, regression=True, balance="class")


def test_training_weights_of_events_without_classes():
    events = events_with_target(50)
    weight = with_training_weights(events, "physics_normalised").training_weight
    np.testing.assert_allclose(weight, events.weight / events.weight.mean(), rtol=1e-6)
    assert (with_training_weights(events, "flat").training_weight == 1).all()
    with pytest.raises(ValueError, match="no classes that could be balanced"):
        with_training_weights(events, "balanced")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"training__balance": "class"}, "`training.balance` is of classes"),
        (
            {"training__background_mass": {"assignment": "fixed"}},
            "`training.background_mass` is of classes",
        ),
        ({"training__early_stopping": {"patience": 2}}, "val_auc` is of classes"),
        ({"training__ensemble": {"folds": 3}}, "`training.ensemble` weighs folds"),
        ({"data__training_weights": "balanced"}, "balances classes"),
        ({"evaluation__masses_gev": [80]}, "`evaluation.masses_gev` is of signal"),
        ({"evaluation__ams": {}}, "`evaluation.ams` is of signal"),
    ],
)
@pytest.mark.parametrize("loss", REGRESSION_LOSSES)
def test_settings_of_classes_are_refused(loss, changes, message):
    with pytest.raises(ValueError, match=message):
        recipe(loss, **changes)


def test_output_must_fit_the_loss(parts):
    with pytest.raises(ValueError, match=r"'single_nn' does not go with.*lbn_reg"):
        train(recipe(model__name="single_nn", model__arguments={}), parts)
    with pytest.raises(ValueError, match="needs a classifier"):
        train(recipe("binary_crossentropy"), parts)


def expected_loss(loss, prediction, part):
    """NumPy twin of the losses, with weights."""
    weight = part.training_weight.astype("float64")
    if loss == "mean_squared_error":
        return np.average((prediction - part.target) ** 2, weights=weight)
    order = np.argsort(prediction / part.target)
    ratio, weight = (prediction / part.target)[order], weight[order]
    upper = np.cumsum(weight) / weight.sum()
    lower = upper - weight / weight.sum()
    inside = np.clip(np.minimum(upper, 0.87) - np.maximum(lower, 0.13), 0, None)
    return np.sqrt(np.average((1 - ratio) ** 2, weights=inside))


@pytest.mark.parametrize("loss", REGRESSION_LOSSES)
def test_it_learns_alike_on_both_paths(loss, parts):
    plain = recipe(loss, training__compiled=False, training__epochs=8)
    trained = train(plain, parts, seed=1)
    history = trained.history
    assert set(history) == {"epoch", "loss", "val_loss"}
    assert history["val_loss"][-1] < 0.7 * history["val_loss"][0]
    score = trained.score(parts["validation"].features).astype("float64")
    expected = expected_loss(loss, score, parts["validation"])
    assert history["val_loss"][-1] == pytest.approx(expected, rel=1e-4)
    compiled = train(recipe(loss, training__epochs=8), parts, seed=1)
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(compiled.history[name], history[name], rtol=1e-3)


def test_early_stopping_and_the_run_folder(parts, tmp_path):
    stopping = {"patience": 1, "monitor": "val_loss", "min_delta": 1e9}
    early = recipe(training__early_stopping=stopping, training__epochs=5)
    trained = train(early, parts, run=RunFolder(tmp_path))
    assert (trained.history["epoch"], trained.best_epoch) == ([1, 2], 1)
    again = train(early, parts, run=RunFolder(tmp_path))
    assert again.history == trained.history
    x = parts["validation"].features
    np.testing.assert_array_equal(again.score(x), trained.score(x))


def test_fingerprint_sees_the_target():
    events = events_with_target(20)
    other = events.with_columns(target=2 * events.target)
    assert data_hash({"train": events}) != data_hash({"train": other})
