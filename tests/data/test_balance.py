"""Balanced batches: exact counts, no replacement, reproducible random access."""

from collections import Counter

import numpy as np
import pytest
from scipy import stats

from kerashep.data.balance import BALANCES, BatchSampler, shuffled_rows

MASSES = (500.0, 750.0, 1000.0, 1250.0, 1500.0)
SIGNAL_COUNTS = (900, 400, 120, 30, 7)


def make_columns(processes=2, parameters=True):
    """Very unequal masses and processes, in random order."""
    rng = np.random.default_rng(0)
    mass = np.concatenate([np.repeat(MASSES, SIGNAL_COUNTS), np.full(3000, np.nan)])
    label = np.isfinite(mass).astype("float32")
    process = np.where(label == 1, 7, rng.random(len(mass)) < 0.02) % (
        9 if processes == 2 else 1
    )
    order = rng.permutation(len(mass))
    values = mass[order, None] if parameters else np.zeros((len(mass), 0))
    return label[order], process[order].astype("int16"), values.astype("float32")


def sampler(balance="full", batch_size=1000, seed=0, **columns):
    return BatchSampler(*make_columns(**columns), batch_size, balance, seed)


def test_full_balance_is_exact_in_every_batch():
    label, process, parameters = make_columns()
    for epoch in (0, 5):
        for rows in sampler().epoch(epoch):
            signal = label[rows] == 1
            assert Counter(parameters[rows][signal, 0]) == dict.fromkeys(MASSES, 100)
            assert Counter(process[rows][~signal]) == {0: 250, 1: 250}


@pytest.mark.parametrize("balance", BALANCES[1:])
def test_each_balance_divides_what_it_names(balance):
    label, process, parameters = make_columns()
    rows = sampler(balance).epoch(0)
    signal = label[rows] == 1
    assert (signal.sum(axis=1) == 500).all()
    for mass in MASSES:
        counts = (parameters[rows][..., 0] == mass).sum(axis=1)
        if balance in ("signal", "full"):
            assert (counts == 100).all()
        else:
            share = np.mean(parameters[label == 1, 0] == mass)
            assert abs(counts.mean() / 500 - share) < 0.02
    rare = (~signal & (process[rows] == 1)).sum(axis=1)
    if balance in ("background", "full"):
        assert (rare == 250).all()
    else:
        assert rare.max() < 40


