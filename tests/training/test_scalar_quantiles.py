"""Networks of electron identification by a recipe: quantiles, shapes, refusals."""

import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.layers import QuantileTransform
from kerashep.training.assembly import build_model
from kerashep.training.model_arguments import check_model_arguments
from kerashep.training.recipe import recipe_from_dict
from kerashep.training.recipe_yaml import parse_yaml

RNG = np.random.default_rng(1)
NAMES = tuple(f"c{i}" for i in range(16))
IMAGES = {"outer": [2, 3], "inner": [2, 3]}  # not in the order of the alphabet
WEIGHT = RNG.uniform(-0.2, 2.0, 300)
EVENTS = Events(
    features=RNG.exponential(size=(300, 16)).astype("float32"),
    feature_names=NAMES,
    label=(np.arange(300) % 2).astype("float32"),
    provenance="simulated",
    training_weight=WEIGHT,
)


def recipe(scaling="none", **changes):
    given = {"images": IMAGES, "scalars": 4, "filters": 2, "depth": 1, "units": [3]}
    return recipe_from_dict(
        {
            "name": "electrons",
            "model": {"name": "electron_net", "arguments": {**given, **changes}},
            "data": {"dataset": "file", "columns": {"features": list(NAMES)}},
            "preprocessing": {"scaling": scaling},
        }
    )


def test_quantiles_are_those_of_the_training_events():
    model = build_model(recipe(), EVENTS)
    layer = QuantileTransform.fit(EVENTS.features[:, 12:], abs(WEIGHT), 200)
    np.testing.assert_allclose(
        model.get_layer("scalar_quantiles").quantiles,
        layer.initial_quantiles,
        rtol=1e-6,
    )


def test_quantiles_that_are_given_stay():
    given = [[0.0, 1.0, 2.0]] * 4
    model = build_model(recipe(scalar_quantiles=given), EVENTS)
    np.testing.assert_array_equal(model.get_layer("scalar_quantiles").quantiles, given)


def test_the_written_recipe_keeps_the_order_of_the_images():
    again = parse_yaml(recipe().to_yaml(), source="recipe")
    model = build_model(recipe_from_dict(again), EVENTS)
    assert list(model.columns.images) == ["outer", "inner"]


def test_images_and_tracks_are_not_scaled():
    with pytest.raises(
        ValueError, match=r"as they are: set .preprocessing.scaling: none"
    ):
        build_model(recipe("standard"), EVENTS)


def test_more_than_two_classes_are_not_trained_as_two():
    with pytest.raises(ValueError, match=r"signal against background.*classes=6"):
        build_model(recipe(classes=6), EVENTS)


def test_arguments_of_another_type():
    with pytest.raises(
        ValueError, match="`name: value` lines, each value a list of int"
    ):
        check_model_arguments("electron_net", {"images": [2, 3]})
