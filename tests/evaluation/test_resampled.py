import math

import pytest

from kerashep.evaluation.resampled import mean_over_splits


def test_error_is_that_of_the_formula():
    # Sample variance of 0.80, 0.82, 0.81, 0.85, 0.82: mean 0.82, squares sum to
    # (4 + 0 + 1 + 9 + 0)e-4, over 4. Splits 70/10/20: 2/7 of test to training events.
    found = mean_over_splits(
        [0.80, 0.82, 0.81, 0.85, 0.82], test_events=200, training_events=700
    )
    assert found.value == pytest.approx(0.82)
    variance = (1 / 5 + 2 / 7) * 14e-4 / 4
    assert found.error == pytest.approx(math.sqrt(variance), rel=1e-12)


def test_without_shared_events_it_is_the_standard_error():
    found = mean_over_splits([1.0, 2.0, 3.0], test_events=0, training_events=1)
    assert found.error == pytest.approx(1 / math.sqrt(3))


def test_one_split_has_no_error_and_numbers_must_fit():
    assert math.isnan(mean_over_splits([1.0], test_events=1, training_events=2).error)
    with pytest.raises(ValueError, match="must be positive"):
        mean_over_splits([1.0, 2.0], test_events=1, training_events=0)
