import math

import numpy as np
import pytest

from kerashep.training.joined_schedules import Geometric, Joined, averaging_schedule
from kerashep.training.schedules import Constant, OneCycle, Triangular


def test_geometric_rises_by_one_factor():
    rate, momentum = Geometric(7, 1e-5, 10.0).table(0, 9)
    expected = [1e-5 * (10.0 / 1e-5) ** (t / 6) for t in range(7)] + [10.0, 10.0]
    np.testing.assert_allclose(rate, expected, rtol=1e-5)
    np.testing.assert_allclose(rate[1:7] / rate[:6], 10.0, rtol=1e-5)
    assert momentum is None


def test_joined_takes_over_at_its_step():
    joined = Joined(OneCycle(4, 8), 12, Triangular(4, 1.0, 3.0))
    rate, momentum = joined.table(0, 20)
    first, first_momentum = OneCycle(4, 8).table(0, 12)
    np.testing.assert_array_equal(rate[:12], first)
    np.testing.assert_allclose(rate[12:], [1, 2, 3, 2, 1, 2, 3, 2])
    np.testing.assert_array_equal(momentum[:12], first_momentum)
    np.testing.assert_allclose(momentum[12:], 0.95, rtol=1e-6)


def test_joined_in_parts_is_the_same_as_at_once():
    joined = Joined(OneCycle(4, 8), 5, OneCycle(3, 3))
    whole = joined.table(0, 20)
    parts = [joined.table(start, 4) for start in range(0, 20, 4)]
    for i in (0, 1):
        np.testing.assert_array_equal(np.concatenate([p[i] for p in parts]), whole[i])
    np.testing.assert_array_equal(whole[1][5:9], OneCycle(3, 3).table(0, 4)[1])


def test_modes_of_averaging():
    constant = averaging_schedule("constant").table(0, 3)[0]
    np.testing.assert_allclose(constant, 2e-3, rtol=1e-6)
    linear = averaging_schedule("linear", cycle_steps=4).table(0, 9)[0]
    up = [2e-4, 1.1e-3, 2e-3, 1.1e-3]
    np.testing.assert_allclose(linear, [*up, *up, 2e-4], rtol=1e-6)
    cosine = averaging_schedule("cosine", cycle_steps=5).table(0, 10)[0]
    half = [2e-4 + 1.8e-3 * (1 + math.cos(math.pi * t / 5)) / 2 for t in range(5)]
    np.testing.assert_allclose(cosine, half * 2, rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "pattern"),
    [
        (lambda: Joined(Constant(1.0), -1, Constant(1.0)), "not be negative.*steps=-1"),
        (lambda: Joined(Constant(1.0), 3, OneCycle(2, 2)), "OneCycle moves the moment"),
        (lambda: Geometric(1, 1e-3, 1.0), "`total_steps` must be at least 2"),
        (lambda: Geometric(5, 0.0, 1.0), "`first` must be finite and positive"),
        (lambda: averaging_schedule("cosin"), "Did you mean 'cosine'"),
    ],
)
def test_bad_values_are_refused(make, pattern):
    with pytest.raises(ValueError, match=pattern):
        make()
