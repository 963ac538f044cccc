"""What a recipe says without effect is said back."""

import warnings

import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.training.assembly import build_model
from kerashep.training.recipe import recipe_from_dict

EVENTS = Events(
    features=np.random.default_rng(0).normal(size=(4, 3)),
    feature_names=("a", "b", "c"),
    label=np.array([1, 1, 0, 0]),
    provenance="simulated",
    parameters=np.array([[500], [750], [np.nan], [np.nan]], "float32"),
    parameter_names=("mass",),
)


def recipe(model, **rule):
    return recipe_from_dict(
        {
            "name": "small",
            "model": {"name": model},
            "data": {"dataset": "resonance"},
            "training": {"background_mass": rule},
        }
    )


@pytest.mark.parametrize("model", ["single_nn", "dense_classifier"])
@pytest.mark.parametrize("rule", [{"distribution": "uniform"}, {"assignment": "fixed"}])
def test_a_background_mass_without_a_mass_input_is_warned_of(model, rule):
    words = rf"`training.background_mass` has no effect: .*{model}"
    with pytest.warns(UserWarning, match=words):
        build_model(recipe(model, **rule), EVENTS)


@pytest.mark.parametrize(
    ("model", "rule"),
    [
        ("single_nn", {}),
        ("single_nn", {"distribution": "identical", "assignment": "sampled"}),
        ("affine_pnn", {"distribution": "uniform"}),
        ("individual_nns", {"assignment": "fixed"}),
    ],
)
def test_defaults_and_models_with_a_mass_are_not(model, rule):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        build_model(recipe(model, **rule), EVENTS)
