"""What a recipe says without effect is said back."""

import warnings

import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.training.assembly import build_model, fit_scaler
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


def unscaled(**section):
    return recipe_from_dict(
        {
            "name": "particles",
            "model": {"name": "single_nn"},
            "data": {"dataset": "jets_simulated"},
            "preprocessing": {"scaling": "none", **section},
        }
    )


def test_four_vectors_stay_as_they_are():
    scaler = fit_scaler(unscaled(), EVENTS)
    np.testing.assert_array_equal(scaler.transform(EVENTS.features), EVENTS.features)
    plain = fit_scaler(recipe("single_nn"), EVENTS)
    assert not np.allclose(plain.transform(EVENTS.features), EVENTS.features)
    with pytest.raises(ValueError, match="`log_features` have no effect"):
        unscaled(log_features=["a"])


def test_absent_particles_cannot_be_scaled_and_the_key_is_named():
    absent = EVENTS.with_columns(features=EVENTS.features * [1, 1, 0])
    with pytest.raises(ValueError, match=r"c \(constant 0\.0\).*scaling: none"):
        fit_scaler(recipe("single_nn"), absent)
    assert fit_scaler(unscaled(), absent).scale.tolist() == [1, 1, 1]
