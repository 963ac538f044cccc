"""The likelihood ratio as a score, and what it reaches."""

import numpy as np
import pytest

from kerashep.datasets.gaussian_resonance import limit, load_gaussian_resonance
from kerashep.evaluation import evaluate_per_mass
from kerashep.jobs.limits import knows_limit, likelihood_ratio, mean_limit_auc
from kerashep.training.recipe import load_recipe


def test_the_score_reaches_the_limit_and_nothing_else_is_that_good():
    recipe = load_recipe("affine_pnn_gaussian")
    assert knows_limit(recipe)
    events = load_gaussian_resonance(
        masses_gev=(500.0, 1000.0), events_per_class=20_000, seed=3
    )
    best = evaluate_per_mass(events, likelihood_ratio(recipe), bootstrap=20)
    for one in best:
        exact = limit(one.mass)
        assert abs(one.roc_auc.value - exact.auc) < 4 * one.roc_auc.error
        rejection = one.background_rejection
        assert abs(rejection.value - exact.background_rejection) < 4 * rejection.error

    def mass_alone(x, m):
        return -np.abs(np.log(x[:, 0] / m[:, 0]))

    for one, worse in zip(best, evaluate_per_mass(events, mass_alone), strict=True):
        assert worse.roc_auc.value < one.roc_auc.value


def test_other_data_sets_are_refused():
    recipe = load_recipe("affine_pnn_resonance")
    assert not knows_limit(recipe)
    with pytest.raises(ValueError, match="Received: dataset='resonance'"):
        likelihood_ratio(recipe)


def test_mean_over_masses_is_that_of_the_exact_limits():
    mean = mean_limit_auc([500.0, 1500.0])
    expected = (limit(500.0).auc + limit(1500.0).auc) / 2
    assert (mean.value, mean.error) == (pytest.approx(expected), 0.0)
