import math

import numpy as np
import pytest
from sklearn import metrics

from kerashep.evaluation.curves import (
    background_at,
    pr_auc,
    precision_recall_curve,
    rejection_from_efficiency,
    roc_auc,
    roc_curve,
)
from kerashep.evaluation.measured import Measured


def test_areas_agree_with_scikit_learn(scored):
    label, score, weight = scored
    expected = metrics.roc_auc_score(label, score, sample_weight=weight)
    assert roc_auc(label, score, weight) == pytest.approx(expected, abs=1e-12)
    assert roc_curve(label, score, weight).auc == pytest.approx(expected, abs=1e-12)
    assert roc_auc(label, score) == pytest.approx(metrics.roc_auc_score(label, score))
    precision = metrics.average_precision_score(label, score, sample_weight=weight)
    assert pr_auc(label, score, weight) == pytest.approx(precision, abs=1e-12)


def test_curves_agree_with_scikit_learn(scored):
    label, score, weight = scored
    ours = roc_curve(label, score, weight)
    fpr, tpr, cut = metrics.roc_curve(
        label, score, sample_weight=weight, drop_intermediate=False
    )
    np.testing.assert_allclose(ours.background_efficiency, fpr, atol=1e-12)
    np.testing.assert_allclose(ours.signal_efficiency, tpr, atol=1e-12)
    np.testing.assert_allclose(ours.cut, cut)
    curve = precision_recall_curve(label, score, weight)
    purity, recall, _ = metrics.precision_recall_curve(
        label, score, sample_weight=weight
    )
    np.testing.assert_allclose(curve.purity, purity[-2::-1], atol=1e-12)
    np.testing.assert_allclose(curve.signal_efficiency, recall[-2::-1], atol=1e-12)


def test_signal_background_ratio_is_a_scale_of_the_background_weights(scored):
    label, score, weight = scored
    scaled = np.where(label == 1, weight, weight * 0.1)
    ratio = scaled[label == 1].sum() / scaled[label == 0].sum()
    assert pr_auc(label, score, weight, ratio) == pytest.approx(
        pr_auc(label, score, scaled)
    )


def test_auc_with_negative_weights_is_the_weighted_share_of_ordered_pairs():
    rng = np.random.default_rng(0)
    label, score = rng.integers(0, 2, 60), rng.integers(0, 9, 60)
    weight = np.where(rng.random(60) < 0.2, -0.5, 1.0)
    s, b = score[label == 1], score[label == 0]
    ws, wb = weight[label == 1], weight[label == 0]
    ordered = (s[:, None] > b) + 0.5 * (s[:, None] == b)
    expected = (ws[:, None] * wb * ordered).sum() / (ws.sum() * wb.sum())
    assert roc_auc(label, score, weight) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (roc_curve, r"A ROC curve has no meaning with negative"),
        (pr_auc, r"A precision-recall curve has no meaning"),
        (background_at, r"Background efficiency with a binomial error"),
    ],
)
def test_negative_weights_are_refused_where_they_have_no_meaning(function, message):
    with pytest.raises(ValueError, match=message):
        function([1, 0, 1], [0.1, 0.2, 0.3], [1.0, 1.0, -0.1])


def test_working_point_of_gaussians_has_the_binomial_error():
    rng = np.random.default_rng(1)
    label = np.repeat([1, 0], 50_000)
    score = rng.normal(size=100_000) + label
    point = background_at(label, score, signal_efficiency=0.5)
    expected = 0.5 * math.erfc(1 / math.sqrt(2))
    efficiency = point.background_efficiency
    assert efficiency.value == pytest.approx(expected, abs=4 * efficiency.error)
    binomial = math.sqrt(efficiency.value * (1 - efficiency.value) / 50_000)
    assert efficiency.error == pytest.approx(binomial, rel=1e-3)
    assert point.background_rejection.value == pytest.approx(1 / efficiency.value)
    assert point.cut == pytest.approx(1.0, abs=0.05)


def test_error_uses_effective_counts_when_weights_are_independent_of_the_score():
    rng = np.random.default_rng(2)
    label, weight = np.repeat([1, 0], 20_000), rng.exponential(size=40_000)
    score = rng.normal(size=40_000) + label
    point = background_at(label, score, weight)
    wb = weight[label == 0]
    effective = wb.sum() ** 2 / (wb**2).sum()
    e = point.background_efficiency.value
    expected = math.sqrt(e * (1 - e) / effective)
    assert point.background_efficiency.error == pytest.approx(expected, rel=0.05)
    curve = roc_curve(label, score, weight)
    at = np.searchsorted(curve.signal_efficiency, 0.5)
    assert curve.background_error[at] == pytest.approx(expected, rel=0.05)


def test_curve_is_straight_between_cuts_and_ties_do_not_bias():
    label, score = [1, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0]
    assert (
        background_at(label, score, signal_efficiency=0.75).background_efficiency.value
        == 0.5
    )
    assert (
        background_at(label, score, signal_efficiency=0.25).background_efficiency.value
        == 0
    )
    point = background_at(label, score, signal_efficiency=0.5)
    assert point.cut == 1.0
    assert math.isinf(point.background_rejection.value)
    with pytest.raises(ValueError, match=r"in \(0, 1\].*signal_efficiency=0"):
        background_at(label, score, signal_efficiency=0)


def test_rejection_error_is_propagated():
    rejection = rejection_from_efficiency(Measured(0.1, 0.01))
    assert (rejection.value, rejection.error) == pytest.approx((10.0, 1.0))
    replicas = np.array([0.09, 0.1, 0.11, 0.0])
    paired = rejection_from_efficiency(Measured.from_replicas(0.1, replicas))
    assert np.isfinite(paired.replicas).all()
    assert paired.error == pytest.approx(100 * np.std(replicas, ddof=1))
