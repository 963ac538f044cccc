"""Averages of weights: against NumPy, the automatic start, what the model keeps."""

import functools

import keras
import numpy as np
import pytest

from kerashep.training.batch_norm import recompute_batch_norm
from kerashep.training.compiled import CompiledTrainer
from kerashep.training.held_out import HeldOut
from kerashep.training.joined_schedules import averaging_schedule
from kerashep.training.schedules import Constant
from kerashep.training.sub_epochs import SubEpochs
from kerashep.training.swa import Comparison, StochasticWeightAveraging
from kerashep.training.weight_average import WeightAverage
from kerashep.zoo.registry import create_model
from tests.training.fold_toy import Recorder, build, pipeline, trainable, validation


def same(ours, theirs, **tolerance):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, **(tolerance or {"rtol": 1e-5, "atol": 1e-6}))


def means(states):
    return [np.mean(arrays, axis=0, dtype="f8") for arrays in zip(*states, strict=True)]


@functools.cache
def program():
    """One compiled program for all tests of this file."""
    batches = SubEpochs(pipeline(), 4)
    return CompiledTrainer(build(), batches, schedule=Constant(1e-2))


def run(swa, epochs=7, *, compiled=True, schedule=None):
    trainer, states = program(), Recorder()
    trainer.schedule = schedule or Constant(1e-2)
    trainer.reset(1)
    model, callbacks = trainer.model, [states, swa]
    if compiled:
        trainer.fit(epochs=epochs, callbacks=callbacks)
    else:
        data = trainer.pipeline.as_dataset()
        model.fit(data, epochs=epochs, callbacks=callbacks, shuffle=False, verbose=0)
    return model, states.states


@pytest.mark.parametrize("compiled", [True, False])
def test_average_from_an_epoch_is_the_mean_of_the_states(compiled):
    swa = StochasticWeightAveraging(3, keep="average")
    model, states = run(swa, compiled=compiled)
    assert swa.average.count == 5
    same(swa.average.values, means(states[2:]))
    same(trainable(model), means(states[2:]))
    assert swa.used


def test_ends_of_cycles_only():
    swa = StochasticWeightAveraging(2, every=2, keep="last")
    schedule = averaging_schedule("linear", cycle_steps=8)
    model, states = run(swa, schedule=schedule)
    same(swa.average.values, means([states[1], states[3], states[5]]))
    same(trainable(model), states[-1])
    assert not swa.used


class Script(StochasticWeightAveraging):
    """Averages single numbers; their loss is the distance from `best`."""

    best = 0.0

    def __init__(self, **options):
        super().__init__(validation=validation(5), **options)
        self.set_model(build())

    def loss_of(self, average):
        self.asked = [float(v[0, 0]) for v in average.values[:1]]
        return abs(self.asked[0] - self.best) if self.asked else 1e9

    def see(self, numbers):
        self.on_train_begin()
        for epoch, number in enumerate(numbers):
            for variable in self.model.trainable_variables:
                variable.assign(np.full(variable.shape, number, "float32"))
            self.on_epoch_end(epoch, {})


def test_automatic_start_doubles_its_wait_while_the_old_average_is_better():
    swa = Script(first_epoch=3, renewal=2)
    # Averaging begins with epoch 3. Young ones begin after 2 averaged states (epoch 4),
    # and with each comparison: at 6, then 4 later at 10, then 8 later at 18.
    numbers = [9.0, 9.0, 0.0, *range(1, 20)]
    swa.see(numbers)
    old = {6: np.mean(numbers[2:6]), 10: np.mean(numbers[2:10])}
    young = {6: np.mean(numbers[3:6]), 10: np.mean(numbers[5:10])}
    old[18], young[18] = np.mean(numbers[2:18]), np.mean(numbers[9:18])
    expected = [(epoch, old[epoch], young[epoch]) for epoch in (6, 10, 18)]
    np.testing.assert_allclose(swa.comparisons, expected, rtol=1e-6)
    assert swa.average.count == len(numbers) - 2


def test_automatic_start_takes_a_better_young_average_and_its_first_wait():
    swa = Script(first_epoch=1, renewal=2)
    # The old average is better at 4 only: wait 4. The young one (from 4) wins at 8: the
    # wait is 2 again, the next comparison at 10.
    numbers = [0.0, 1.0, 2.0, 3.0, 0.0, -2.0, -2.0, -2.0, -9.0, -9.0]
    swa.best = -0.5
    swa.see(numbers)
    epochs = [one.epoch for one in swa.comparisons]
    assert epochs == [4, 8, 10]
    assert swa.comparisons[0] == Comparison(4, 2.0, 2.5)
    assert swa.comparisons[1].young == pytest.approx(abs(np.mean(numbers[3:8]) + 0.5))
    assert swa.comparisons[1].young < swa.comparisons[1].old
    assert swa.comparisons[2].old == pytest.approx(abs(np.mean(numbers[3:10]) + 0.5))
    assert swa.average.values[0][0, 0] == pytest.approx(np.mean(numbers[3:10]))


