"""Numbers behind the figures, on trials whose score is known."""

import numpy as np
import pytest
from scipy import stats

from kerashep.tuning.axes import make_axis, table_axes
from kerashep.tuning.importance import hyperparameter_importance
from kerashep.tuning.profiles import logarithmic_trend, score_grid, score_profile
from kerashep.tuning.surrogate import Surrogate
from tests.tuning.table_toy import toy_table


@pytest.fixture(scope="module")
def table():
    return toy_table()


@pytest.fixture(scope="module")
def axes(table):
    return {axis.name: axis for axis in table_axes(table)}


@pytest.fixture(scope="module")
def surrogate(table, axes):
    return Surrogate(table, list(axes.values()))


def test_axes(axes):
    assert {name: axis.kind for name, axis in axes.items()} == {
        "width": "levels",
        "rate": "log",
        "activation": "category",
        "augmentation": "category",
    }
    assert list(axes["width"].position([200, 50])) == [3, 0]
    assert axes["width"].label(3.0) == "200"
    rate = axes["rate"]
    assert rate.position([rate.low, rate.high]) == pytest.approx([0, 1])
    middle = np.sqrt(rate.low * rate.high)
    assert rate.position([middle]) == pytest.approx([0.5])
    assert rate.value(0.5) == pytest.approx(middle)
    assert axes["activation"].inputs(np.array([0.0, 1.0])).tolist() == [[1, 0], [0, 1]]
    assert make_axis("l2", [0.0, 1e-6, 1e-3, 0.0]).kind == "levels"
    assert make_axis("growth", list(np.linspace(-0.2, 1, 30))).kind == "linear"


def test_one_dimensional_means(table, axes):
    profile = score_profile(table, axes["width"])
    width, score = table.numbers("width"), table.numbers("score")
    for i, value in enumerate((50, 100, 150, 200)):
        chosen = score[width == value]
        assert profile.trials[i] == len(chosen)
        assert profile.mean[i] == pytest.approx(chosen.mean())
        assert profile.error[i] == pytest.approx(stats.sem(chosen))
        assert profile.best[i] == chosen.max()
        assert profile.low[i] == pytest.approx(np.quantile(chosen, 0.16))
    continuous = score_profile(table, axes["rate"])
    assert continuous.trials.sum() == len(score)
    assert continuous.trials.min() >= 5
    assert (np.diff(continuous.position) > 0).all()


def test_heat_maps(table, axes):
    grid = score_grid(table, axes["width"], axes["activation"])
    width, score = table.numbers("width"), table.numbers("score")
    relu = np.array([name == "relu" for name in table.column("activation")])
    chosen = score[(width == 150) & relu]
    assert grid.mean[2, 0] == pytest.approx(chosen.mean())
    assert grid.trials[2, 0] == len(chosen)
    assert grid.trials.sum() == len(score)
    few = score_grid(toy_table(3), axes["width"], axes["activation"])
    assert np.isnan(few.mean[few.trials == 0]).all()


def test_the_trend_is_that_of_least_squares(table):
    number, score = table.numbers("parameters"), table.numbers("score")
    found = logarithmic_trend(number, score)
    expected = stats.linregress(np.log10(number), score)
    assert found.slope.value == pytest.approx(expected.slope)
    assert found.slope.error == pytest.approx(expected.stderr)
    assert found.intercept == pytest.approx(expected.intercept)
    with pytest.raises(ValueError, match="3 trials with 1 different"):
        logarithmic_trend([5, 5, 5], score[:3])


def test_the_process_finds_the_dependence(surrogate, axes):
    rate = surrogate.dependence(axes["rate"])
    expected = [
        -0.02 * (np.log10(axes["rate"].value(p)) + 3) ** 2 for p in rate.position
    ]
    shape = rate.mean - rate.mean.mean()
    np.testing.assert_allclose(shape, expected - np.mean(expected), atol=3e-3)
    assert (rate.deviation > 0).all()
    assert rate.deviation.max() < 5e-3
    width = surrogate.dependence(axes["width"])
    np.testing.assert_allclose(np.diff(width.mean), 0.02, atol=3e-3)
    same = surrogate.dependence(axes["activation"])
    assert abs(same.mean[0] - same.mean[1]) < 2e-3
    assert surrogate.noise == pytest.approx(0.002, rel=0.6)


def test_the_dependence_on_two_is_that_of_one_averaged(surrogate, axes):
    pair = surrogate.dependence_2d(axes["rate"], axes["width"])
    assert pair.mean.shape == (25, 4)
    np.testing.assert_allclose(np.diff(pair.mean, axis=1), 0.02, atol=5e-3)


def test_importance_finds_what_matters(table, axes):
    found = hyperparameter_importance(table, list(axes.values()))
    assert list(found.drops)[:2] == ["width", "rate"]
    assert found.r2.value > 0.6
    assert found.drops["rate"].value > 3 * found.drops["rate"].error > 0
    for name in ("activation", "augmentation"):
        assert abs(found.drops[name].value) < 0.1
    noise = hyperparameter_importance(toy_table(30, noise=10.0), list(axes.values()))
    assert noise.r2.value < 0.2, "then no importance means anything"


def test_too_few_trials_are_refused(axes):
    with pytest.raises(ValueError, match=r"needs 10 finished trials.*9 trials"):
        hyperparameter_importance(toy_table(9), list(axes.values()))
    with pytest.raises(ValueError, match="0 hyperparameters"):
        Surrogate(toy_table(9), [])
