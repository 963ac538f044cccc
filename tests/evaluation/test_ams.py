import math

import numpy as np
import pytest

from kerashep.evaluation import ams_scan, asimov_error, asimov_significance


def brute_force(label, score, weight, regularisation=10.0, systematic=0.0):
    """Try every score; of equal AMS keep the lowest cut."""
    best = (-1.0, math.nan)
    for cut in np.unique(score)[::-1]:
        passing = score >= cut
        s = weight[passing & (label == 1)].sum()
        b = weight[passing & (label == 0)].sum()
        if s < 0 or b < 0 or b + regularisation == 0:
            continue
        ams = float(
            asimov_significance(
                s, b, regularisation=regularisation, systematic=systematic
            )
        )
        if ams >= best[0] - 1e-14:
            best = (max(ams, best[0]), float(cut))
    return best


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("decimals", [0, 1, 6])
@pytest.mark.parametrize("options", [{}, {"regularisation": 0.0}, {"systematic": 0.1}])
def test_agrees_with_brute_force_with_ties_and_weights(seed, decimals, options):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, 150)
    score = np.round(rng.normal(size=150) + label, decimals)
    weight = np.where(rng.random(150) < 0.2, 0.0, rng.gamma(1.0, size=150))
    scan = ams_scan(label, score, weight, **options)
    ams, cut = brute_force(label, score, weight, **options)
    assert scan.ams == pytest.approx(ams, abs=1e-12)
    assert scan.cut == cut
    passing = score >= scan.cut
    assert scan.best.signal == pytest.approx(weight[passing & (label == 1)].sum())
    assert scan.best.background == pytest.approx(weight[passing & (label == 0)].sum())


def test_curve_holds_every_cut_with_its_band(scored):
    label, score, weight = scored
    curve = ams_scan(*scored).curve
    np.testing.assert_array_equal(curve.cut, np.unique(score))
    for i in (0, len(curve.cut) // 2, len(curve.cut) - 3):
        passing = score >= curve.cut[i]
        s, b = (weight[passing & (label == kind)] for kind in (1, 0))
        assert curve.events[i] == passing.sum()
        assert curve.signal[i] == pytest.approx(s.sum())
        assert curve.background[i] == pytest.approx(b.sum())
        assert curve.ams[i] == pytest.approx(
            float(asimov_significance(s.sum(), b.sum(), regularisation=10.0))
        )
        squares = (np.sum(s**2), np.sum(b**2))
        expected = asimov_error(s.sum(), b.sum(), *squares, regularisation=10.0)
        assert curve.error[i] == pytest.approx(float(expected))
        assert curve.point(i).error == curve.error[i]


def test_band_is_the_spread_over_repeated_simulations():
    def simulate(seed):
        rng = np.random.default_rng(seed)
        label = np.repeat([1, 0], [rng.poisson(400), rng.poisson(600)])
        score = (rng.normal(size=len(label)) + label > 0.8).astype(float)
        return (
            label,
            score,
            np.where(label == 1, 0.1, 0.4) * rng.gamma(2.0, size=len(label)),
        )

    scans = [ams_scan(*simulate(seed)).curve for seed in range(400)]
    spread = np.std([curve.ams[-1] for curve in scans])
    assert np.mean([curve.error[-1] for curve in scans]) == pytest.approx(
        spread, rel=0.1
    )


def test_order_of_events_does_not_matter(scored):
    order = np.random.default_rng(1).permutation(len(scored[0]))
    one, two = ams_scan(*scored), ams_scan(*(column[order] for column in scored))
    assert one.cut == two.cut
    np.testing.assert_allclose(one.curve.ams, two.curve.ams)


def test_perfect_and_constant_scores():
    label, weight = np.repeat([1, 0], 50), np.repeat([0.2, 2.0], 50)
    perfect = ams_scan(label, 0.5 * label, weight)
    assert perfect.ams == pytest.approx(float(asimov_significance(10.0, 10.0)))
    assert (perfect.cut, perfect.best.background) == (0.5, 0.0)
    constant = ams_scan(label, np.full(100, 0.3), weight)
    assert constant.ams == pytest.approx(float(asimov_significance(10.0, 110.0)))


def test_ams_without_regularisation_never_takes_a_cut_without_background():
    scan = ams_scan([1, 1, 0, 0], [0.9, 0.6, 0.5, 0.1], regularisation=0.0)
    assert np.isnan(scan.curve.ams[-2:]).all()
    assert scan.cut == 0.5


def test_systematic_and_regularisation_lower_the_ams(scored):
    one = ams_scan(*scored, regularisation=0.0).ams
    assert ams_scan(*scored).ams < one
    assert ams_scan(*scored, regularisation=0.0, systematic=0.2).ams < one
    harder = ams_scan(*scored, systematic=0.5)
    assert harder.best.background <= ams_scan(*scored).best.background


def test_cut_is_a_score_also_in_float32(scored):
    label, score, weight = scored
    scan = ams_scan(label, score, weight)
    assert score.dtype == np.float32
    assert scan.cut in score
    assert weight[(score >= scan.cut) & (label == 1)].sum() == pytest.approx(
        scan.best.signal
    )


def test_negative_weights_are_refused_or_kept():
    label, score = [0, 1, 1, 0, 0], [0.9, 0.8, 0.5, 0.4, 0.1]
    weight = [-0.9, 1.0, 1.0, 1.5, 1.5]
    with pytest.raises(ValueError, match=r"1 of 5 events.*negative_weights='keep'"):
        ams_scan(label, score, weight)
    kept = ams_scan(label, score, weight, negative_weights="keep")
    assert np.isnan(kept.curve.ams[-1])
    expected = float(asimov_significance(2.0, 0.6, regularisation=10.0))
    assert kept.ams == pytest.approx(expected)
    with pytest.raises(ValueError, match=r"Unknown `negative_weights` 'keeps'.*'keep'"):
        ams_scan(label, score, weight, negative_weights="keeps")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([], [], []), r"signal must have events.*0 signal events"),
        (([1, 0], [0.3, 0.4], [0.0, 0.0]), r"signal must have events.*a sum of 0"),
        (([0, 0], [0.3, 0.4], None), r"0 signal events"),
        (([1, 0], [np.nan, 0.4], None), r"`score` must not hold NaN"),
        (([1, 0], [0.3, 0.4], [1.0, np.inf]), r"`weight` must not hold NaN or inf"),
    ],
)
def test_bad_events_are_refused(columns, message):
    with pytest.raises(ValueError, match=message):
        ams_scan(*columns)
