import math

import numpy as np
import pytest

from kerashep.evaluation import auc_difference, bootstrapped, roc_auc
from kerashep.evaluation import ranked as ranked_module
from kerashep.evaluation.bootstrap import event_multiplicities
from kerashep.evaluation.curves import area_under_roc


def gaussians(events, seed, shift=1.0):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, events)
    return label, rng.normal(size=events) + shift * label, rng.gamma(2.0, size=events)


def test_multiplicities_are_poisson_with_mean_one_and_seeded():
    counts = np.stack(list(event_multiplicities(50_000, replicas=4, seed=1)))
    again = np.stack(list(event_multiplicities(50_000, replicas=4, seed=1)))
    other = np.stack(list(event_multiplicities(50_000, replicas=4, seed=2)))
    np.testing.assert_array_equal(counts, again)
    assert (counts != other).any()
    assert (counts[0] != counts[1]).any()
    assert counts.mean() == pytest.approx(1.0, abs=0.01)
    assert counts.var() == pytest.approx(1.0, abs=0.02)
    for k in range(4):
        assert (counts == k).mean() == pytest.approx(
            math.exp(-1) / math.factorial(k), abs=0.004
        )
    with pytest.raises(ValueError, match=r"at least 2.*replicas=1"):
        next(event_multiplicities(5, replicas=1, seed=0))


def test_error_is_the_spread_over_repeated_experiments():
    areas = [roc_auc(*gaussians(600, seed)) for seed in range(300)]
    measured = bootstrapped(area_under_roc, *gaussians(600, 1000), replicas=300)
    assert measured.error == pytest.approx(np.std(areas), rel=0.2)
    assert measured.value == roc_auc(*gaussians(600, 1000))


def test_error_of_an_efficiency_is_binomial():
    label, score, _ = gaussians(20_000, 5)
    score = (score > 1.0).astype("float32")

    def efficiency(yields):
        return float(yields.background_efficiency[0])

    measured = bootstrapped(efficiency, label, score, replicas=300)
    events = np.count_nonzero(label == 0)
    e = measured.value
    assert measured.error == pytest.approx(math.sqrt(e * (1 - e) / events), rel=0.15)


def test_merging_neighbouring_scores_does_not_change_the_error(monkeypatch):
    sample = gaussians(40_000, 6)
    coarse = bootstrapped(area_under_roc, *sample, replicas=30)
    monkeypatch.setattr(ranked_module.RankedScores, "coarse", lambda self, _: self)
    exact = bootstrapped(area_under_roc, *sample, replicas=30)
    assert coarse.value == exact.value
    assert coarse.error == pytest.approx(exact.error, rel=1e-3)


def test_paired_difference_knows_what_is_common():
    label, score, weight = gaussians(4000, 7)
    worse = score + np.random.default_rng(8).normal(scale=0.3, size=4000)
    same = auc_difference(label, score, score, weight, replicas=20)
    assert (same.value, same.error) == (0.0, 0.0)
    difference = auc_difference(label, score, worse, weight, replicas=60)
    alone = bootstrapped(area_under_roc, label, score, weight, replicas=60)
    assert difference.value == pytest.approx(
        roc_auc(label, score, weight) - roc_auc(label, worse, weight)
    )
    assert difference.value > 2 * difference.error
    assert difference.error < 0.6 * alone.error


def test_replicas_without_one_of_the_classes_count_nothing():
    """With a signal of 1 - 0.9 many replicas have none left: no error from those."""
    label, score = np.array([1, 1, 0, 0, 0]), np.array([0.9, 0.2, 0.4, 0.3, 0.6])
    weight = np.array([1.0, -0.9, 1.0, 1.0, 1.0])
    measured = bootstrapped(area_under_roc, label, score, weight, replicas=60, seed=1)
    counts = np.stack(list(event_multiplicities(5, replicas=60, seed=1)))
    signal = counts[:, 0] - 0.9 * counts[:, 1]
    expected = (signal > 0.0) & (counts[:, 2:].sum(axis=1) > 0.0)
    assert 0 < expected.sum() < 60
    np.testing.assert_array_equal(np.isfinite(measured.replicas), expected)
