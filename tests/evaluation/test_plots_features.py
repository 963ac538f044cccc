"""Figures of feature studies draw the numbers that they are given."""

import numpy as np
import pytest

from kerashep.evaluation import plots
from kerashep.evaluation.feature_correlation import FeatureCorrelation
from kerashep.evaluation.feature_importance import FeatureImportance
from kerashep.evaluation.measured import Measured
from kerashep.evaluation.mutual_dependence import MutualDependence

NAMES = ("a", "b", "c")


def tick_labels(axes, which):
    ticks = axes.get_xticklabels() if which == "x" else axes.get_yticklabels()
    return [tick.get_text() for tick in ticks]


def test_importance_is_sorted():
    shown = FeatureImportance(
        NAMES,
        np.array([0.01, 0.3, 0.0]),
        np.array([0.001, 0.02, 0.001]),
        Measured(0.8, 0.01),
        0.005,
    )
    axes = plots.plot_feature_importance(shown, "real").axes[0]
    assert tick_labels(axes, "y") == ["b", "a", "c"]
    assert [bar.get_width() for bar in axes.patches] == [0.3, 0.01, 0.0]


def test_correlation_is_in_hierarchical_order():
    matrix = np.array([[1, 0.1, 0.9], [0.1, 1, np.nan], [0.9, np.nan, 1]])
    shown = FeatureCorrelation(NAMES, matrix, np.array([1, 0, 2]))
    axes = plots.plot_feature_correlation(shown, "simulated").axes[0]
    assert tick_labels(axes, "x") == ["b", "a", "c"]
    drawn = np.ma.filled(axes.images[0].get_array(), np.nan)
    np.testing.assert_array_equal(drawn, shown.ordered()[1])


def test_dependence_has_a_column_before_the_importances():
    importance = np.full((3, 3), 0.2)
    np.fill_diagonal(importance, np.nan)
    shown = MutualDependence(NAMES, np.array([0.1, np.nan, 0.9]), importance)
    axes = plots.plot_mutual_dependence(shown, "simulated").axes[0]
    assert tick_labels(axes, "y") == ["c", "a", "b"]
    assert tick_labels(axes, "x") == ["dependence", "c", "a", "b"]
    drawn = np.ma.filled(axes.images[0].get_array(), np.nan)
    np.testing.assert_array_equal(drawn[:, 0], [0.9, 0.1, np.nan])


def test_embedding():
    vectors = np.arange(8.0).reshape(4, 2)
    names = ["no jet", "1 jet", "2 jets", "more"]
    axes = plots.plot_embedding(vectors, names, "real", subject="jets").axes[0]
    np.testing.assert_array_equal(np.array(axes.images[0].get_array()), vectors)
    assert tick_labels(axes, "y") == names
    with pytest.raises(ValueError, match="one row a name"):
        plots.plot_embedding(vectors, names[:2], "real")


def test_block_reliance_is_weighted():
    rng = np.random.default_rng(0)
    wide, deep = rng.exponential(1, (2, 500))
    label = np.arange(500) % 2
    weight = np.where(wide > 1, 3.0, 1.0)
    figure = plots.plot_block_reliance(wide, deep, label, weight, "simulated")
    signal = figure.axes[0].patches[0].get_data()
    rows = label == 1
    expected, _ = np.histogram(
        wide[rows], signal.edges, weights=weight[rows], density=True
    )
    np.testing.assert_allclose(signal.values, expected)


def test_bottleneck_reliance_is_in_the_order_of_medians():
    table = np.random.default_rng(0).exponential([1.0, 5.0, 0.2], (300, 3))
    axes = plots.plot_bottleneck_reliance(table, NAMES, "simulated").axes[0]
    assert tick_labels(axes, "y") == ["c", "a", "b"]
    with pytest.raises(ValueError, match="one name an input"):
        plots.plot_bottleneck_reliance(table, NAMES[:2], "simulated")


def test_range_test_marks_the_suggestion():
    rates = np.geomspace(1e-4, 1, 9)
    mean = np.array([0.7, 0.69, 0.6, 0.5, 0.45, 0.44, 0.6, np.nan, np.nan])
    spread = np.where(np.isnan(mean), np.nan, 0.01)
    figure = plots.plot_range_test(rates, mean, spread, "simulated", suggestion=3e-3)
    axes = figure.axes[0]
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), mean[:7])
    assert axes.lines[1].get_xdata()[0] == 3e-3
    alone = plots.plot_range_test(rates, mean, np.full(9, np.nan), "simulated")
    assert len(alone.axes[0].collections) == 0
