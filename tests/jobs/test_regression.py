"""Numbers of a regression: weights, seeds, jet pt."""

import numpy as np
import pytest

from kerashep.datasets import load_dataset
from kerashep.evaluation import resolution
from kerashep.jobs.checks import check_task
from kerashep.jobs.regression import jet_pt, measure_regression
from kerashep.training.recipe import load_recipe


@pytest.fixture(scope="module")
def recipe():
    return load_recipe("lbn_jet_mass", quick=True)


@pytest.fixture(scope="module")
def parts():
    events = load_dataset("w_jets_simulated", events=300, constituents=6)
    weight = np.random.default_rng(0).gamma(2.0, size=300)
    events = events.with_columns(weight=weight)
    return {"train": events.take(slice(0, 200)), "test": events.take(slice(200, 300))}


def smeared(truth, factor, width):
    """A prediction that a network might have given; the events tell it which."""
    known = {x.tobytes(): t for x, t in zip(truth.features, truth.target, strict=True)}

    def score(x, _):
        target = np.array([known[row.tobytes()] for row in x])
        noise = np.random.default_rng(7).normal(size=len(x))
        return factor * target * np.exp(width * noise)

    return score


def test_numbers_honour_weights_and_seeds(recipe, parts):
    test = parts["test"]
    scores = [smeared(test, 1.1, 0.1), smeared(test, 1.3, 0.2)]
    found = measure_regression(recipe, {"test": test}, scores)
    each = [
        resolution(score(test.features, None), test.target, test.weight).value
        for score in scores
    ]
    assert found.resolution.value == pytest.approx(np.mean(each))
    assert found.resolution.error > np.std(each, ddof=1) / np.sqrt(2)
    assert found.median.value == pytest.approx(1.2, rel=0.05)
    assert found.training_resolution is None
    assert list(found.profiles) == ["Truth", "Jet pt [GeV]"]
    document = found.document()
    assert document["seeds"] == 2
    assert sum(document["response"]["Truth"]["events"]) == 100


def test_jet_pt_is_that_of_the_sum(parts):
    test = parts["test"]
    x = test.features[0]
    expected = np.hypot(x[1::4].sum(), x[2::4].sum())
    assert jet_pt(test)[0] == pytest.approx(expected, rel=1e-6)
    assert jet_pt(test.select_features(["E_0", "PX_0"])) is None


def test_negative_weights_are_refused(recipe, parts):
    negative = parts["test"].with_columns(weight=-np.ones(100))
    with pytest.raises(ValueError, match="100 of 100 test events with a negative"):
        check_task(recipe, {"test": negative})
