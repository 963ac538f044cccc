"""Background mass: distributions, joint parameters, bins, errors."""

import numpy as np
import pytest
from scipy import stats

from kerashep.data.background_mass import BackgroundMass, distinct_parameter_sets
from kerashep.data.events import Events

MASSES = (500.0, 750.0, 1000.0)


def make_events(parameters, names=("mass",), background=3000, features=None):
    """One signal event for each row of `parameters`, then background without any."""
    signal = np.asarray(parameters, "float32").reshape(len(parameters), len(names))
    undefined = np.full((background, len(names)), np.nan, "float32")
    label = np.repeat([1.0, 0.0], [len(signal), background])
    if features is None:
        features = np.zeros((len(label), 1))
    return Events(
        features=features,
        feature_names=("m_reconstructed",),
        label=label,
        provenance="simulated",
        parameters=np.concatenate([signal, undefined]),
        parameter_names=names,
    )


def unequal_events(**options):
    """Masses with very different numbers of signal events."""
    return make_events(np.repeat(MASSES, [1000, 100, 10]), **options)


def test_distinct_sets_match_numpy_unique():
    rng = np.random.default_rng(0)
    parameters = rng.integers(0, 3, (500, 3)).astype("float32")
    sets, code = distinct_parameter_sets(parameters)
    np.testing.assert_array_equal(sets, np.unique(parameters, axis=0))
    np.testing.assert_array_equal(sets[code], parameters)


def test_identical_is_uniform_over_the_distinct_masses():
    events = unequal_events(background=6000)
    rule = BackgroundMass.for_events(events, "identical", "fixed")
    assigned = rule.assign(events, seed=1)
    masses, counts = np.unique(
        assigned.parameters[events.label == 0], return_counts=True
    )
    np.testing.assert_array_equal(masses, MASSES)
    assert stats.chisquare(counts).pvalue > 1e-3


def test_uniform_fills_the_range():
    events = unequal_events(background=6000)
    rule = BackgroundMass.for_events(events, "uniform", "fixed")
    masses = rule.assign(events, seed=1).parameters[events.label == 0, 0]
    assert stats.kstest(masses, stats.uniform(500, 500).cdf).pvalue > 1e-3
    assert masses.min() >= 500
    assert masses.max() <= 1000


def test_signal_and_everything_else_is_untouched():
    events = unequal_events()
    assigned = BackgroundMass.for_events(events, "uniform").assign(events, seed=0)
    signal = events.label == 1
    np.testing.assert_array_equal(
        assigned.parameters[signal], events.parameters[signal]
    )
    np.testing.assert_array_equal(assigned.features, events.features)
    np.testing.assert_array_equal(assigned.event_id, events.event_id)
    assert np.isnan(events.parameters[~signal]).all(), "the original changed"


def test_several_parameters_are_drawn_as_generated_sets():
    grid = [(500.0, 0.1), (500.0, 0.3), (1000.0, 0.3)]
    events = make_events(np.repeat(grid, 4, axis=0), names=("mass", "coupling"))
    rule = BackgroundMass.for_events(events, "identical", "fixed")
    rows = rule.assign(events, seed=0).parameters[events.label == 0]
    found, counts = np.unique(rows, axis=0, return_counts=True)
    np.testing.assert_array_equal(found, np.asarray(grid, "float32"))
    assert stats.chisquare(counts).pvalue > 1e-3


def test_several_parameters_are_uniform_independently():
    grid = [(500.0, 0.1), (1000.0, 0.3)]
    events = make_events(grid, names=("mass", "coupling"))
    rule = BackgroundMass.for_events(events, "uniform", "fixed")
    rows = rule.assign(events, seed=0).parameters[events.label == 0]
    assert abs(np.corrcoef(rows.T)[0, 1]) < 0.07
    np.testing.assert_allclose(rows.mean(axis=0), (750, 0.2), rtol=0.02)


