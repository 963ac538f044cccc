from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ks_2samp

from kerashep.evaluation import (
    Measured,
    check_overtraining,
    kolmogorov_smirnov,
    roc_auc,
)
from kerashep.evaluation.overtraining import KolmogorovSmirnov


def sample(seed, events=2000, memorised=0.0):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, events)
    logit = rng.normal(size=events) + (label - 0.5) * (1.5 + memorised)
    return label, 1 / (1 + np.exp(-logit)), rng.gamma(3.0, size=events)


@pytest.mark.parametrize("decimals", [1, 8])
def test_distance_and_p_value_agree_with_scipy(decimals):
    rng = np.random.default_rng(0)
    x = np.round(rng.normal(size=300), decimals)
    y = np.round(rng.normal(0.15, size=200), decimals)
    expected = ks_2samp(x, y, method="asymp")
    result = kolmogorov_smirnov(x, y)
    assert result.distance == pytest.approx(expected.statistic)
    assert result.p_value == pytest.approx(expected.pvalue)


def test_weights_count_like_repeated_events_in_the_distance():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=100), rng.normal(size=80)
    counts = rng.integers(1, 5, 100)
    weighted = kolmogorov_smirnov(x, y, counts.astype("float64"))
    repeated = kolmogorov_smirnov(np.repeat(x, counts), y)
    assert weighted.distance == pytest.approx(repeated.distance)
    assert weighted.p_value > repeated.p_value


def test_p_values_of_weighted_samples_are_about_uniform():
    rng = np.random.default_rng(2)
    values = [
        kolmogorov_smirnov(
            *rng.normal(size=(2, 400)), *rng.gamma(2.0, size=(2, 400))
        ).p_value
        for _ in range(300)
    ]
    assert np.mean(np.array(values) < 0.1) == pytest.approx(0.1, abs=0.06)
    assert np.mean(values) == pytest.approx(0.5, abs=0.08)


def test_no_overtraining_is_found_where_there_is_none():
    train, test = sample(3), sample(4)
    result = check_overtraining(
        *train[:2], *test[:2], train_weight=train[2], test_weight=test[2], replicas=40
    )
    assert result.train_auc.value == pytest.approx(roc_auc(*train))
    assert result.test_auc.value == pytest.approx(roc_auc(*test))
    assert result.auc_gap.error == pytest.approx(
        np.hypot(result.train_auc.error, result.test_auc.error)
    )
    assert "no significant overtraining" in result.in_words()
    assert min(result.signal_ks.p_value, result.background_ks.p_value) > 0.001
    assert result.edges[-1] == 1.0
    assert np.sum(result.train_signal.density) / 40 == pytest.approx(1.0)
    signal = test[0] == 1
    first = test[2][signal & (test[1] < 0.025)].sum() / test[2][signal].sum() * 40
    assert result.test_signal.density[0] == pytest.approx(first)


def test_memorised_training_events_are_found():
    result = check_overtraining(
        *sample(5, memorised=0.8)[:2], *sample(6)[:2], replicas=40
    )
    assert result.auc_gap.value > 3 * result.auc_gap.error
    words = result.in_words()
    assert words.endswith(": overtrained.")
    assert f"{result.auc_gap.value / result.auc_gap.error:.1f} standard errors" in words
    assert f"KS p-value {result.signal_ks.p_value:.2g} for signal" in words
    assert result.signal_ks.p_value < 0.001
    assert set(result.to_dict()) == {
        "train_auc",
        "test_auc",
        "auc_gap",
        "signal_ks",
        "background_ks",
    }


@pytest.mark.parametrize(
    ("pull", "p_value", "found"),
    [(3.1, 0.005, True), (2.9, 1e-9, False), (9.0, 0.02, False), (-5.0, 0, False)],
)
def test_both_gap_and_shape_must_differ(pull, p_value, found):
    one = check_overtraining(*sample(7)[:2], *sample(8)[:2], replicas=5)
    changed = replace(
        one,
        auc_gap=Measured(0.01 * pull, 0.01),
        signal_ks=KolmogorovSmirnov(0.1, 0.5),
        background_ks=KolmogorovSmirnov(0.1, p_value),
    )
    assert changed.in_words().endswith(": overtrained.") == found
