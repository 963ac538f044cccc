"""Snapshots at the ends of cycles, their order and weights."""

import keras
import numpy as np
import pytest

from kerashep.training.compiled import CompiledTrainer
from kerashep.training.held_out import HeldOut
from kerashep.training.schedule_callback import ScheduleCallback
from kerashep.training.schedules import Constant, OneCycle, Triangular, WarmRestarts
from kerashep.training.snapshots import (
    Snapshots,
    fast_geometric_ensemble,
    snapshot_epochs,
)
from kerashep.training.sub_epochs import SubEpochs
from tests.training.fold_toy import Recorder, build, pipeline, validation

STEPS = 3


class Steps(Recorder):
    """Weights, and the number of steps run, after each epoch."""

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self.steps = []

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        self.steps.append(int(self.model.optimizer.iterations))


def trainer(schedule):
    keras.utils.set_random_seed(1)
    return CompiledTrainer(build(), SubEpochs(pipeline(), STEPS), schedule=schedule)


@pytest.fixture(scope="module")
def shared():
    return trainer(Constant(1e-2))


def fresh(shared, schedule):
    """The same program for another training."""
    shared.schedule = schedule
    shared.reset(1)
    return shared


def equal(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_snapshots_are_taken_at_the_steps_where_cycles_end(shared):
    schedule = WarmRestarts(STEPS, highest=1e-2)
    epochs = snapshot_epochs(schedule, steps_per_epoch=STEPS, epochs=8)
    assert epochs == (1, 3, 7)
    states, snapshots = Steps(), Snapshots(epochs)
    fresh(shared, schedule).fit(epochs=8, callbacks=[states, snapshots])
    members = snapshots.members()
    assert [one.epoch for one in members] == [7, 3, 1]
    ends = [states.steps[one.epoch - 1] for one in members]
    np.testing.assert_array_equal(ends, schedule.cycle_ends(3)[::-1])
    for one in members:
        equal(one.weights, states.states[one.epoch - 1])
    np.testing.assert_allclose([one.share for one in members], [6 / 11, 3 / 11, 2 / 11])


def test_plain_keras_takes_the_same_snapshots(shared):
    schedule = WarmRestarts(STEPS, highest=1e-2, growth=1)
    found = []
    for compiled in (True, False):
        snapshots, one = Snapshots([1, 2, 3]), fresh(shared, schedule)
        if compiled:
            one.fit(epochs=3, callbacks=[snapshots])
        else:
            rates = ScheduleCallback(schedule, steps_per_epoch=STEPS)
            data = one.pipeline.as_dataset()
            one.model.fit(
                data, epochs=3, callbacks=[rates, snapshots], shuffle=False, verbose=0
            )
        found.append(snapshots.members())
    for ours, theirs in zip(*found, strict=True):
        for a, b in zip(ours.weights, theirs.weights, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


class Jump(keras.callbacks.Callback):
    """Sets all weights after each epoch."""

    def __init__(self, values):
        super().__init__()
        self.values = values

    def on_epoch_end(self, epoch, logs=None):  # noqa: ARG002
        for variable in self.model.trainable_variables:
            variable.assign(np.full(variable.shape, self.values[epoch], "float32"))


def test_best_state_comes_first_then_the_snapshots_before_it(shared):
    data = validation()
    snapshots = Snapshots([1, 2, 4, 6], previous=2, validation=data)
    values = [0.9, 0.8, 1.1, 1.0, 0.0, 0.7]  # large ones are sure of the wrong thing
    one = fresh(shared, Constant(1e-2))
    one.fit(epochs=6, callbacks=[Jump(values), snapshots])
    assert int(np.argmin(snapshots.losses)) == 4
    members = snapshots.members()
    assert [one.epoch for one in members] == [5, 4, 2]
    assert [one.weights[0][0, 0] for one in members] == pytest.approx([0, 1.0, 0.8])
    model = build()
    model.set_weights(members[0].weights)
    assert min(snapshots.losses) == pytest.approx(HeldOut(*data).loss(model))


def test_fast_geometric_ensemble_after_training(monkeypatch):
    first = OneCycle(2 * STEPS, 2 * STEPS)
    one = trainer(first)
    one.fit(epochs=4)
    rates = []

    class Rates(Snapshots):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            rates.append(float(self.model.optimizer.learning_rate))

    monkeypatch.setattr("kerashep.training.snapshots.Snapshots", Rates)
    members = fast_geometric_ensemble(one, epoch=4, cycles=3, cycle_epochs=2)
    assert [m.epoch for m in members] == [10, 8, 6]
    assert [m.share for m in members] == pytest.approx([1 / 3] * 3)
    assert int(one.model.optimizer.iterations) == 10 * STEPS
    # last steps of the epochs of a cycle of six: steps 2 and 5
    expected = Triangular(6, 2e-4, 2e-3).table(0, 6)[0][[2, 5]]
    np.testing.assert_allclose(rates, np.tile(expected, 3), rtol=1e-6)
    assert one.schedule is first
    assert one.traces == 1
    assert float(one.model.optimizer.momentum) == pytest.approx(0.95)


def test_fast_geometric_ensemble_needs_rates_in_the_program():
    with pytest.raises(ValueError, match=r"for example `Constant\(1e-3\)`"):
        fast_geometric_ensemble(trainer(None), epoch=1)


def test_epochs_of_cycles():
    assert snapshot_epochs(Triangular(10), steps_per_epoch=2, epochs=16) == (5, 10, 15)
    equal_cycles = WarmRestarts(4, growth=1)
    assert snapshot_epochs(equal_cycles, steps_per_epoch=4, epochs=3) == (1, 2, 3)
    with pytest.raises(ValueError, match=r"whole epochs.*5 steps at first, 4 steps"):
        snapshot_epochs(WarmRestarts(5), steps_per_epoch=4, epochs=9)
    with pytest.raises(ValueError, match="must end within"):
        snapshot_epochs(WarmRestarts(8), steps_per_epoch=4, epochs=1)


def test_bad_options_are_refused(shared):
    with pytest.raises(ValueError, match=r"Unknown weighting='ages'\. Did you mean"):
        Snapshots([1], weighting="ages")
    with pytest.raises(ValueError, match=r"counted from 1.*epochs=\[0, 1\]"):
        Snapshots([0, 1])
    snapshots = Snapshots([5])
    fresh(shared, Constant(1e-3)).fit(epochs=1, callbacks=[snapshots])
    with pytest.raises(ValueError, match="ended before epoch 5"):
        snapshots.members()