@pytest.mark.parametrize("batch_size", [512, 513])
def test_remainders_rotate(batch_size):
    label, process, parameters = make_columns()
    draws = sampler(batch_size=batch_size)
    rows = np.concatenate([draws.epoch(e) for e in range(20)])
    assert set((label[rows] == 1).sum(axis=1)) <= {batch_size // 2, -(-batch_size // 2)}
    for mass in MASSES:
        counts = (parameters[rows][..., 0] == mass).sum(axis=1)
        assert set(counts) <= {51, 52}
        assert abs(counts.sum() - rows.size / 10) <= 1
    for number in (0, 1):
        counts = ((label[rows] == 0) & (process[rows] == number)).sum()
        assert abs(counts - rows.size / 4) <= 1


def test_a_sub_class_is_used_up_before_it_repeats():
    label, _, parameters = make_columns()
    for mass, available in zip(MASSES, SIGNAL_COUNTS, strict=True):
        draws = sampler()
        stream = np.concatenate([draws.epoch(e).ravel() for e in range(8)])
        used = stream[parameters[stream, 0] == mass]
        assert len(used) >= available, "the test must see a whole pass"
        passes = used[: len(used) // available * available].reshape(-1, available)
        expected = np.flatnonzero(parameters[:, 0] == mass)
        for entries in passes:
            np.testing.assert_array_equal(np.sort(entries), expected)
        if len(passes) > 1:
            assert not np.array_equal(passes[0], passes[1])
    background = np.concatenate([sampler("class").epoch(e).ravel() for e in range(2)])
    background = background[label[background] == 0][:3000]
    assert len(np.unique(background)) == 3000


def test_none_uses_each_event_once_with_a_tail():
    draws = sampler("none", batch_size=1000)
    events = len(make_columns()[0])
    assert draws.steps_per_epoch == 5
    assert draws.tail == events - 4000
    assert draws.full_steps == 4
    seen = []
    for epoch in (0, 1, 17):
        rows = np.concatenate([draws.epoch(epoch).ravel(), draws.tail_batch(epoch)])
        np.testing.assert_array_equal(np.sort(rows), np.arange(events))
        seen.append(rows)
    assert not np.array_equal(seen[0], seen[1])


def test_none_without_tail_and_with_one_small_batch():
    label, process, parameters = make_columns()
    whole = BatchSampler(label, process, parameters, len(label))
    assert (whole.tail, whole.steps_per_epoch) == (0, 1)
    assert whole.tail_batch(3).shape == (0,)
    small = BatchSampler(label[:5], process[:5], parameters[:5], 64)
    assert (small.tail, small.steps_per_epoch, small.full_steps) == (5, 1, 0)
    assert small.epoch(0).shape == (0, 64)
    assert sorted(small.tail_batch(4)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("balance", BALANCES)
def test_any_epoch_and_step_is_found_without_those_before(balance):
    used, fresh = sampler(balance, batch_size=333), sampler(balance, batch_size=333)
    epochs = [used.epoch(e) for e in range(6)]
    tails = [used.tail_batch(e) for e in range(6)]
    np.testing.assert_array_equal(fresh.tail_batch(4), tails[4])
    np.testing.assert_array_equal(fresh.epoch(5), epochs[5])
    np.testing.assert_array_equal(fresh.draw(2, 3, 4), epochs[2][3:7])
    np.testing.assert_array_equal(fresh.epoch(0), epochs[0])


def test_seed_decides():
    np.testing.assert_array_equal(sampler(seed=3).epoch(1), sampler(seed=3).epoch(1))
    assert not np.array_equal(sampler(seed=3).epoch(1), sampler(seed=4).epoch(1))


def test_balanced_epoch_covers_as_many_places_as_there_are_events():
    draws = sampler(batch_size=1000)
    assert draws.tail == 0
    assert draws.steps_per_epoch == 5  # 4457 events
    assert draws.epoch(0).shape == (5, 1000)
    assert draws.sub_classes["signal at 1500"] == 7
    assert sum(draws.sub_classes.values()) == len(make_columns()[0])


def test_full_works_with_one_process_and_equals_signal():
    label, process, parameters = make_columns(processes=1)
    full = BatchSampler(label, process, parameters, 500, "full")
    signal = BatchSampler(label, process, parameters, 500, "signal")
    np.testing.assert_array_equal(full.epoch(0), signal.epoch(0))


def test_several_parameters_are_balanced_jointly():
    rng = np.random.default_rng(0)
    label = np.repeat([1.0, 0.0], [600, 400]).astype("float32")
    grid = np.array([(500, 0.1), (500, 0.3), (1000, 0.1)], "float32")
    parameters = grid[rng.choice(3, 1000, p=(0.8, 0.15, 0.05))]
    rows = BatchSampler(label, label.astype("int16"), parameters, 60, "signal").epoch(0)
    for batch in rows:
        own = parameters[batch][label[batch] == 1]
        _, counts = np.unique(own, axis=0, return_counts=True)
        np.testing.assert_array_equal(counts, [10, 10, 10])


def test_shuffled_rows_are_uniform_permutations():
    rows = np.array([2, 5, 11, 70000], "uint32")
    drawn = shuffled_rows(np.random.default_rng(0), rows, passes=24_000)
    permutations = drawn.reshape(-1, 4)
    np.testing.assert_array_equal(np.sort(permutations), np.tile(rows, (24_000, 1)))
    _, counts = np.unique(permutations, axis=0, return_counts=True)
    assert len(counts) == 24
    assert stats.chisquare(counts).pvalue > 1e-3
    assert drawn.dtype == np.int32


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"balance": "ful"}, "Did you mean 'full'"),
        ({"batch_size": 9}, "Use at least 10"),
        ({"batch_size": 0}, "`batch_size` must be at least 1"),
        ({"seed": -1}, "`seed` must be at least 0"),
        ({"parameters": False}, "divides the signal by its parameters"),
    ],
)
def test_errors_name_the_fix(change, message):
    with pytest.raises(ValueError, match=message):
        sampler(**change)


def test_missing_class_and_wrong_step_are_refused():
    label, process, parameters = make_columns()
    rows = label == 0
    with pytest.raises(ValueError, match="no signal among 3000 events"):
        BatchSampler(label[rows], process[rows], parameters[rows], 100, "class")
    with pytest.raises(ValueError, match="no background"):
        BatchSampler(label[~rows], process[~rows], parameters[~rows], 100, "class")
    with pytest.raises(ValueError, match="full batches 0 to 4"):
        sampler().draw(0, 4, 2)
    with pytest.raises(ValueError, match="Received: 0"):
        BatchSampler(label[:0], process[:0], parameters[:0], 10)
