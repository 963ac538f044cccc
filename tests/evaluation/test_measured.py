import math

import numpy as np
import pytest

from kerashep.evaluation.measured import (
    Measured,
    mean_and_standard_error,
    mean_of,
    mean_over_seeds,
)


def replicated(value, replicas, training=0.0):
    return Measured.from_replicas(value, np.array(replicas), training)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.91234, 0.00123, "0.9123 ± 0.0012"),
        (0.5, 0.096, "0.500 ± 0.096"),
        (123.4, 17.0, "123 ± 17"),
        (1.0, 0.0, "1 ± 0"),
        (0.25, math.nan, "0.25 ± unknown"),
        (math.inf, math.nan, "unbounded"),
        (math.nan, math.nan, "undefined"),
    ],
)
def test_text_shows_two_digits_of_the_error(value, error, text):
    assert str(Measured(value, error)) == text


def test_dict_round_trip_and_undefined():
    number = Measured(0.9, 0.01)
    assert number.to_dict() == {"value": 0.9, "error": 0.01}
    assert Measured.from_dict(number.to_dict()) == number
    assert math.isnan(Measured.from_dict({"value": None, "error": None}).value)


def test_error_is_spread_of_finite_replicas_with_training_in_quadrature():
    number = replicated(1.0, [0.9, 1.1, np.nan, np.inf], training=0.3)
    assert number.error == pytest.approx(math.hypot(np.std([0.9, 1.1], ddof=1), 0.3))
    assert math.isnan(replicated(1.0, [0.9]).error)


def test_unpaired_difference_and_quotient_in_quadrature():
    a, b = Measured(3.0, 0.3), Measured(2.0, 0.4)
    assert a.minus(b).value == 1.0
    assert a.minus(b).error == pytest.approx(0.5)
    assert a.over(b).value == 1.5
    assert a.over(b).error == pytest.approx(1.5 * math.hypot(0.3 / 3, 0.4 / 2))
    assert math.isnan(a.over(Measured(0.0, 0.1)).value)


def test_paired_difference_and_quotient_cancel_what_is_common():
    common = np.random.default_rng(0).normal(size=50)
    a, b = replicated(3.0, 3.0 + 0.1 * common), replicated(2.0, 2.0 + 0.1 * common)
    assert a.minus(b).error == pytest.approx(0.0, abs=1e-12)
    assert a.over(replicated(1.5, 0.5 * a.replicas)).error == pytest.approx(
        0.0, abs=1e-12
    )
    c = replicated(2.0, 2.0 + 0.1 * common, training=0.2)
    assert a.minus(c).error == pytest.approx(0.2)


def test_replicas_of_different_length_are_not_paired():
    a, b = replicated(1.0, [0.9, 1.1]), replicated(1.0, [0.9, 1.0, 1.1])
    assert a.minus(b).error == pytest.approx(math.hypot(a.error, b.error))


def test_mean_and_standard_error():
    result = mean_and_standard_error([1.0, 2.0, 4.0])
    assert result.value == pytest.approx(7 / 3)
    assert result.error == pytest.approx(np.std([1, 2, 4], ddof=1) / math.sqrt(3))
    assert math.isnan(mean_and_standard_error([1.0]).error)
    with pytest.raises(ValueError, match=r"at least one number.*Received: none"):
        mean_and_standard_error([])


def test_mean_over_seeds_keeps_the_shared_error_of_the_events():
    rng = np.random.default_rng(1)
    shared = rng.normal(size=400)
    runs = [replicated(v, v + 0.05 * shared) for v in (0.8, 0.9, 1.0)]
    result = mean_over_seeds(runs)
    seeds = np.std([0.8, 0.9, 1.0], ddof=1) / math.sqrt(3)
    events = 0.05 * np.std(shared, ddof=1)
    assert result.value == pytest.approx(0.9)
    assert result.training_error == pytest.approx(seeds)
    assert result.error == pytest.approx(math.hypot(seeds, events))
    assert mean_over_seeds(runs[:1]) is runs[0]
    plain = mean_over_seeds([Measured(0.8, 0.1), Measured(1.0, 0.1)])
    assert plain.error == pytest.approx(math.hypot(0.1, 0.1))


def test_mean_of_independent_replicas_is_smaller_than_of_plain_errors():
    rng = np.random.default_rng(2)
    numbers = [replicated(1.0, 1.0 + 0.1 * rng.normal(size=2000)) for _ in range(4)]
    assert mean_of(numbers).error == pytest.approx(0.05, rel=0.1)
    plain = [Measured(1.0, 0.1), Measured(2.0, 0.1)]
    assert mean_of(plain).error == pytest.approx(0.1)
    with pytest.raises(ValueError, match=r"at least one Measured"):
        mean_of([])
