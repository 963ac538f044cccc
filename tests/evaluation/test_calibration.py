"""Reliability of scores that are probabilities, and of scores that are not."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from kerashep.evaluation import plots
from kerashep.evaluation.calibration import calibration
from kerashep.evaluation.measured import Measured


def sample(count, seed=0):
    """Labels drawn with the probability that the score states."""
    rng = np.random.default_rng(seed)
    score = rng.beta(1.5, 1.5, count)
    return (rng.random(count) < score).astype(float), score


def test_as_scikit_learn_without_weights():
    label, score = sample(2000)
    found = calibration(label, score, bins=5, replicas=5)
    share, mean = calibration_curve(label, score, n_bins=5, strategy="quantile")
    np.testing.assert_allclose(found.mean_score, mean, atol=2e-3)
    np.testing.assert_allclose(found.signal_share, share, atol=5e-3)
    assert found.brier.value == pytest.approx(brier_score_loss(label, score))
    assert found.share_error[2] == pytest.approx(0.5 / np.sqrt(400), rel=0.05)


def test_probabilities_lie_on_the_diagonal():
    label, score = sample(20_000, seed=1)
    found = calibration(label, score)
    pull = (found.signal_share - found.mean_score) / found.share_error
    assert np.abs(pull).max() < 3.5
    assert found.distance.value < 0.012


def test_an_overconfident_score_is_far_from_it():
    label, score = sample(20_000, seed=2)
    extreme = np.where(score > 0.5, 0.99, 0.01)
    found = calibration(label, extreme)
    assert len(found.mean_score) == 2  # tied scores share a bin
    assert found.distance.value > 0.2
    assert found.distance.value > 20 * found.distance.error


def test_weights_are_repetitions():
    label, score = sample(600, seed=3)
    times = np.random.default_rng(0).integers(0, 4, 600)
    weighted = calibration(label, score, times, bins=4, replicas=2)
    repeated = calibration(*(np.repeat(a, times) for a in (label, score)), bins=4)
    np.testing.assert_allclose(weighted.mean_score, repeated.mean_score, rtol=1e-9)
    np.testing.assert_allclose(weighted.signal_share, repeated.signal_share, rtol=1e-9)
    assert weighted.distance.value == pytest.approx(repeated.distance.value)


def test_error_is_the_spread_of_repeated_samples():
    briers = [calibration(*sample(500, s), replicas=2).brier.value for s in range(80)]
    error = calibration(*sample(500, 9), replicas=200).brier.error
    assert error == pytest.approx(np.std(briers), rel=0.3)


def test_refuses_what_is_no_probability():
    label, score = sample(50)
    with pytest.raises(ValueError, match=r"must be in \[0, 1\].*to 1\.5"):
        calibration(label, np.append(score[:-1], 1.5))


def test_figures_draw():
    label, score = sample(500)
    curves = {"a": calibration(label, score), "b": calibration(label, score**2)}
    figure = plots.plot_calibration(curves, "simulated", subject="Toy")
    assert len(figure.axes[0].get_legend().get_texts()) == 2
    test, train = {"a": Measured(0.8, 0.01)}, {"a": Measured(0.9, 0.01)}
    figure = plots.plot_train_test_auc(test, train, "simulated")
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["a"]
