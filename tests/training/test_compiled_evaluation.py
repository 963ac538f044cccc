"""Validation events: one program for all of the same shapes, always the present ones."""

import numpy as np
import pytest

from kerashep.training.compiled import CompiledTrainer
from tests.training.fold_toy import build, pipeline, validation


@pytest.fixture(scope="module")
def trainer():
    return CompiledTrainer(build(), pipeline())


def found(trainer, data):
    """Validation loss of a fit, and what Keras finds for the same weights."""
    loss = trainer.fit(epochs=1, validation=data).history["val_loss"][-1]
    x, y, w = data
    return loss, trainer.model.evaluate(x, y, sample_weight=w, verbose=0)


def test_other_arrays_of_the_same_shapes_need_no_new_program(trainer):
    losses = []
    for seed in (1, 2, 3):
        loss, expected = found(trainer, validation(seed=seed))
        assert loss == pytest.approx(expected, rel=1e-5)
        losses.append(loss)
    assert trainer._evaluation.traces == 1
    assert len(set(losses)) == 3


def test_arrays_changed_in_place_are_seen(trainer):
    data = validation()
    found(trainer, data)
    data[2][:] = np.where(data[1][:, 0] == 1, 5.0, 0.1)
    loss, expected = found(trainer, data)
    assert loss == pytest.approx(expected, rel=1e-5)


def test_sizes_that_take_turns_are_compiled_once_each():
    trainer = CompiledTrainer(build(), pipeline())
    for count in (200, 210, 200, 210):
        loss, expected = found(trainer, validation(count))
        assert loss == pytest.approx(expected, rel=1e-5)
    assert trainer._evaluation.traces == 2


def test_no_events_stay_after_a_fit(trainer):
    trainer.fit(epochs=1, validation=validation())
    assert trainer._evaluation.validation is None
