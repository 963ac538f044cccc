"""What is drawn of the inside of a network."""

import keras
import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.jobs.inner_figures import inner_figures
from kerashep.training.recipe import load_recipe
from kerashep.zoo import Ensemble, ParallelNet, Preprocessed, SingleNN

NAMES = ("met", "mass", "jets", "pt")
SPLIT = {
    "wide_features": [0],
    "cardinalities": [3],
    "categorical_columns": [2],
    "embedding_widths": [2],
    "wide_width": 3,
    "deep_depth": 1,
}


def sample():
    rng = np.random.default_rng(1)
    features = rng.normal(50, 5, (60, 4)).astype("float32")
    features[:, 2] = np.arange(60) % 3
    return Events(
        features=features,
        feature_names=NAMES,
        label=np.arange(60) % 2,
        provenance="simulated",
    )


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text("name: r\nmodel: {name: single_nn}\ndata: {dataset: resonance}\n")
    return load_recipe(str(path))


@pytest.mark.parametrize("served", [Preprocessed, Ensemble])
def test_embedding_and_reliance_of_a_parallel_network(served, recipe):
    keras.utils.set_random_seed(1)
    model = ParallelNet(4, split="bottleneck", **SPLIT)
    inner = [model] if served is Ensemble else model
    scaled = served(inner, mean=[50.0, 50, 0, 50], scale=[5.0, 5, 1, 5])
    names = [figure.name for figure in inner_figures(recipe, scaled, sample())]
    assert names == [
        "embedding_jets",
        "block_reliance",
        "bottleneck_wide",
        "bottleneck_wide_output",
        "bottleneck_deep",
        "bottleneck_deep_output",
    ]
    full = ParallelNet(4, split="full", **SPLIT)
    found = inner_figures(recipe, full, sample())
    assert [figure.name for figure in found] == ["embedding_jets", "block_reliance"]


def test_nothing_of_other_models(recipe):
    assert inner_figures(recipe, SingleNN(4), sample()) == []
