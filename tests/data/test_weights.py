import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.data.groups import group_rows
from kerashep.data.weights import (
    TRAINING_WEIGHT_POLICIES,
    apply_negative_weight_policy,
    require_both_classes,
    with_training_weights,
)


def make(rows: int = 900, **changes) -> Events:
    rng = np.random.default_rng(2)
    label = (rng.random(rows) < 0.2).astype("float32")
    masses = rng.choice([500.0, 750.0, 1000.0], rows, p=[0.6, 0.3, 0.1])
    columns = {
        "features": np.zeros((rows, 1)),
        "feature_names": ("pt",),
        "label": label,
        "provenance": "simulated",
        "parameters": np.where(label == 1, masses, np.nan)[:, None],
        "parameter_names": ("mass",),
        "weight": rng.exponential(1e-3, rows),
    }
    return Events(**{**columns, **changes})


def test_physics_normalised_has_mean_one_in_each_class():
    events = with_training_weights(make(), "physics_normalised")
    for value in (0, 1):
        rows = events.label == value
        assert events.training_weight[rows].mean() == pytest.approx(1, rel=1e-5)
        ratio = events.training_weight[rows] / events.weight[rows]
        np.testing.assert_allclose(ratio, ratio[0], rtol=1e-5)


def test_balanced_has_equal_sums_and_mean_one():
    events = with_training_weights(make(), "balanced")
    sums = [events.training_weight[events.label == value].sum() for value in (0, 1)]
    assert sums == pytest.approx([450, 450], rel=1e-5)


def test_balanced_parameters_has_equal_sums_of_masses():
    events = with_training_weights(make(), "balanced_parameters")
    for mass in (500, 750, 1000):
        rows = events.column("mass") == mass
        assert events.training_weight[rows].sum() == pytest.approx(150, rel=1e-5)
    assert events.training_weight.mean() == pytest.approx(1, rel=1e-5)


def test_flat_ignores_the_physics_weight():
    events = with_training_weights(make(), "flat")
    assert (events.training_weight == 1).all()


@pytest.mark.parametrize("policy", TRAINING_WEIGHT_POLICIES)
def test_the_physics_weight_is_untouched(policy):
    events = make()
    before = events.weight.copy()
    np.testing.assert_array_equal(with_training_weights(events, policy).weight, before)
    np.testing.assert_array_equal(events.weight, before)
    assert (events.training_weight == 1).all()


@pytest.mark.parametrize("policy", ["physics_normalised", "balanced"])
def test_kept_negative_weights_are_normalised_with_their_sign(policy):
    weight = make().weight.copy()
    weight[::10] *= -0.5
    events = with_training_weights(make(weight=weight), policy)
    np.testing.assert_array_equal(events.training_weight < 0, weight < 0)


def test_classes_that_cannot_be_normalised_are_named():
    events = make()
    no_signal = np.where(events.label == 1, 0.0, 1.0)
    with pytest.raises(
        ValueError, match="weights of the signal sum to 0; expected a pos"
    ):
        with_training_weights(make(weight=no_signal), "balanced")
    no_mass = np.where(events.column("mass") == 750, 0.0, 1.0)
    with pytest.raises(ValueError, match=r"the signal at \{'mass': 750.0\} sum to 0"):
        with_training_weights(make(weight=no_mass), "balanced_parameters")
    with pytest.raises(ValueError, match=r"no signal.*0 signal and 900 background"):
        with_training_weights(make(label=np.zeros(900)), "flat")
    with pytest.raises(ValueError, match=r"no background.*900 signal"):
        require_both_classes(make(label=np.ones(900)))
    with pytest.raises(ValueError, match=r"policy 'balance'. Did you mean 'balanced'"):
        with_training_weights(events, "balance")


def test_negative_weight_policies():
    weight = np.ones(900)
    weight[:90] = -0.5
    events = make(weight=weight)
    share = r"90 of 900 events \(10.00%\) have a negative weight, 5.26% of the sum"
    with pytest.raises(ValueError, match=share):
        apply_negative_weight_policy(events, "error")
    assert apply_negative_weight_policy(events, "keep") is events
    with pytest.warns(
        UserWarning, match="'drop' changes the total yield from 765 to 810"
    ):
        dropped = apply_negative_weight_policy(events, "drop")
    np.testing.assert_array_equal(dropped.event_id, np.arange(90, 900))
    with pytest.warns(UserWarning, match=r"'absolute' changes .* from 765 to 855"):
        absolute = apply_negative_weight_policy(events, "absolute")
    np.testing.assert_array_equal(absolute.weight, np.abs(weight))


@pytest.mark.parametrize("policy", ["error", "drop", "absolute", "keep"])
def test_policies_leave_positive_weights_alone(policy):
    events = make()
    assert apply_negative_weight_policy(events, policy) is events


def test_unknown_negative_policy():
    with pytest.raises(ValueError, match=r"'absolut'. Did you mean 'absolute'"):
        apply_negative_weight_policy(make(), "absolut")


@pytest.mark.parametrize("width", [0, 1, 3])
def test_group_rows_agrees_with_numpy(width):
    rows = np.random.default_rng(0).integers(0, 3, (200, width)).astype("float32")
    codes, groups = group_rows(rows)
    if width:
        expected, inverse = np.unique(rows, axis=0, return_inverse=True)
        assert groups == len(expected)
        np.testing.assert_array_equal(codes, inverse.ravel())
    else:
        assert groups == 1
        assert not codes.any()
    assert group_rows(np.array([[np.nan], [1], [np.nan]]))[1] == 2
