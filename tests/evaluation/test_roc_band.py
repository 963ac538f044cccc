"""ROC curves of several trainings against scikit-learn and the binomial law."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from kerashep.evaluation.roc_band import roc_band


def sample(count, seed, noise=1.0):
    rng = np.random.default_rng(seed)
    label = rng.random(count) < 0.5
    truth = rng.normal(size=count) + 1.5 * label
    scores = [truth + noise * rng.normal(size=count) for _ in range(3)]
    return label.astype(float), scores, rng.uniform(0.5, 2, count)


def test_mean_of_the_curves():
    label, scores, weight = sample(4000, 1)
    band = roc_band(label, scores, weight, points=11, replicas=20)
    np.testing.assert_allclose(band.signal_efficiency, np.linspace(0, 1, 11))
    expected = []
    for score in scores:
        background, signal, _ = roc_curve(label, score, sample_weight=weight)
        expected.append(np.interp(band.signal_efficiency[1:-1], signal, background))
    mean = np.mean(expected, axis=0)
    np.testing.assert_allclose(band.background_efficiency[1:-1], mean, atol=2e-3)
    assert band.background_efficiency[0] == 0
    aucs = [roc_auc_score(label, one, sample_weight=weight) for one in scores]
    assert band.auc == pytest.approx(np.mean(aucs), abs=1e-12)


def test_error_of_one_training_is_that_of_repeated_samples():
    """The spread of the background efficiency over samples of the same law."""
    values = []
    for seed in range(60):
        label, scores, _ = sample(1000, 100 + seed)
        band = roc_band(label, scores[:1], points=5, replicas=2)
        values.append(band.background_efficiency)
    label, scores, _ = sample(1000, 7)
    error = roc_band(label, scores[:1], points=5, replicas=200).background_error
    np.testing.assert_allclose(error[1:4], np.std(values, axis=0)[1:4], rtol=0.35)
    assert error[0] == 0


def test_trainings_add_to_the_error():
    label, scores, _ = sample(500, 3, noise=3.0)
    one = roc_band(label, scores[:1] * 3, points=5)
    three = roc_band(label, scores, points=5)
    same = roc_band(label, scores[:1], points=5)
    np.testing.assert_allclose(one.background_error, same.background_error)
    assert (three.background_error[1:4] > 0).all()
    trainings = np.std(
        [
            roc_band(label, [s], points=5, replicas=2).background_efficiency
            for s in scores
        ],
        axis=0,
        ddof=1,
    )
    assert (three.background_error >= trainings / np.sqrt(3) - 1e-12).all()


def test_refusals():
    label, scores, weight = sample(50, 1)
    with pytest.raises(ValueError, match="at least one training"):
        roc_band(label, [])
    with pytest.raises(ValueError, match="no meaning with negative event weights"):
        roc_band(label, scores, -weight * np.where(np.arange(50) == 3, 1, -1))
