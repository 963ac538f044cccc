import math

import numpy as np
import pytest

from kerashep.evaluation import (
    ams_at_cut,
    asimov_significance,
    binned_significance,
    binned_yields,
    equal_yield_cuts,
)


@pytest.fixture
def sample():
    rng = np.random.default_rng(0)
    label = (rng.random(20_000) < 0.3).astype(int)
    score = (rng.normal(size=20_000) + 1.5 * label).astype("float32")
    return label, score, np.where(label == 1, 0.01, 0.1) * rng.gamma(2.0, size=20_000)


def test_yields_are_histograms_with_open_ends(sample):
    label, score, weight = sample
    yields = binned_yields(*sample, [-1.0, 0.5, 2.0])
    edges = [-np.inf, -1.0, 0.5, 2.0, np.inf]
    for name, kind in (("signal", 1), ("background", 0)):
        chosen = label == kind
        sums, _ = np.histogram(score[chosen], edges, weights=weight[chosen])
        squares, _ = np.histogram(score[chosen], edges, weights=weight[chosen] ** 2)
        np.testing.assert_allclose(getattr(yields, name), sums)
        np.testing.assert_allclose(getattr(yields, f"{name}_error"), np.sqrt(squares))


def test_an_event_at_an_edge_is_in_the_bin_above():
    yields = binned_yields([1, 0, 1, 0], [0.5, 0.5, 0.1, 0.1], None, [0.5])
    assert yields.signal.tolist() == [1.0, 1.0]
    assert yields.background.tolist() == [1.0, 1.0]


def test_significance_is_the_quadrature_sum(sample):
    for systematic in (0.0, 0.2):
        ours = binned_significance(*sample, cuts=[0.5, 2.0], systematic=systematic)
        z = [
            float(asimov_significance(s, b, systematic=systematic))
            for s, b in zip(ours.yields.signal, ours.yields.background, strict=True)
        ]
        np.testing.assert_allclose(ours.bin_significance, z)
        assert ours.significance == pytest.approx(math.hypot(*z))


def test_single_bin_is_the_ams_without_a_cut(sample):
    one = binned_significance(*sample, cuts=[])
    point = ams_at_cut(*sample, -np.inf, regularisation=0.0)
    assert one.significance == pytest.approx(point.ams)
    assert one.error == pytest.approx(point.error)


def test_bins_are_worth_more_than_any_cut_at_their_edges(sample):
    ours = binned_significance(*sample, bins=8)
    for cut in ours.yields.cuts:
        assert ours.significance > ams_at_cut(*sample, cut, regularisation=0.0).ams


def test_error_is_the_spread_over_repeated_simulations():
    def simulate(seed):
        rng = np.random.default_rng(seed)
        label = (rng.random(rng.poisson(2000)) < 0.3).astype(int)
        score = rng.normal(size=len(label)) + 1.5 * label
        weight = np.where(label == 1, 0.02, 0.2)
        return binned_significance(label, score, weight, cuts=[0.0, 1.0])

    results = [simulate(seed) for seed in range(400)]
    spread = np.std([one.significance for one in results])
    assert np.mean([one.error for one in results]) == pytest.approx(spread, rel=0.1)


@pytest.mark.parametrize("equal", ["background", "signal"])
@pytest.mark.parametrize("bins", [1, 2, 7, 20])
def test_equal_yields(sample, equal, bins):
    cuts = equal_yield_cuts(*sample, bins=bins, equal=equal, minimum_background=1e-3)
    assert len(cuts) == bins - 1
    sums = getattr(binned_yields(*sample, cuts), equal)
    np.testing.assert_allclose(sums, sums.mean(), rtol=0.02)
    assert np.isin(cuts, sample[1].astype("float64")).all()


@pytest.mark.parametrize("equal", ["background", "signal"])
@pytest.mark.parametrize("minimum", [5.0, 30.0, 500.0])
def test_minimum_background_holds_in_every_bin(sample, equal, minimum):
    cuts = equal_yield_cuts(*sample, bins=40, equal=equal, minimum_background=minimum)
    background = binned_yields(*sample, cuts).background
    assert background.min() >= minimum
    assert 2 <= len(background) <= 40
    if equal == "signal":
        assert background[-1] < 1.1 * minimum


def test_minimum_of_the_whole_background_gives_one_bin(sample):
    label, _, weight = sample
    whole = weight[label == 0].sum()
    assert len(equal_yield_cuts(*sample, minimum_background=whole * (1 - 1e-9))) == 0


def test_ties_stay_together(scored):
    cuts = equal_yield_cuts(*scored, bins=50, minimum_background=0.1)
    assert len(np.unique(cuts)) == len(cuts) > 10
    assert binned_yields(*scored, cuts).background.min() >= 0.1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bins": 0}, r"`bins` must be at least 1. Received: bins=0"),
        ({"equal": "signals"}, r"Unknown `equal` 'signals'. Did you mean 'signal'"),
        (
            {"minimum_background": 1e9},
            r"at most the whole background of.*=1000000000.0",
        ),
        ({"minimum_background": 0.0}, r"must be positive.*=0.0"),
        ({"cuts": [1.0, 1.0]}, r"strictly rising numbers. Received: cuts=\[1.0, 1.0\]"),
        ({"cuts": [np.nan]}, r"strictly rising numbers"),
        ({"cuts": [0.0, 99.0]}, r"Bin 2 of 3 .* has no positive background"),
    ],
)
def test_bad_arguments_are_refused(sample, options, message):
    with pytest.raises(ValueError, match=message):
        binned_significance(*sample, **options)


def test_negative_weights():
    label, score, weight = [1, 1, 0, 0], [0.9, 0.1, 0.8, 0.2], [1.0, -0.5, 2.0, 3.0]
    with pytest.raises(ValueError, match=r"equal yields has no meaning.*1 of 4"):
        binned_significance(label, score, weight)
    with pytest.raises(ValueError, match=r"Bin 0 of 2 .* has a negative signal"):
        binned_significance(label, score, [1.5, -0.5, 2.0, 3.0], cuts=[0.5])
    kept = binned_significance(
        [1, 1, 0, 0, 0], [0.9, 0.1, 0.8, 0.8, 0.2], [1, 1, 2, -0.5, 3], cuts=[0.5]
    )
    assert kept.yields.background.tolist() == [3.0, 1.5]
