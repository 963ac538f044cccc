import numpy as np
import pytest

from kerashep.evaluation.ranked import (
    RankedScores,
    check_scores,
    effective_events,
    refuse_negative_weights,
)


def test_yields_are_the_sums_above_each_distinct_score(scored):
    label, score, weight = scored
    yields = RankedScores.from_scores(label, score, weight).yields()
    assert np.array_equal(yields.cut, np.unique(score)[::-1])
    for cut, signal, background in zip(
        yields.cut, yields.signal, yields.background, strict=True
    ):
        passing = score >= cut
        assert signal == pytest.approx(weight[passing & (label == 1)].sum())
        assert background == pytest.approx(weight[passing & (label == 0)].sum())


def test_multiplicity_is_the_same_as_repeating_events(scored):
    label, score, weight = scored
    counts = np.random.default_rng(0).poisson(1.0, len(label))
    reweighted = RankedScores.from_scores(label, score, weight).yields(counts)
    repeated = (np.repeat(part, counts) for part in scored)
    expected = RankedScores.from_scores(*repeated).yields()
    kept = np.isin(reweighted.cut, expected.cut)
    np.testing.assert_allclose(reweighted.signal[kept], expected.signal)
    np.testing.assert_allclose(reweighted.background[kept], expected.background)


@pytest.mark.parametrize("share", [0.5, 0.01])
def test_coarse_keeps_a_subset_of_the_cuts_and_both_classes_resolved(share):
    rng = np.random.default_rng(4)
    label = rng.random(20_000) < share
    score = rng.normal(size=20_000) + label
    ranked = RankedScores.from_scores(label, score)
    fine, coarse = ranked.yields(), ranked.coarse(50).yields()
    assert len(coarse.cut) <= 100
    kept = np.searchsorted(-fine.cut, -coarse.cut)
    np.testing.assert_array_equal(fine.cut[kept], coarse.cut)
    np.testing.assert_allclose(fine.signal[kept], coarse.signal)
    np.testing.assert_allclose(fine.background[kept], coarse.background)
    assert np.diff(coarse.signal_efficiency, prepend=0).max() <= 0.02 + 2 / label.sum()
    assert np.diff(coarse.background_efficiency, prepend=0).max() <= 0.021


def test_few_scores_are_not_merged(scored):
    ranked = RankedScores.from_scores(*scored)
    assert ranked.coarse(len(ranked.cut)) is ranked


def test_ratio_scales_the_background_only(scored):
    yields = RankedScores.from_scores(*scored).yields()
    scaled = yields.with_ratio(0.5)
    assert scaled.background[-1] == pytest.approx(2 * scaled.signal[-1])
    assert scaled.signal is yields.signal
    assert yields.with_ratio(None) is yields


def test_integer_and_column_scores_and_effective_events():
    signal, score, weight = check_scores(
        [[1], [0]], np.array([[3], [1]], "uint8"), None
    )
    assert score.dtype == np.float64
    assert signal.tolist() == [True, False]
    assert weight.tolist() == [1.0, 1.0]
    assert effective_events(np.full(7, 0.3)) == pytest.approx(7)
    assert effective_events(np.zeros(3)) == 0.0


@pytest.mark.parametrize(
    ("label", "score", "weight", "message"),
    [
        ([1, 0], [0.1], None, r"one length.*'score': 1"),
        ([1, 2], [0.1, 0.2], None, r"`label` must not hold.*neither 0 nor 1.*row 1"),
        ([1, 0], [np.nan, 0.2], None, r"`score` must not hold NaN.*1 of 2.*row 0"),
        ([1, 0], [0.1, 0.2], [1, np.inf], r"`weight` must not hold NaN or infinite"),
        ([1, 1], [0.1, 0.2], None, r"background must have events.*0 background events"),
        ([1, 0], [0.1, 0.2], [0, 1], r"signal must have events.*sum of 0"),
    ],
)
def test_bad_input_is_refused(label, score, weight, message):
    with pytest.raises(ValueError, match=message):
        check_scores(label, score, weight)


def test_negative_weights_are_refused_by_name():
    with pytest.raises(ValueError, match=r"A thing has no meaning.*1 of 2 weights"):
        refuse_negative_weights(np.array([1.0, -1.0]), "A thing")
