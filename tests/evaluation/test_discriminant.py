import numpy as np
import pytest

from kerashep.evaluation import class_separation, significance_ratio


def test_histograms_are_weighted_densities_with_their_errors():
    rng = np.random.default_rng(0)
    label, score = rng.integers(0, 2, 500), rng.random(500)
    weight = rng.gamma(2.0, size=500)
    result = class_separation(label, score, weight, bins=5)
    np.testing.assert_allclose(result.edges, np.linspace(0, 1, 6))
    for kind, drawn in ((1, result.signal), (0, result.background)):
        chosen = (label == kind) & (score < 0.2)
        total = weight[label == kind].sum()
        assert np.sum(drawn.density * 0.2) == pytest.approx(1.0)
        assert drawn.density[0] == pytest.approx(weight[chosen].sum() / total / 0.2)
        error = np.sqrt((weight[chosen] ** 2).sum()) / total / 0.2
        assert drawn.error[0] == pytest.approx(error)


def test_curve_and_best_cut_are_those_at_equal_totals(scored):
    result = class_separation(*scored)
    expected = significance_ratio(*scored, 1.0)
    assert result.best == expected
    assert result.curve.ratio.max() == pytest.approx(expected.ratio)
    assert (result.edges[0], result.edges[-1]) == pytest.approx(
        (scored[1].min(), scored[1].max())
    )
