import math
from dataclasses import replace

import pytest

from kerashep.evaluation import (
    Measured,
    compare_with_likelihood_ratio,
    compare_with_limit,
)


def test_fraction_of_an_exactly_known_limit(toy, toy_metrics):
    one = toy_metrics[0][1]
    limit = compare_with_limit(one, Measured(toy.auc(1000.0), 0.0), Measured(44.0, 0.0))
    assert limit.auc_fraction.value == pytest.approx(
        one.roc_auc.value / toy.auc(1000.0)
    )
    assert limit.auc_fraction.error == pytest.approx(
        one.roc_auc.error / toy.auc(1000.0)
    )
    assert abs(limit.auc_fraction.value - 1) < 4 * limit.auc_fraction.error
    relative = one.background_rejection.error / one.background_rejection.value
    fraction = limit.rejection_fraction
    assert fraction.error / fraction.value == pytest.approx(relative)
    assert math.isfinite(limit.to_dict()["rejection_fraction"]["value"])


def test_against_the_likelihood_ratio_on_the_same_events_the_error_is_smaller(
    toy_metrics,
):
    best, worse = toy_metrics
    for one, good, bad in zip(
        compare_with_likelihood_ratio(worse, best), best, worse, strict=True
    ):
        assert one.auc_fraction.value < 1 - 3 * one.auc_fraction.error
        unpaired = Measured(bad.roc_auc.value, bad.roc_auc.error).over(
            Measured(good.roc_auc.value, good.roc_auc.error)
        )
        assert one.auc_fraction.value == pytest.approx(unpaired.value)
        assert one.auc_fraction.error < 0.8 * unpaired.error
    itself = compare_with_likelihood_ratio(best, best)[0]
    assert (itself.auc_fraction.value, itself.auc_fraction.error) == (1.0, 0.0)
    with pytest.raises(ValueError, match=r"same masses"):
        compare_with_likelihood_ratio(best, worse[:2])


def test_shares_in_words(toy_metrics):
    best, worse = toy_metrics
    one = compare_with_likelihood_ratio(worse, best)[0]
    assert one.in_words() == (
        f"500 GeV: ROC AUC {one.auc_fraction}, "
        f"background rejection {one.rejection_fraction}"
    )


def test_an_unbounded_limit_leaves_the_share_undefined(toy_metrics):
    one = toy_metrics[0][0]
    unbounded = replace(one, background_rejection=Measured(math.inf, math.nan))
    (share,) = compare_with_likelihood_ratio([one], [unbounded])
    assert math.isnan(share.rejection_fraction.value)
    assert str(share.rejection_fraction) == "undefined"
