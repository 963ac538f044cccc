import math
from dataclasses import replace

import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.jobs.checks import (
    check_ams,
    check_masses,
    check_rows,
    check_test_signal,
    check_weights,
    check_without_mass,
)
from kerashep.training.recipe import recipe_from_dict


def sample(weight=None, masses=(500.0, 750.0)):
    """Sixteen background events, then two of signal at each mass."""
    mass = np.array([np.nan] * 16 + [m for mass in masses for m in (mass, mass)])
    return Events(
        features=np.arange(len(mass), dtype="float32")[:, None],
        feature_names=("x",),
        label=np.isfinite(mass).astype("float32"),
        provenance="simulated",
        parameters=mass[:, None].astype("float32"),
        parameter_names=("mass",),
        weight=None if weight is None else np.array(weight, "float64"),
    )


@pytest.mark.parametrize("mass", [-500.0, 0.0, math.nan, math.inf])
def test_what_can_be_no_mass(mass):
    with pytest.raises(ValueError, match=rf"positive number of GeV.*: {mass:g}\."):
        check_masses([500.0, mass])


def test_masses_and_rows_that_pass():
    check_masses([0.5, 1e6])
    check_masses(None)
    check_rows(((500.0, -0.3),))


def test_row_that_is_not_finite():
    with pytest.raises(ValueError, match=r"finite numbers.*Received: 500,nan\."):
        check_rows(((500.0, 0.3), (500.0, math.nan)))


def test_masses_that_are_there_are_named():
    check_test_signal(sample(), ((500.0,), (750.0,)), "--mass")
    words = r"\(--mass\)\. There is none at 600 GeV, only at 500, 750 GeV\."
    with pytest.raises(ValueError, match=words):
        check_test_signal(sample(), ((500.0,), (600.0,)), "--mass")


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        ([1, -1] * 8 + [1] * 4, r"16 background of the test .*: 8 of .* sum 0 ± 4"),
        ([1, 1, 1, -1] * 4 + [1] * 4, r"background of the test .* sum 8 ± 4, are bel"),
        ([1] * 16 + [0, 0, 1, 1], "at 500 GeV: all weights are zero. Check `data.co"),
    ],
)
def test_weights_by_which_nothing_can_be_measured(weight, words):
    parts = {"train": sample(), "test": sample(weight)}
    with pytest.raises(ValueError, match=words):
        check_weights(parts, ((500.0,), (750.0,)), print)


def test_weights_of_each_mass_count():
    test = sample([1] * 17 + [-0.9] + [1] * 16, masses=(500.0, *[750.0] * 8))
    with pytest.raises(ValueError, match="2 signal of the test events at 500 GeV: 1"):
        check_weights({"train": test, "test": test}, ((500.0,), (750.0,)), print)


def test_weights_of_the_training_events_count_too():
    parts = {"train": sample([1] * 17 + [-1] * 2 + [1]), "test": sample()}
    with pytest.raises(ValueError, match="4 signal of the training events: 2 of"):
        check_weights(parts, (), print)


def test_what_negative_weights_cost_is_said():
    said = []
    check_weights({"train": sample(), "test": sample()}, (), said.append)
    assert not said
    negative = sample([-1] + [1] * 19)
    check_weights({"train": sample(), "test": negative}, ((500.0,),), said.append)
    assert "1 of 20 test events have a negative weight" in said[0]
    assert "curves are left out" in said[0]


def recipe(**sections):
    content = {
        "name": "mine",
        "model": {"name": "single_nn"},
        "data": {"dataset": "resonance"},
    }
    return recipe_from_dict({**content, **sections})


def test_settings_that_need_a_mass_are_named_at_once():
    events = sample()
    empty = np.empty((len(events), 0), "float32")
    without = replace(events, parameters=empty, parameter_names=())
    chosen = recipe(
        training={"balance": "full"},
        evaluation={"interpolation": {"drop": [[750]]}, "extrapolation": True},
    )
    check_without_mass(chosen, events)
    check_without_mass(recipe(training={"balance": "class"}), without)
    with pytest.raises(ValueError, match="The events have no mass") as raised:
        check_without_mass(chosen, without)
    assert (
        "Add --set training.balance=class --set evaluation.interpolation=null --set "
        "evaluation.extrapolation=false, or"
    ) in str(raised.value)


def test_the_ams_is_not_for_events_with_a_mass():
    ams = {"ams": {"fraction": 0.15, "regularisation": 10}}
    check_ams(recipe(), sample())
    words = r"best_significance`\. Leave it out\. .* with the parameters mass\."
    with pytest.raises(ValueError, match=words):
        check_ams(recipe(evaluation=ams), sample())
