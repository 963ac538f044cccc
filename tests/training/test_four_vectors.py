"""Recipes of models that take four-vectors."""

import pytest

from kerashep.training.assembly import build_model, build_pipeline, fit_scaler
from kerashep.training.recipe import load_recipe

RECIPE = """
name: jets
model: {name: lbn_classifier, arguments: {combinations: 3, units: [8]}}
data: {dataset: jets_simulated, arguments: {events: 200, constituents: 10}}
preprocessing: {scaling: none}
training:
  batch_size: 20
  symmetry: {vectors: [{px: PX_*, py: PY_*, pz: PZ_*}]}
"""


@pytest.fixture
def recipe_of(tmp_path):
    def make(*overrides):
        path = tmp_path / "recipe.yaml"
        path.write_text(RECIPE)
        return load_recipe(str(path), overrides=overrides)

    return make


@pytest.fixture(scope="module")
def jets():
    from kerashep.datasets import load_dataset

    return load_dataset("jets_simulated", events=200, constituents=10)


def test_batches_hold_rotated_jets_in_gev(recipe_of, jets):
    recipe = recipe_of()
    scaler = fit_scaler(recipe, jets)
    pipeline = build_pipeline(recipe, jets, parametric=False, scaler=scaler, seed=1)
    batch = next(iter(pipeline.batches(0)))[0]["x"].reshape(20, 10, 4)
    mass2 = batch[..., 0] ** 2 - (batch[..., 1:] ** 2).sum(-1)
    assert abs(mass2).max() < 1e-3 * (batch[..., 0] ** 2).max()
    total = {round(float(e), 1) for e in batch[..., 0].sum(1)}
    energies = jets.features.reshape(200, 10, 4)[..., 0].sum(1)
    assert total <= {round(float(e), 1) for e in energies}


def test_scaled_four_vectors_are_refused(recipe_of, jets):
    recipe = recipe_of("preprocessing.scaling=standard")
    with pytest.raises(ValueError, match=r"set `preprocessing\.scaling: none`"):
        build_model(recipe, jets)
    assert build_model(recipe_of(), jets).num_features == 40
