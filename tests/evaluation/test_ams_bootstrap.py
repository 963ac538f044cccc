import numpy as np
import pytest

from kerashep.evaluation import (
    ams_at_cut,
    ams_at_fraction,
    ams_scan,
    best_ams,
    cut_at_fraction,
    smoothed_ams,
    smoothed_cut,
)
from kerashep.evaluation import ranked as ranked_module


def sample(seed, events=1500):
    rng = np.random.default_rng(seed)
    label = (rng.random(events) < 0.3).astype(int)
    score = rng.normal(size=events) + 1.5 * label
    scale = np.where(label == 1, 0.2, 1.0)
    return label, score, scale * rng.gamma(2.0, size=events)


def test_values_are_exact(scored):
    assert best_ams(*scored, replicas=2).value == ams_scan(*scored).ams
    cut = cut_at_fraction(scored[1], 0.15)
    at = ams_at_fraction(*scored, replicas=2)
    assert at.value == ams_at_cut(*scored, cut).ams
    assert smoothed_ams(*scored, replicas=2).value == smoothed_cut(*scored).ams
    with_error = ams_at_fraction(*scored, systematic=0.3, replicas=2)
    assert with_error.value < at.value


@pytest.mark.parametrize("statistic", [best_ams, ams_at_fraction, smoothed_ams])
def test_error_is_the_spread_over_repeated_experiments(statistic):
    repeated = [statistic(*sample(seed), replicas=2).value for seed in range(200)]
    measured = [statistic(*sample(1000 + k), replicas=150).error for k in range(5)]
    assert np.mean(measured) == pytest.approx(np.std(repeated), rel=0.2)


def test_every_replica_keeps_the_top_of_its_own_events():
    label, score, weight = sample(3)
    ours = ams_at_fraction(label, score, weight, replicas=3, seed=5).replicas
    draws = ranked_draws(len(label), 3, 5)
    for value, counts in zip(ours, draws, strict=True):
        rows = np.repeat(np.arange(len(label)), counts)
        cut = cut_at_fraction(score[rows], 0.15)
        expected = ams_at_cut(label[rows], score[rows], weight[rows], cut).ams
        assert value == pytest.approx(expected)


def test_every_replica_smooths_anew():
    label, score, weight = sample(3)
    ours = smoothed_ams(label, score, weight, replicas=3, seed=5).replicas
    draws = ranked_draws(len(label), 3, 5)
    for value, counts in zip(ours, draws, strict=True):
        rows = np.repeat(np.arange(len(label)), counts)
        expected = smoothed_cut(label[rows], score[rows], weight[rows])
        assert value == pytest.approx(expected.ams)


def ranked_draws(events, replicas, seed):
    from kerashep.evaluation.bootstrap import event_multiplicities

    draws = event_multiplicities(events, replicas=replicas, seed=seed)
    return [counts.astype(int) for counts in draws]


def test_merging_neighbouring_scores_hardly_changes_the_error(monkeypatch):
    big = sample(6, 40_000)
    coarse = ams_at_fraction(*big, replicas=30)
    monkeypatch.setattr(ranked_module.RankedScores, "coarse", lambda self, _: self)
    exact = ams_at_fraction(*big, replicas=30)
    assert coarse.value == exact.value
    assert coarse.error == pytest.approx(exact.error, rel=0.02)


def test_seed_matters_and_models_pair_on_the_same_events():
    label, score, weight = sample(8)
    worse = score + np.random.default_rng(9).normal(scale=0.2, size=len(score))
    one = ams_at_fraction(label, score, weight, seed=1)
    assert one == ams_at_fraction(label, score, weight, seed=1)
    assert one.error != ams_at_fraction(label, score, weight, seed=2).error
    other = ams_at_fraction(label, worse, weight, seed=1)
    assert one.minus(other).error < 0.8 * np.hypot(one.error, other.error)


@pytest.mark.parametrize("statistic", [best_ams, ams_at_fraction, smoothed_ams])
def test_negative_weights_are_refused_by_name(statistic):
    columns = [1, 1, 0, 0], [0.1, 0.9, 0.3, 0.4], [1, 1, 1.5, -1]
    with pytest.raises(ValueError, match=r"1 of 4 events have a negative weight"):
        statistic(*columns)
    statistic(*columns, negative_weights="keep", replicas=5)