def test_binned_takes_the_nearest_mass():
    rng = np.random.default_rng(0)
    features = rng.uniform(300, 1500, (3 + 3000, 1))
    events = make_events(MASSES, features=features)
    rule = BackgroundMass.for_events(
        events, "binned", "fixed", reconstructed="m_reconstructed"
    )
    assigned = rule.assign(events, seed=0).parameters[3:, 0]
    distance = np.abs(features[3:] - np.array(MASSES))
    np.testing.assert_array_equal(assigned, np.array(MASSES)[distance.argmin(axis=1)])
    again = rule.assign(events, seed=5).parameters[3:, 0]
    np.testing.assert_array_equal(assigned, again)


def test_seed_decides():
    events = unequal_events()
    rule = BackgroundMass.for_events(events, "uniform", "fixed")
    first, same, other = (rule.assign(events, s).parameters for s in (3, 3, 4))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other, equal_nan=True)


@pytest.mark.parametrize("distribution", ["identical", "uniform"])
def test_draws_do_not_depend_on_how_they_are_divided(distribution):
    rule = BackgroundMass(distribution, "sampled", [(500, 0.1), (750, 0.2), (900, 0.7)])
    whole = rule.draw(np.random.default_rng(0), (5, 7))
    rng = np.random.default_rng(0)
    parts = [rule.draw(rng, (2, 7)), rule.draw(rng, (3, 7))]
    np.testing.assert_array_equal(whole, np.concatenate(parts))
    assert whole.shape == (5, 7, 2)
    assert whole.dtype == np.float32


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("identicl", "fixed"), "Did you mean 'identical'"),
        (("identical", "always"), "`assignment` must be one of"),
        (("binned", "fixed"), "needs `reconstructed`"),
        (("binned", "sampled", "m_reconstructed"), "Use assignment='fixed'"),
        (("uniform", "fixed", "m_reconstructed"), "only acts with distribution"),
        (("binned", "fixed", "m_reco"), "Did you mean 'm_reconstructed'"),
    ],
)
def test_options_that_cannot_act_are_refused(arguments, message):
    distribution, assignment, *reconstructed = arguments
    with pytest.raises(ValueError, match=message):
        BackgroundMass.for_events(
            unequal_events(),
            distribution,
            assignment,
            reconstructed=reconstructed[0] if reconstructed else None,
        )


def test_events_that_do_not_fit_are_refused():
    events = unequal_events()
    with pytest.raises(ValueError, match="2 signal events have an undefined"):
        BackgroundMass.for_events(make_events([500, np.nan, np.nan]))
    with pytest.raises(ValueError, match="No signal event"):
        BackgroundMass.for_events(events.take(events.label == 0))
    bare = Events(np.zeros((2, 1)), ("a",), np.array([0, 1]), "simulated")
    with pytest.raises(ValueError, match="at least one parameter"):
        BackgroundMass.for_events(bare)
    two = make_events([(500.0, 1.0)], names=("mass", "coupling"))
    with pytest.raises(ValueError, match="has 1 parameters"):
        BackgroundMass.for_events(events).assign(two, seed=0)
    with pytest.raises(ValueError, match="one parameter"):
        BackgroundMass.for_events(
            two, "binned", "fixed", reconstructed="m_reconstructed"
        )


def test_binned_refuses_scaled_or_missing_masses():
    events = make_events(MASSES)
    rule = BackgroundMass.for_events(
        events, "binned", "fixed", reconstructed="m_reconstructed"
    )
    with pytest.raises(ValueError, match="another unit, or already scaled"):
        rule.assign(events, seed=0)
    features = np.full((len(events), 1), 600.0)
    features[-4:] = np.nan
    missing = Events(
        features,
        events.feature_names,
        events.label,
        "simulated",
        parameters=events.parameters,
        parameter_names=("mass",),
        allow_missing=True,
    )
    with pytest.raises(ValueError, match="missing in 4 background events"):
        rule.assign(missing, seed=0)
    with pytest.raises(ValueError, match="cannot be drawn"):
        rule.draw(np.random.default_rng(0), (3,))
