import math

import numpy as np
import pytest

from kerashep.evaluation.failure import failure_flags, range_flags, statistics_flags
from kerashep.evaluation.measured import Measured
from kerashep.evaluation.significance import significance_ratio

LABEL = np.repeat([1, 0], 1000)


def flags(score, auc, **options):
    return failure_flags(
        significance_ratio(LABEL, score), Measured(auc, 0.01), **options
    )


def test_a_good_classifier_has_no_flag():
    score = np.clip(0.3 + 0.4 * LABEL + np.linspace(0, 0.2, 2000) % 0.1, 0, 1)
    assert flags(score, 0.99) == ()


def test_a_useless_classifier_is_named_in_every_way():
    found = flags(np.full(2000, 0.4), 0.5)
    assert len(found) == 3
    assert "a cut at 0" in found[0]
    assert "100.0 % of the background" in found[0]
    assert "Significance ratio 0.707" in found[1]
    assert "no separation" in found[1]
    assert "ROC AUC 0.500 ± 0.010 is that of guessing" in found[2]


def test_little_gain_with_a_fair_area_is_not_called_no_separation():
    result = significance_ratio(LABEL, np.full(2000, 0.4))
    (_, ratio) = failure_flags(result, Measured(0.69, 0.01))
    assert "no cut gains much" in ratio


def test_cut_at_zero_and_at_one():
    assert "a cut at 0" in flags(np.where(LABEL == 1, 0.9, 0.0) * 0.01, 0.99)[0]
    at_one = flags(np.where(LABEL == 1, 0.999, 0.2), 0.99)
    assert len(at_one) == 1
    assert "upper end (a cut at 1): it keeps 100.0 % of the signal" in at_one[0]
    assert (
        flags(np.where(LABEL == 1, 0.999, -5), 0.99, score_is_probability=False) == ()
    )


def test_inverted_score_is_named():
    assert any(
        "ranks background above signal" in f for f in flags(1 - 0.5 * LABEL, 0.01)
    )
    unknown = Measured(0.505, math.nan)
    assert any(
        "guessing" in f
        for f in failure_flags(significance_ratio(LABEL, LABEL), unknown)
    )


def test_few_effective_events_are_named():
    assert statistics_flags(1000.0, 2000.0) == ()
    (found,) = statistics_flags(1000.0, 12.3)
    assert found == "Only 12 effective background events: errors are rough."


@pytest.mark.parametrize(
    ("row", "word"),
    [((500.0,), None), ((750.0,), "interpolation"), ((2000.0,), "extrapolation")],
)
def test_masses_not_trained_on_are_named(row, word):
    found = range_flags(row, [[500.0], [1000.0]])
    assert (found == ()) if word is None else (word in found[0])


def test_several_parameters_are_inside_only_if_all_are():
    rows = [[500.0, 0.1], [1000.0, 0.2]]
    assert range_flags([500.0, 0.1], rows) == ()
    assert "interpolation" in range_flags([500.0, 0.2], rows)[0]
    assert "500 to 1000, 0.1 to 0.2" in range_flags([500.0, 0.3], rows)[0]