def test_the_better_of_both_averages_is_chosen_in_the_end():
    swa = Script(first_epoch=1, renewal=2, keep="average")
    swa.best = 5.0
    swa.see([0.0, 0.0, 5.0])  # the young one: 0, 5
    swa.on_train_end()
    assert swa.average.count == 2
    assert trainable(swa.model)[0][0, 0] == pytest.approx(2.5)


def test_model_keeps_the_better_of_average_and_last_weights():
    data = validation()
    for first in (1, 6):
        swa = StochasticWeightAveraging(validation=data, first_epoch=first, renewal=2)
        model, states = run(swa, 8)
        held_out, found = HeldOut(*data), []
        for state in (states[-1], swa.average.values):
            twin = build()
            for variable, value in zip(twin.trainable_variables, state, strict=True):
                variable.assign(value)
            found.append(held_out.loss(twin))
        assert swa.used == (found[1] < found[0])
        assert held_out.loss(model) == pytest.approx(min(found), rel=1e-5)


def test_monitored_loss_is_that_of_the_average():
    data = validation()
    swa = StochasticWeightAveraging(3, validation=data, keep="last", monitor=True)
    model, states = run(swa, 5)
    found = model.history.history["val_swa_loss"]
    expected = []
    for epoch in range(5):
        several = states[2 : epoch + 1] or [states[epoch]]
        for variable, value in zip(
            model.trainable_variables, means(several), strict=True
        ):
            variable.assign(value)
        expected.append(HeldOut(*data).loss(model))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_looking_at_averages_does_not_change_the_training():
    swa = StochasticWeightAveraging(
        validation=validation(), first_epoch=1, renewal=1, keep="last", monitor=True
    )
    _, states = run(swa)
    assert len(swa.comparisons) > 1
    _, plain = run(StochasticWeightAveraging(1, keep="last"))
    for ours, theirs in zip(states, plain, strict=True):
        same(ours, theirs, rtol=0, atol=0)


def test_batch_norm_statistics_belong_to_the_average():
    keras.utils.set_random_seed(1)
    model = create_model(
        "dense_classifier", num_features=4, depth=2, width=5, batch_norm=True
    )
    model.compile("adam", "binary_crossentropy")
    batches = pipeline()
    inputs = next(batches.batches(0))[0]
    swa = StochasticWeightAveraging(2, keep="average", batch_norm_inputs=inputs)
    states = Recorder()
    CompiledTrainer(model, batches).fit(epochs=4, callbacks=[states, swa])
    same(trainable(model), means(states.states[1:]))
    before = model.get_weights()
    recompute_batch_norm(model, inputs)
    same(model.get_weights(), before, rtol=1e-6)
    with pytest.raises(ValueError, match="Give `batch_norm_inputs`"):
        CompiledTrainer(model, batches).fit(
            epochs=1, callbacks=[StochasticWeightAveraging(1, keep="average")]
        )


def test_restored_averaging_continues_as_if_never_interrupted():
    numbers = [3.0, 1.0, 2.0, 0.0, 5.0, 4.0, -1.0, 2.0, 2.0]
    whole = Script(first_epoch=1, renewal=2)
    whole.see(numbers)
    for at in (0, 1, 3, 6):
        first, second = (Script(first_epoch=1, renewal=2) for _ in range(2))
        first.see(numbers[:at])
        second.restore(*first.state())
        second.on_train_begin()
        for epoch, number in enumerate(numbers[at:], start=at):
            for variable in second.model.trainable_variables:
                variable.assign(np.full(variable.shape, number, "float32"))
            second.on_epoch_end(epoch, {})
        assert second.state()[0] == whole.state()[0]
        same(second.state()[1], whole.state()[1])


def test_a_training_that_ends_before_the_start_warns():
    swa = StochasticWeightAveraging(9, keep="average")
    with pytest.warns(UserWarning, match="before epoch 9, at which weight averaging"):
        model, states = run(swa, 2)
    same(trainable(model), states[-1])


def test_an_empty_average_is_the_model_itself():
    swa = StochasticWeightAveraging(1, validation=validation())
    swa.set_model(build())
    expected = HeldOut(*validation()).loss(swa.model)
    assert swa.loss_of(WeightAverage()) == expected


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({}, "needs `validation` events"),
        ({"start": 3}, "needs `validation` events"),
        ({"start": 3, "keep": "average", "monitor": True}, "needs `validation`"),
        ({"start": 3, "keep": "best"}, "Unknown keep='best'. Did you mean 'better'"),
        ({"start": "soon"}, "'auto' or an epoch. Received: 'soon'"),
        ({"start": 3, "renewal": 2}, "`renewal` belongs to start='auto'"),
        ({"start": 0, "keep": "last"}, "`first` must be at least 1"),
        ({"start": 3, "keep": "last", "every": 0}, "`every` must be at least 1"),
    ],
)
def test_bad_options_are_refused(options, pattern):
    with pytest.raises(ValueError, match=pattern):
        StochasticWeightAveraging(**options)
