"""The toy's closed form against densities, and its limit against samples."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm
from sklearn.metrics import roc_auc_score

from kerashep.datasets import gaussian_resonance as toy
from kerashep.datasets.gaussian_resonance import (
    MASSES_GEV,
    limit,
    load_gaussian_resonance,
    log_likelihood_ratio,
)


def log_density(features, mass):
    """By SciPy, from the docstring: None means background."""
    log_mass = np.log(features[:, 0] / 500)
    z = np.column_stack([np.log(features[:, 1:4]), features[:, 4:]])
    mean = toy.CENTRES + toy.SLOPES * log_mass[:, None]
    if mass is None:
        first = norm.logpdf(log_mass, toy.BACKGROUND_MEAN, toy.BACKGROUND_WIDTH)
    else:
        m = np.log(mass / 500)
        width = np.sqrt(toy.STOCHASTIC_TERM**2 * 500 / mass + toy.CONSTANT_TERM**2)
        first = norm.logpdf(log_mass, m, width)
        mean = mean + toy.WIDTHS * (
            toy.SHIFT * (toy.SHIFT_AT_REFERENCE + toy.SHIFT_GROWTH * m)
            + toy.TILT * (log_mass - m)[:, None]
        )
    covariance = toy.CORRELATION * np.outer(toy.WIDTHS, toy.WIDTHS)
    rest = [
        multivariate_normal.logpdf(row, centre, covariance)
        for row, centre in zip(z, mean, strict=True)
    ]
    return first + rest


@pytest.mark.parametrize("mass", [500.0, 875.0, 1500.0])
def test_ratio_is_that_of_the_densities(mass):
    events = load_gaussian_resonance(masses_gev=(mass,), events_per_class=100, seed=1)
    features = events.features.astype(np.float64)
    expected = log_density(features, mass) - log_density(features, None)
    np.testing.assert_allclose(
        log_likelihood_ratio(features, mass), expected, rtol=1e-9
    )


def test_ratio_takes_one_mass_an_event():
    events = load_gaussian_resonance(events_per_class=50)
    masses = np.resize(MASSES_GEV, 100)
    together = log_likelihood_ratio(events.features, masses)
    alone = [
        log_likelihood_ratio(events.features[i : i + 1], m)[0]
        for i, m in enumerate(masses)
    ]
    np.testing.assert_allclose(together, alone)


@pytest.mark.parametrize("mass", [500.0, 1125.0, 1500.0])
def test_limit_is_that_of_a_million_events(mass):
    events = load_gaussian_resonance(
        masses_gev=(mass,), events_per_class=500_000, seed=2
    )
    ratio = log_likelihood_ratio(events.features, mass)
    signal, background = ratio[events.label == 1], ratio[events.label == 0]
    best = limit(mass)
    auc = roc_auc_score(events.label, ratio)
    auc_error = np.hypot(
        *(
            np.std(np.searchsorted(np.sort(other), own) / len(other))
            / np.sqrt(len(own))
            for own, other in ((signal, background), (background, signal))
        )
    )
    assert abs(auc - best.auc) < 4 * auc_error
    passed = (background > np.median(signal)).mean()
    # the median of the signal fluctuates too, by about as much: factor 2 in variance
    relative = np.sqrt(2 * (1 - passed) / (passed * len(background)))
    assert abs(1 / passed / best.background_rejection - 1) < 4 * relative
    assert best.auc_error < 1e-4
    assert best.background_rejection_error < 1e-4 * best.background_rejection


def test_limit_rises_over_the_range_asked_for():
    limits = [limit(mass) for mass in MASSES_GEV]
    aucs = [best.auc for best in limits]
    assert (np.diff(aucs) > 0).all()
    assert 0.7 < aucs[0] < 0.8
    assert 0.96 < aucs[-1] < 0.99
    assert max(best.background_rejection for best in limits) < 200
    between = limit(1125.0)
    assert limits[2].auc < between.auc < limits[3].auc


def test_no_other_score_beats_the_limit():
    events = load_gaussian_resonance(
        masses_gev=(1000,), events_per_class=100_000, seed=3
    )
    score = -np.abs(np.log(events.column("m_reco") / 1000))
    assert roc_auc_score(events.label, score) < limit(1000).auc - 0.01


def test_columns_and_counts():
    events = load_gaussian_resonance(events_per_class=1002, seed=0)
    assert events.provenance == "simulated"
    assert len(events) == 2004
    masses = events.column("mass")
    assert np.isnan(masses[events.label == 0]).all()
    present, counts = np.unique(masses[events.label == 1], return_counts=True)
    assert tuple(present) == MASSES_GEV
    assert counts.tolist() == [201, 201, 200, 200, 200]
    assert events.feature_units[:4] == ("GeV",) * 4
    assert (events.features[:, :4] > 0).all()


def test_resonance_mass_peaks_at_the_mass_and_resolution_improves():
    events = load_gaussian_resonance(events_per_class=100_000, seed=4)
    widths = []
    for mass in MASSES_GEV:
        m_reco = events.column("m_reco")[events.column("mass") == mass]
        assert np.median(m_reco) == pytest.approx(mass, rel=0.01)
        widths.append(np.log(m_reco).std())
    assert (np.diff(widths) < 0).all()


def test_seed_decides_everything():
    first, again, other = (
        load_gaussian_resonance(events_per_class=20, seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.features, again.features)
    assert not np.array_equal(first.features, other.features)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: limit(50), "between 300 and 3000. Received: mass 50"),
        (lambda: load_gaussian_resonance(masses_gev=()), "at least one mass"),
        (lambda: load_gaussian_resonance(masses_gev=(0.5,)), "in GeV.*mass 0.5"),
        (lambda: load_gaussian_resonance(events_per_class=3), "events_per_class=3"),
        (lambda: log_likelihood_ratio(np.ones((5, 4)), 500), r"shape \(5, 4\)"),
        (
            lambda: log_likelihood_ratio(np.zeros((5, 6)), 500),
            "unscaled, the first four",
        ),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
