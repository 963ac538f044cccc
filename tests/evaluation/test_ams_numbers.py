"""The AMS of a sample at three cuts, against numbers put together by hand."""

import numpy as np
import pytest

from kerashep.evaluation import plots
from kerashep.evaluation.ams_numbers import ams_numbers, scaled_to_all
from kerashep.evaluation.asimov import asimov_significance


def sample(count=4000, seed=0):
    rng = np.random.default_rng(seed)
    label = (rng.random(count) < 0.4).astype("float32")
    score = 1 / (1 + np.exp(-rng.normal(2 * label - 1, 1.0)))
    return label, score, np.where(label == 1, 0.1, 5.0) * rng.random(count)


def by_hand(label, weight, passing):
    s, b = (weight[passing & (label == kind)].sum() for kind in (1, 0))
    return float(asimov_significance(s, b, regularisation=10.0))


def test_each_number_is_that_of_its_cut():
    label, score, weight = sample()
    found = ams_numbers(label, [score], weight, fraction=0.2, replicas=20)
    top = score >= np.sort(score)[-800]
    assert found.at_fraction.value == pytest.approx(by_hand(label, weight, top))
    passing = score >= found.smoothed.cut
    assert found.smoothed_ams.value == pytest.approx(by_hand(label, weight, passing))
    every = [by_hand(label, weight, score >= cut) for cut in np.sort(score)[::7]]
    assert found.best.value >= max(every)
    assert found.best.value == pytest.approx(max(every), rel=0.02)
    assert found.to_dict()["fraction"] == 0.2
    assert "top 20 %" in found.in_words()


def test_trainings_are_averaged():
    label, score, weight = sample()
    noise = np.random.default_rng(1).normal(0, 0.02, len(score))
    one, two = (
        ams_numbers(label, [each], weight, replicas=20)
        for each in (score, score + noise)
    )
    both = ams_numbers(label, [score, score + noise], weight, replicas=20)
    for name in ("at_fraction", "best", "smoothed_ams"):
        mean = (getattr(one, name).value + getattr(two, name).value) / 2
        assert getattr(both, name).value == pytest.approx(mean)
    assert both.smoothed.cut == one.smoothed.cut


def test_weights_of_a_part_are_scaled_by_class():
    label, _, weight = sample(100)
    scaled = scaled_to_all(label, weight, (400.0, 7.0))
    assert scaled[label == 0].sum() == pytest.approx(400)
    assert scaled[label == 1].sum() == pytest.approx(7)
    with pytest.raises(ValueError, match="class 1 must sum to a positive number"):
        scaled_to_all(np.zeros(5), np.ones(5), (1.0, 1.0))


def test_the_figure_draws_the_curve():
    label, score, weight = sample()
    numbers = ams_numbers(label, [score], weight, replicas=20)
    figure = plots.plot_ams(numbers, "simulated", subject="toy")
    line = figure.axes[0].lines[0]
    assert line.get_ydata().max() == pytest.approx(numbers.best.value, rel=0.01)
    assert figure.axes[0].lines[1].get_xdata()[0] == numbers.smoothed.cut
