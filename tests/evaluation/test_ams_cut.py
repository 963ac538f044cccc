import numpy as np
import pytest

from kerashep.evaluation import (
    ams_at_cut,
    ams_scan,
    asimov_significance,
    cut_at_fraction,
    smoothed_cut,
)


def event_ams(label, score, weight):
    """AMS of every event: that of the cut at its score."""
    out = []
    for cut in score:
        passing = score >= cut
        s, b = (weight[passing & (label == kind)].sum() for kind in (1, 0))
        out.append(float(asimov_significance(s, b, regularisation=10.0)))
    return np.array(out)


@pytest.mark.parametrize("fraction", [0.1, 0.25, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_smoothed_cut_is_the_mean_score_of_the_events_ranked_highest(seed, fraction):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, 200)
    score = rng.normal(size=200) + label
    weight = rng.gamma(2.0, size=200)
    ranked = np.argsort(-event_ams(label, score, weight))
    expected = score[ranked[: int(fraction * 200)]].mean()
    ours = smoothed_cut(label, score, weight, fraction=fraction)
    assert ours.cut == pytest.approx(expected)
    assert ours == ams_at_cut(label, score, weight, ours.cut)


def test_ties_at_the_boundary_count_by_their_share(scored):
    label, score, weight = scored
    ams = event_ams(label, score, weight).round(12)
    score = score.astype("float64")
    order = np.argsort(-ams, kind="stable")
    expected = score[order[:40]].mean()
    shuffled = np.random.default_rng(2).permutation(len(label))
    for rows in (slice(None), shuffled):
        ours = smoothed_cut(label[rows], score[rows], weight[rows], fraction=0.1)
        assert ours.cut == pytest.approx(expected)


def test_smoothed_cut_fluctuates_less_than_the_best():
    def sample(seed):
        rng = np.random.default_rng(seed)
        label = (rng.random(2000) < 0.3).astype(int)
        return (
            label,
            rng.normal(size=2000) + 1.5 * label,
            np.where(label == 1, 0.1, 2.0),
        )

    best = [ams_scan(*sample(seed)).cut for seed in range(40)]
    smooth = [smoothed_cut(*sample(seed)).cut for seed in range(40)]
    assert np.std(smooth) < 0.9 * np.std(best)


def test_ams_at_the_best_cut_is_the_best(scored):
    scan = ams_scan(*scored, systematic=0.1)
    point = ams_at_cut(*scored, scan.cut, systematic=0.1)
    assert point.ams == pytest.approx(scan.ams)
    assert point.error == pytest.approx(scan.best.error)
    assert (point.signal, point.background) == pytest.approx(
        (scan.best.signal, scan.best.background)
    )


def test_cut_between_float32_scores_is_not_rounded():
    low = np.float32(0.1)
    score = np.array([low, np.nextafter(low, np.float32(1))] * 2, "float32")
    cut = float(low) + 1e-12
    assert ams_at_cut([1, 1, 0, 0], score, None, cut).signal == 1.0


def test_cut_that_nothing_passes_has_no_significance(scored):
    nothing = ams_at_cut(*scored, 1e9)
    assert (nothing.ams, nothing.error, nothing.signal) == (0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match=r"`cut` must be a number. Received: cut=nan"):
        ams_at_cut(*scored, np.nan)
    columns = [1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4], [1, 1, 1.5, -1]
    with pytest.raises(ValueError, match=r"1 of 4 events have a negative weight"):
        ams_at_cut(*columns, 0.2)
    assert ams_at_cut(*columns, 0.2, negative_weights="keep").background == 0.5


@pytest.mark.parametrize("fraction", [0.001, 0.15, 0.5, 1.0])
def test_cut_at_fraction_keeps_the_top_of_the_ranking(fraction):
    score = np.random.default_rng(0).normal(size=1000)
    cut = cut_at_fraction(score, fraction)
    assert (score >= cut).sum() == round(1000 * fraction)
    assert cut in score


def test_cut_at_fraction_keeps_ties_and_refuses_nonsense():
    assert cut_at_fraction([0.1, 0.5, 0.5, 0.5], 0.5) == 0.5
    with pytest.raises(ValueError, match=r"`fraction` must be in \(0, 1\].*=0.0"):
        cut_at_fraction([0.1, 0.2], 0.0)
    with pytest.raises(ValueError, match=r"2 scores, 1 of them NaN"):
        cut_at_fraction([0.1, np.nan])
    with pytest.raises(ValueError, match=r"0 scores"):
        cut_at_fraction([])


def test_infinite_scores_cannot_be_averaged():
    with pytest.raises(ValueError, match=r"must be finite to be averaged.*inf"):
        smoothed_cut([1, 1, 0, 0], [np.inf, np.inf, 0.1, 0.2])
