import math

import numpy as np
import pytest

from kerashep.evaluation import significance_curve, significance_ratio


def brute_force(label, score, weight):
    """Try every score; of equal ratios keep the lowest cut."""
    total, best = weight[label == 1].sum(), (0.0, math.nan)
    for cut in np.unique(score)[::-1]:
        passing = score >= cut
        s = weight[passing & (label == 1)].sum()
        b = weight[passing & (label == 0)].sum()
        ratio = s / math.sqrt(s + b) / math.sqrt(total) if s > 0 and b >= 0 else 0.0
        if ratio >= best[0] - 1e-15:
            best = (max(ratio, best[0]), float(cut))
    return best


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("decimals", [0, 1, 6])
def test_agrees_with_brute_force_with_ties_and_weights(seed, decimals):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, 150)
    score = np.round(rng.normal(size=150) + label, decimals)
    weight = np.where(rng.random(150) < 0.2, 0.0, rng.gamma(1.0, size=150))
    result = significance_ratio(label, score, weight)
    ratio, cut = brute_force(label, score, weight)
    assert result.ratio == pytest.approx(ratio, abs=1e-12)
    assert result.cut == cut
    passing = score >= result.cut
    assert result.signal == pytest.approx(weight[passing & (label == 1)].sum())
    assert result.background == pytest.approx(weight[passing & (label == 0)].sum())


def test_perfect_and_useless_classifiers():
    label = np.repeat([1, 0], 500)
    perfect = significance_ratio(label, label * 0.5 + 0.2)
    assert perfect.ratio == pytest.approx(1.0)
    assert perfect.cut == pytest.approx(0.7)
    assert perfect.background == 0.0
    constant = significance_ratio(label, np.full(1000, 0.3))
    assert constant.ratio == pytest.approx(math.sqrt(0.5))
    assert constant.cut == 0.3
    assert constant.ratio_without_cut == pytest.approx(math.sqrt(0.5))
    assert constant.background_efficiency == 1.0


def test_ratio_of_totals_is_that_of_scaled_weights(scored):
    label, score, weight = scored
    ws, wb = weight[label == 1].sum(), weight[label == 0].sum()
    scaled = np.where(label == 1, weight, weight * ws / wb)
    one = significance_ratio(label, score, weight, 1.0)
    two = significance_ratio(label, score, scaled)
    assert (one.ratio, one.cut) == pytest.approx((two.ratio, two.cut))
    assert one.total_background == pytest.approx(one.total_signal)


def test_ratio_does_not_depend_on_the_scale_of_the_weights_but_significance_does(
    scored,
):
    label, score, weight = scored
    one, four = (significance_ratio(label, score, k * weight) for k in (1.0, 4.0))
    assert one.ratio == pytest.approx(four.ratio)
    assert four.significance == pytest.approx(2 * one.significance)
    assert one.significance == pytest.approx(
        one.signal / math.sqrt(one.signal + one.background)
    )


def test_tail_without_weight_is_defined():
    result = significance_ratio([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], [0, 0, 1, 1])
    assert result.ratio == 1.0
    assert result.cut == 0.7


def test_cut_is_a_score_also_in_float32(scored):
    label, score, weight = scored
    result = significance_ratio(label, score, weight)
    assert result.cut in score
    passing = score >= result.cut
    assert weight[passing & (label == 1)].sum() == pytest.approx(result.signal)


def test_curve_holds_every_cut_and_peaks_at_the_best(scored):
    curve, best = significance_curve(*scored), significance_ratio(*scored)
    assert np.all(np.diff(curve.cut) > 0)
    assert curve.ratio.max() == pytest.approx(best.ratio)
    assert curve.cut[np.argmax(curve.ratio)] == best.cut
    assert curve.signal[0] == pytest.approx(best.total_signal)


def test_negative_weights_never_give_a_ratio_from_negative_yields():
    label, score = [0, 1, 1, 0, 0], [0.9, 0.8, 0.5, 0.4, 0.1]
    result = significance_ratio(label, score, [-0.9, 1.0, 1.0, 1.5, 1.5])
    assert result.background >= 0.0
    assert result.ratio <= 1.0
    assert result.cut == 0.4


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"`score` must not hold NaN"):
        significance_ratio([1, 0], [np.nan, 1.0])
    with pytest.raises(ValueError, match=r"signal must have events.*0 signal events"):
        significance_ratio([0, 0], [0.3, 1.0])
