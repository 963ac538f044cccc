import math

import numpy as np
import pytest

from kerashep.training.schedules import (
    Constant,
    Cosine,
    OneCycle,
    Triangular,
    WarmRestarts,
    Warmup,
)

ALL = [
    Constant(1e-3),
    Cosine(100, 1e-2, 1e-4),
    Warmup(10, Cosine(50, 1e-2)),
    OneCycle(45, 90),
    WarmRestarts(7),
    Triangular(10),
]


@pytest.mark.parametrize("schedule", ALL, ids=lambda s: type(s).__name__)
def test_a_table_is_the_same_in_parts_as_at_once(schedule):
    rate, momentum = schedule.table(0, 200)
    parts = [schedule.table(start, 40) for start in range(0, 200, 40)]
    np.testing.assert_array_equal(np.concatenate([p[0] for p in parts]), rate)
    assert rate.dtype == np.float32
    if momentum is not None:
        np.testing.assert_array_equal(np.concatenate([p[1] for p in parts]), momentum)


@pytest.mark.parametrize("schedule", ALL, ids=lambda s: type(s).__name__)
def test_an_empty_table_is_empty(schedule):
    assert schedule.table(5, 0)[0].shape == (0,)


def test_cosine_against_the_formula():
    rate, momentum = Cosine(10, 0.2, 0.1).table(0, 15)
    expected = [
        0.1 + 0.1 * (1 + math.cos(math.pi * min(t, 10) / 10)) / 2 for t in range(15)
    ]
    np.testing.assert_allclose(rate, expected, rtol=1e-6)
    assert momentum is None


def test_warmup_rises_linearly_then_hands_over():
    rate, _ = Warmup(4, Constant(0.8)).table(0, 6)
    np.testing.assert_allclose(rate, [0.2, 0.4, 0.6, 0.8, 0.8, 0.8], rtol=1e-6)
    later, _ = Warmup(4, Cosine(10, 0.8)).table(4, 10)
    np.testing.assert_array_equal(later, Cosine(10, 0.8).table(0, 10)[0])


def test_warmup_keeps_the_momentum_of_what_follows():
    _, momentum = Warmup(3, OneCycle(10, 10)).table(0, 4)
    np.testing.assert_allclose(momentum, 0.95, rtol=1e-6)


def test_one_cycle_has_the_study_values_at_its_corners():
    rate, momentum = OneCycle(45, 90).table(0, 140)
    np.testing.assert_allclose(rate[[0, 45, 135, 139]], [1e-4, 1e-2, 0, 0], atol=1e-9)
    np.testing.assert_allclose(momentum[[0, 45, 135]], [0.95, 0.85, 0.95], rtol=1e-6)
    half = 1e-4 + (1e-2 - 1e-4) * (1 - math.cos(math.pi * 15 / 45)) / 2
    assert rate[15] == pytest.approx(half, rel=1e-5)
    assert (np.diff(rate[:46]) > 0).all()
    assert (np.diff(rate[45:136]) < 0).all()


def test_warm_restarts_double_their_cycles():
    schedule = WarmRestarts(5, highest=1.0)
    rate, _ = schedule.table(0, 40)
    np.testing.assert_array_equal(np.flatnonzero(rate == 1.0), [0, 5, 15, 35])
    np.testing.assert_array_equal(schedule.cycle_ends(3), [5, 15, 35])
    assert rate[10] == pytest.approx(0.5, rel=1e-6)


def test_equal_cycles_without_growth():
    rate, _ = WarmRestarts(5, growth=1).table(0, 20)
    np.testing.assert_array_equal(rate[:5], rate[15:])


def test_triangular_goes_up_and_down():
    rate, _ = Triangular(4, 1.0, 3.0).table(0, 9)
    np.testing.assert_allclose(rate, [1, 2, 3, 2, 1, 2, 3, 2, 1])


@pytest.mark.parametrize(
    ("make", "pattern"),
    [
        (lambda: Cosine(0, 1e-3), "`total_steps` must be at least 1.*total_steps=0"),
        (lambda: Constant(-1.0), "`learning_rate` must be finite.*-1.0"),
        (lambda: Constant(float("nan")), "`learning_rate` must be finite"),
        (lambda: Warmup(0, Constant(1.0)), "`steps` must be at least 1"),
        (lambda: OneCycle(0, 1), "`rise_steps` must be at least 1"),
        (lambda: OneCycle(1, 1, momentum_low=1.0), r"`momentum_low` must be in \[0, 1"),
        (lambda: WarmRestarts(5, growth=0), "`growth` must be at least 1"),
        (lambda: Triangular(1), "`cycle_steps` must be at least 2"),
        (lambda: Constant(1.0).table(-1, 2), "must not be negative.*start_step=-1"),
    ],
)
def test_bad_values_are_refused(make, pattern):
    with pytest.raises(ValueError, match=pattern):
        make()
