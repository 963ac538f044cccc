"""One model a fold: out-of-fold scores, weights, workers."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from sklearn.metrics import log_loss

from kerashep.data.events import Events
from kerashep.data.pipeline import BatchPipeline
from kerashep.data.scaling import FeatureScaler
from kerashep.layers import SymmetryCopies
from kerashep.training import fold_cache, kfold
from kerashep.training.fold_trainer import FoldSetup
from kerashep.training.held_out import HeldOut
from kerashep.training.kfold import FoldPlan, train_folds
from kerashep.training.pool import PoolResult
from kerashep.training.schedules import OneCycle
from kerashep.training.snapshots import Snapshots
from kerashep.training.swa import StochasticWeightAveraging
from kerashep.zoo import load_model
from kerashep.zoo.registry import create_model
from tests.training.fold_toy import SETUP, build, toy_events

EVENTS = toy_events(320)


def cycle(steps):
    return OneCycle(4 * steps, 8 * steps)


PLAN = FoldPlan(epochs=12, sub_epochs=2, schedule=cycle, validate=True)


@pytest.fixture(scope="module")
def trained():
    return train_folds(SETUP, PLAN, EVENTS, folds=4, seed=3)


def test_folds_divide_the_events_and_one_program_serves_all(trained):
    rows = np.concatenate([model.rows for model in trained.models])
    np.testing.assert_array_equal(np.sort(rows), np.arange(len(EVENTS)))
    signal = [EVENTS.label[model.rows].sum() for model in trained.models]
    assert max(signal) - min(signal) <= 1
    assert trained.traces == 1


def test_losses_and_scores_are_those_of_the_left_out_events(trained):
    for fold, model in enumerate(trained.models):
        events = EVENTS.take(model.rows)
        core = build()
        core.set_weights(model.members[0].weights)
        x = model.scaler.transform(events.features)
        np.testing.assert_allclose(
            model.score, np.array(core({"x": x}))[:, 0], rtol=1e-5, atol=1e-7
        )
        expected = log_loss(
            events.label, model.score, sample_weight=events.training_weight
        )
        assert trained.validation_losses[fold] == pytest.approx(expected, rel=1e-5)
        history = model.history["val_loss"]
        assert len(history) == 12
        assert history[-1] == pytest.approx(expected, rel=1e-5)
        np.testing.assert_array_equal(trained.out_of_fold[model.rows], model.score)
    losses = trained.validation_losses
    assert losses.max() < log_loss([0, 1], [0.5, 0.5]), "something was learned"


def test_all_members_with_test_time_copies_are_one_model_that_saves(trained, tmp_path):
    copies = SymmetryCopies(vectors=((0, 1),), reflections=("y",))
    model = trained.ensemble(build(), augmentation=copies)
    x, expected = EVENTS.features, 0.0
    for fold, share in enumerate(trained.weights()):
        one = trained.fold_model(build(), fold, augmentation=copies)
        expected += share * np.array(one({"x": x}))
    np.testing.assert_allclose(model({"x": x}), expected, rtol=1e-5, atol=1e-7)
    turned = x * np.array([-1, -1, 1, 1], "float32")
    np.testing.assert_allclose(model({"x": turned}), expected, rtol=1e-4, atol=1e-6)
    model.save(tmp_path / "ensemble.keras")
    again = load_model(tmp_path / "ensemble.keras")
    np.testing.assert_array_equal(again({"x": x}), model({"x": x}))


ID_EVENTS = 60


def id_batches(train, scaler, seed):
    return BatchPipeline(train, batch_size=8, scaler=scaler, seed=seed)


def id_scaler(events):
    zero, one = np.zeros(ID_EVENTS), np.ones(ID_EVENTS)
    return FeatureScaler(events.feature_names, zero, one, zero.astype(bool))


def id_model():
    model = create_model("single_nn", num_features=ID_EVENTS, units=(16,))
    model.compile(keras.optimizers.Adam(3e-2), "binary_crossentropy")
    return model


def test_out_of_fold_scores_come_from_models_that_did_not_see_the_event():
    """Each event has an input of its own and a random label: seen means known."""
    rng = np.random.default_rng(1)
    events = Events(
        features=np.eye(ID_EVENTS),
        feature_names=tuple(f"is_{i}" for i in range(ID_EVENTS)),
        label=rng.permutation(np.arange(ID_EVENTS) % 2),
        provenance="simulated",
    )
    setup = FoldSetup(id_model, id_batches, id_scaler)
    trained = train_folds(setup, FoldPlan(epochs=30), events, folds=4)
    wrong_unseen = 0
    for model in trained.models:
        core = id_model()
        core.set_weights(model.members[0].weights)
        known = (np.array(core({"x": events.features}))[:, 0] > 0.5) == events.label
        seen = np.setdiff1d(np.arange(ID_EVENTS), model.rows)
        assert known[seen].all()
        wrong_unseen += (~known[model.rows]).sum()
        right = (trained.out_of_fold[model.rows] > 0.5) == events.label[model.rows]
        np.testing.assert_array_equal(right, known[model.rows])
    assert wrong_unseen >= 15, "a score of an unseen event is a guess: 30 expected"


def test_snapshots_are_the_members_of_their_fold():
    plan = FoldPlan(
        epochs=4,
        callbacks=lambda validation: [  # noqa: ARG005
            Snapshots([1, 2, 4], previous=1)
        ],
    )
    trained = train_folds(SETUP, plan, EVENTS, folds=2)
    for model in trained.models:
        assert [one.epoch for one in model.members] == [4, 2]
        events, core = EVENTS.take(model.rows), build()
        x, expected = model.scaler.transform(events.features), 0.0
        for member, share in zip(model.members, (2 / 3, 1 / 3), strict=True):
            core.set_weights(member.weights)
            expected += share * np.array(core({"x": x}))[:, 0]
        np.testing.assert_allclose(model.score, expected, rtol=1e-5, atol=1e-7)
        held_out = HeldOut({"x": x}, events.label, events.training_weight)
        loss = held_out.loss_of(core, model.score[:, None])
        assert model.validation_loss == pytest.approx(loss, rel=1e-6)


def test_weight_averaging_of_each_fold():
    made = []

    def callbacks(validation):
        made.append(StochasticWeightAveraging(2, validation=validation, keep="average"))
        return made[-1:]

    trained = train_folds(SETUP, FoldPlan(4, callbacks=callbacks), EVENTS, folds=2)
    for model, swa in zip(trained.models, made, strict=True):
        assert swa.average.count == 3
        for ours, theirs in zip(
            model.members[0].weights, swa.average.values, strict=True
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    assert trained.traces == 1


@pytest.mark.slow
def test_two_processes_give_the_same_models(trained):
    plan = replace(PLAN, validate=False)
    parallel = train_folds(SETUP, plan, EVENTS, folds=4, seed=3, workers=2)
    np.testing.assert_allclose(
        parallel.out_of_fold, trained.out_of_fold, rtol=1e-3, atol=1e-4
    )
    assert [model.fold for model in parallel.models] == [0, 1, 2, 3]
    assert parallel.traces == 1


@pytest.mark.slow
def test_the_seed_decides(trained):
    plan = replace(PLAN, validate=False)
    again = train_folds(SETUP, plan, EVENTS, folds=4, seed=3)
    np.testing.assert_array_equal(again.out_of_fold, trained.out_of_fold)
    other = train_folds(SETUP, plan, EVENTS, folds=4, seed=4)
    assert not np.array_equal(other.models[0].rows, trained.models[0].rows)
    assert not np.array_equal(other.out_of_fold, trained.out_of_fold)


@pytest.mark.parametrize(
    "folds",
    [
        [np.arange(320)],
        [np.arange(200), np.arange(200, 319)],
        [np.arange(200), np.arange(199, 320)],
        [np.arange(200), np.arange(200, 321)],
    ],
)
def test_folds_must_divide_the_events(folds):
    with pytest.raises(ValueError, match="hold each event exactly once"):
        train_folds(SETUP, PLAN, EVENTS, folds=folds)


def test_folds_of_a_process_share_a_program_and_are_told_one_by_one(monkeypatch):
    """As in a process of the pool, in which each fold is a call of its own."""
    made, told, kept = [], [], []
    monkeypatch.setattr(fold_cache, "_last", fold_cache._LastFolds())

    def build_and_count():
        made.append(1)
        return build()

    def run_here(task, items, *, workers, succeeded):
        assert workers == 2
        results = []
        for item in reversed(items):
            results.append(PoolResult(task(item)))
            succeeded(results[-1].value)
            kept.append(hasattr(fold_cache._last.trainer, "events"))
        return results[::-1]

    monkeypatch.setattr(kfold, "run_pool", run_here)
    setup, plan = replace(SETUP, build=build_and_count), FoldPlan(epochs=1)
    options = {"folds": 3, "seed": 3, "workers": 2}
    tell = {"done": lambda model: told.append(model.fold)}
    found = [train_folds(setup, plan, EVENTS, **options, **tell) for _ in range(2)]
    assert len(made) == 2, "another call may have another model"
    assert told == [2, 1, 0] * 2
    assert not any(kept), "no events stay in the process"
    assert [model.fold for model in found[0].models] == [0, 1, 2]
    here = train_folds(SETUP, plan, EVENTS, folds=3, seed=3)
    for one in (*found, here):
        assert one.traces == 1
        np.testing.assert_allclose(one.out_of_fold, here.out_of_fold, rtol=1e-6)


def test_a_failing_fold_is_named(monkeypatch):
    def run_nothing(task, items, **options):  # noqa: ARG001
        return [PoolResult(None, f"ValueError: not {item}") for item in items]

    monkeypatch.setattr(kfold, "run_pool", run_nothing)
    with pytest.raises(ValueError, match=r"Training of fold 0 failed: .*not fold 0"):
        train_folds(SETUP, PLAN, EVENTS, folds=2, workers=2)
