"""Figures of combinations draw the numbers that they are given."""

import numpy as np
import pytest

from kerashep.evaluation import plots
from kerashep.evaluation.combinations import CombinationWeights, GroupImportance
from kerashep.evaluation.learnt_masses import LearntMass
from tests.evaluation.test_plots_features import tick_labels


def test_heat_map_of_both_matrices():
    matrix = np.array([[4.0, 1.0], [1.0, 2.0], [2.0, 0.0]])
    weights = CombinationWeights(("a", "b", "c"), matrix, matrix[:, ::-1])
    figure = plots.plot_combination_weights(weights, "real", subject="Net")
    first, second = figure.axes[:2]
    assert tick_labels(first, "y") == ["a", "b", "c"]
    assert tick_labels(second, "x") == ["0", "1"]
    shown = np.array(first.images[0].get_array())
    np.testing.assert_array_equal(shown, matrix / [4.0, 2.0])
    np.testing.assert_array_equal(
        np.array(second.images[0].get_array()), shown[:, ::-1]
    )


def test_many_particles_have_fewer_names():
    weights = CombinationWeights(
        tuple(f"{i}" for i in range(160)), np.ones((160, 50)), None
    )
    figure = plots.plot_combination_weights(weights, "simulated")
    assert len(figure.axes) == 2  # and the colour bar
    assert tick_labels(figure.axes[0], "y")[:2] == ["0", "4"]


def test_importance_is_sorted_and_cut():
    few = GroupImportance(("a", "b"), np.array([0.1, 0.3]), np.full(2, 0.01), 0.9)
    names = tuple(f"{i}" for i in range(30))
    many = GroupImportance(names, np.arange(30.0), np.full(30, np.nan), 0.9)
    figure = plots.plot_combination_importance({"Kind": few, "Feature": many}, "real")
    kind, feature = figure.axes
    assert tick_labels(kind, "y") == ["b", "a"]
    assert [bar.get_width() for bar in kind.patches] == [0.3, 0.1]
    assert tick_labels(feature, "y") == [f"{29 - i}" for i in range(15)]


def test_masses_are_shares_of_all_events():
    mass = np.array([80.0, 81.0, 0.0, 170.0])
    one = LearntMass("3", "jet_0 + 0.50 jet_1", mass)
    label, weight = np.array([1, 1, 1, 0]), np.array([1.0, 2.0, 1.0, 5.0])
    figure = plots.plot_learnt_masses([one, one], label, weight, "real", subject="Net")
    axes = figure.axes[0]
    assert axes.get_legend().get_title().get_text() == "jet_0 + 0.50 jet_1"
    signal, background = (stairs.get_data() for stairs in axes.patches)
    width = np.diff(signal.edges)
    assert (signal.values * width).sum() == pytest.approx(0.75)  # one has no mass
    assert (background.values * width).sum() == pytest.approx(1.0)
    assert [line.get_xdata()[0] for line in axes.lines] == [80.4, 172.5]
    with pytest.raises(ValueError, match="at least one"):
        plots.plot_learnt_masses([], label, weight, "real")
