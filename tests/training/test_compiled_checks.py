"""What a compiled program cannot follow is refused, or followed as asked."""

import warnings

import keras
import numpy as np
import pytest

from kerashep.training.compiled import CompiledTrainer
from kerashep.training.optimizers import ScheduledAdam
from kerashep.training.schedule_callback import ScheduleCallback
from kerashep.training.schedules import Constant, OneCycle
from tests.training.fold_toy import build, pipeline, validation


@pytest.fixture(scope="module")
def trainer():
    return CompiledTrainer(build(), pipeline(), schedule=Constant(1e-3))


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        (keras.optimizers.SGD(0.0), {"loss": "binary_crossentropy"}),
        (None, {"loss": "mse"}),
        (None, {"loss": "binary_crossentropy", "weighted_metrics": ["AUC"]}),
    ],
    ids=["optimizer", "loss", "metrics"],
)
def test_a_model_compiled_anew_is_not_trained_as_before(optimizer, options):
    model = build()
    trainer = CompiledTrainer(model, pipeline())
    before = model.get_weights()
    model.compile(optimizer or model.optimizer, **options)
    with pytest.raises(ValueError, match=r"`compile` was called.*new CompiledTrainer"):
        trainer.fit(epochs=1)
    with pytest.raises(ValueError, match="`compile` was called"):
        trainer.reset(1)
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize(
    "callback",
    [
        keras.callbacks.ReduceLROnPlateau(),
        keras.callbacks.LearningRateScheduler(lambda epoch: 1e-3 / (1 + epoch)),
        ScheduleCallback(Constant(1e-3), steps_per_epoch=1),
    ],
    ids=lambda one: type(one).__name__,
)
def test_two_rules_for_the_learning_rate_are_refused(trainer, callback):
    name = type(callback).__name__
    with pytest.raises(ValueError, match=f"{name} sets .*schedule Constant, at every"):
        trainer.fit(epochs=1, callbacks=[callback])


def test_without_a_schedule_a_callback_sets_the_learning_rate():
    model = build()
    before = model.get_weights()
    still = keras.callbacks.LearningRateScheduler(lambda epoch: 0.0 * epoch)
    CompiledTrainer(model, pipeline()).fit(epochs=1, callbacks=[still])
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_another_schedule_is_checked_as_the_first(trainer):
    trainer.follow(Constant(2e-3))
    assert trainer.schedule == Constant(2e-3)
    model = build()
    model.compile("adam", "binary_crossentropy")
    plain = CompiledTrainer(model, pipeline(), schedule=Constant(1e-3))
    with pytest.raises(ValueError, match="moves the momentum, which is fixed"):
        plain.follow(OneCycle(5, 5))
    with pytest.raises(ValueError, match="compiled without a schedule"):
        CompiledTrainer(build(), pipeline()).follow(Constant(1e-3))


def test_without_xla_as_asked_the_numbers_are_alike_and_nothing_is_said():
    found = []
    for jit_compile in (False, True):
        keras.utils.set_random_seed(1)
        model = build()
        model.compile(ScheduledAdam(1e-2), "binary_crossentropy")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            trainer = CompiledTrainer(model, pipeline(), jit_compile=jit_compile)
            history = trainer.fit(epochs=2, validation=validation()).history
        assert trainer.compiled is jit_compile
        assert trainer._evaluation.compiled is jit_compile
        assert trainer._program._run._jit_compile is (True if jit_compile else None)
        found.append([history["loss"], history["val_loss"]])
    np.testing.assert_allclose(*found, rtol=1e-4)
