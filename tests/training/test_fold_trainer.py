"""Trainings of several folds: what they see, and one program for all."""

import numpy as np
import pytest

from kerashep.data.background_mass import BackgroundMass
from kerashep.data.pipeline import BatchPipeline
from kerashep.data.scaling import FeatureScaler
from kerashep.data.splits import fold_indices
from kerashep.training.fold_trainer import FoldSetup, FoldTrainer, validation_data
from kerashep.training.schedules import Constant
from kerashep.zoo.registry import create_model
from tests.training.fold_toy import SETUP, batches, build, toy_events
from tests.training.toy import MASSES
from tests.training.toy import toy_events as parametric_events

EVENTS = toy_events(331)  # folds of different sizes
FOLDS = fold_indices(EVENTS, 3, seed=4)


def test_folds_of_any_size_share_one_program_and_one_meaning_of_a_step():
    assert len({len(rows) for rows in FOLDS}) > 1
    trainers = FoldTrainer(
        SETUP,
        EVENTS,
        FOLDS,
        sub_epochs=2,
        schedule=lambda steps: Constant(1e-2 / steps),
    )
    losses = []
    for fold in (2, 0, 1):
        trainer, _ = trainers.prepare(fold)
        assert trainer.pipeline.steps_per_epoch == 220 // 32 // 2
        assert trainer.schedule == Constant(1e-2 / 3)
        losses.append(trainer.fit(epochs=3).history["loss"][-1])
    assert trainer.traces == 1
    assert len(set(losses)) == 3


def test_a_fold_does_not_depend_on_those_before_it_but_on_the_seed():
    trainers = FoldTrainer(SETUP, EVENTS, FOLDS, seed=5)
    first = trainers.prepare(1)[0].fit(epochs=2).history["loss"]
    assert trainers.prepare(0)[0].fit(epochs=2).history["loss"] != first
    assert trainers.prepare(1)[0].fit(epochs=2).history["loss"] == first
    trainers.seed = 6
    assert trainers.prepare(1)[0].fit(epochs=2).history["loss"] != first


def test_scaler_and_batches_come_from_the_other_folds():
    seen = []

    def noting(train, scaler, seed):
        seen.append(set(train.event_id.tolist()))
        return batches(train, scaler, seed)

    trainers = FoldTrainer(FoldSetup(build, noting), EVENTS, FOLDS)
    for fold, rows in enumerate(FOLDS):
        _, prepared = trainers.prepare(fold)
        others = np.setdiff1d(np.arange(len(EVENTS)), rows)
        assert seen[-1] == set(others.tolist())
        expected = FeatureScaler.fit(EVENTS.take(others))
        np.testing.assert_array_equal(prepared.scaler.mean, expected.mean)
        x, y, w = prepared.validation
        left_out = EVENTS.take(rows)
        np.testing.assert_array_equal(x["x"], expected.transform(left_out.features))
        np.testing.assert_array_equal(y[:, 0], left_out.label)
        np.testing.assert_array_equal(w, left_out.training_weight)


def test_parametric_models_get_masses():
    def parametric_batches(train, scaler, seed):
        mass = BackgroundMass.for_events(train, "identical", "sampled")
        return BatchPipeline(
            train, batch_size=32, background_mass=mass, scaler=scaler, seed=seed
        )

    def parametric():
        model = create_model(
            "parametric_nn", num_features=3, num_parameters=1, units=(4,)
        )
        model.compile("adam", "binary_crossentropy")
        return model

    events = parametric_events(200)
    trainers = FoldTrainer(
        FoldSetup(parametric, parametric_batches), events, fold_indices(events, 2)
    )
    trainer, prepared = trainers.prepare(0)
    trainer.fit(epochs=1)
    x, y, _ = prepared.validation
    assert set(x["m"][y[:, 0] == 0, 0]) <= set(MASSES)
    again = validation_data(
        trainer.model, events.take(trainers.folds[0]), prepared.scaler, seed=3
    )
    assert not np.array_equal(again[0]["m"], x["m"]), "the seed matters"


def test_too_few_events_are_refused():
    trainers = FoldTrainer(SETUP, EVENTS, FOLDS, sub_epochs=9)
    with pytest.raises(ValueError, match="220 training events hold less than 9"):
        trainers.prepare(0)
