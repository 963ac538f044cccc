"""One training a fold from a recipe, and the model that serves them all."""

import numpy as np
import pytest

from kerashep.data.weights import with_training_weights
from kerashep.datasets import load_dataset
from kerashep.training.ensemble_fit import train_ensemble
from kerashep.training.front_layers import cartesian_layer, with_components
from kerashep.training.recipe import load_recipe

RECIPE = """
name: small
model: {name: dense_classifier, arguments: {depth: 2, width: 8}}
data:
  dataset: higgs_simulated
  arguments: {cartesian: true}
  split: {fractions: {train: 1.0}}
preprocessing:
  categorical: {PRI_jet_num: 4}
training:
  epochs: 2
  batch_size: 64
  learning_rate: 1e-2
  schedule: {name: one_cycle}
  symmetry:
    vectors:
      - {px: PRI_tau_px, py: PRI_tau_py, pz: PRI_tau_pz}
      - {px: PRI_lep_px, py: PRI_lep_py, pz: PRI_lep_pz}
      - {px: PRI_jet_leading_px, py: PRI_jet_leading_py, pz: PRI_jet_leading_pz}
      - {px: PRI_jet_subleading_px, py: PRI_jet_subleading_py, pz: PRI_jet_subleading_pz}
      - {px: PRI_met_px, py: PRI_met_py}
    test_rotations: 2
  ensemble: {folds: 3}
"""
SGDR = "training.schedule={name: sgdr, cycle_epochs: 1, growth: 1}"


@pytest.fixture(scope="module")
def events():
    sample = load_dataset("higgs_simulated", events=900, cartesian=True, seed=1)
    return with_training_weights(sample, "balanced")


@pytest.fixture
def recipe_of(tmp_path):
    def make(*overrides):
        path = tmp_path / "recipe.yaml"
        path.write_text(RECIPE)
        return load_recipe(str(path), overrides=overrides)

    return make


def turned(features, names):
    """All momenta turned by pi about the beam and reversed along it."""
    flipped = features.copy()
    for i, name in enumerate(names):
        if name.endswith(("_px", "_py", "_pz")):
            flipped[:, i] *= -1
    return flipped


def test_members_are_one_model_whose_copies_make_it_symmetric(events, recipe_of):
    told = []
    trained = train_ensemble(recipe_of(), {"train": events}, done=told.append)
    assert [model.fold for model in told] == [0, 1, 2]
    assert trained.folds.traces == 1
    assert trained.out_of_fold.shape == (900,)
    score = trained.score(events.features)
    again = trained.score(turned(events.features, events.feature_names))
    np.testing.assert_allclose(again, score, rtol=2e-4, atol=2e-5)
    weights = trained.model.weights_of_members
    losses = 1 / trained.folds.validation_losses
    np.testing.assert_allclose(weights, losses / losses.sum())
    assert [row["epoch"] for row in trained.history] == [1, 2]
    assert set(trained.history[0]) >= {"loss", "val_loss"}


def test_category_numbers_are_not_scaled(events, recipe_of):
    trained = train_ensemble(
        recipe_of("training.ensemble.members=1"), {"train": events}
    )
    column = events.feature_names.index("PRI_jet_num")
    scaler = trained.folds.models[0].scaler
    assert (scaler.mean[column], scaler.scale[column]) == (0, 1)
    (member,) = trained.model.members
    assert member.categorical_columns == (column,)
    left_out = trained.folds.models[0].rows
    assert np.isfinite(trained.out_of_fold[left_out]).all()
    assert np.isnan(trained.out_of_fold).sum() == 900 - len(left_out)


def test_a_common_frame_takes_the_place_of_copies(events, recipe_of):
    recipe = recipe_of(
        "training.symmetry.test_rotations=0",
        "training.symmetry.frame={reference: PRI_lep_px, partner: PRI_tau_px}",
    )
    trained = train_ensemble(recipe, {"train": events})
    assert trained.model.members[0].num_features == 30
    score = trained.score(events.features)
    again = trained.score(turned(events.features, events.feature_names))
    np.testing.assert_allclose(again, score, rtol=2e-4, atol=2e-5)


def test_snapshots_are_further_members(events, recipe_of):
    recipe = recipe_of(SGDR, "training.ensemble.snapshots={previous: 1}")
    trained = train_ensemble(recipe, {"train": events})
    sizes = [len(model.members) for model in trained.folds.models]
    assert max(sizes) == 2
    assert len(trained.model.members) == sum(sizes)


def test_short_cycles_afterwards_are_further_members(events, recipe_of):
    recipe = recipe_of(
        "training.ensemble.members=1",
        "training.ensemble.geometric={cycles: 2, cycle: 1}",
    )
    (fold,) = train_ensemble(recipe, {"train": events}).folds.models
    assert 1 <= len(fold.members) <= 3


def test_weights_are_averaged_from_the_first_sub_epoch_on(events, recipe_of):
    options = ["training.ensemble.members=1", "training.ensemble.sub_epochs=2"]
    plain, mean = (
        train_ensemble(recipe_of(*options, *more), {"train": events})
        for more in ([], ["training.ensemble.averaging={start: 1, keep: average}"])
    )
    ours, theirs = (t.folds.models[0].members[0].weights for t in (mean, plain))
    assert len(mean.history) == 4
    assert not np.allclose(ours[1], theirs[1])


def test_early_stopping_counts_sub_epochs(events, recipe_of):
    recipe = recipe_of(
        "training.epochs=30",
        "training.learning_rate=0.2",
        "training.schedule=null",
        "training.ensemble.members=1",
        "training.early_stopping={patience: 1, monitor: val_loss}",
    )
    (fold,) = train_ensemble(recipe, {"train": events}).folds.models
    history = fold.history["val_loss"]
    assert len(history) < 30
    assert fold.validation_loss == pytest.approx(min(history), rel=1e-4)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.ensemble.members=5", "must not exceed `folds`"),
        ("training.compiled=false", "compiled: false"),
        ("training.tensorboard=true", "tensorboard"),
        ("training.loss=soft_ams", "soft_ams"),
        ("training.early_stopping={patience: 2}", "must be `val_loss`"),
        ("training.ensemble.snapshots={}", "sgdr or cyclical"),
        ("training.ensemble=null", "need.*training.ensemble|served ensemble"),
        ("training.symmetry.frame={reference: a, partner: b}", "test_rotations"),
        ("training.ensemble.averaging={start: 3, renewal: 2}", "belongs to `start"),
        (
            "training.ensemble={averaging: {}, geometric: {}}",
            "alternatives",
        ),
    ],
)
def test_settings_that_do_not_fit_are_refused(recipe_of, override, message):
    with pytest.raises(ValueError, match=message):
        recipe_of(override)


def test_categories_must_fit_events_and_model(events, recipe_of):
    for override, message in (
        ("preprocessing.categorical={PRI_jet: 4}", "no feature"),
        ("preprocessing.categorical={PRI_jet_num: 2}", "from 0 to 1"),
        ("preprocessing.categorical={DER_mass_vis: 4}", "category numbers"),
        ("model={name: single_nn}", "no embedding"),
        ("model.arguments.cardinalities=[4]", "follows from"),
    ):
        with pytest.raises(ValueError, match=message):
            train_ensemble(recipe_of(override), {"train": events})


MOMENTA = """[
  {pt: PRI_tau_pt, eta: PRI_tau_eta, phi: PRI_tau_phi},
  {pt: PRI_lep_pt, eta: PRI_lep_eta, phi: PRI_lep_phi},
  {pt: PRI_jet_leading_pt, eta: PRI_jet_leading_eta, phi: PRI_jet_leading_phi},
  {pt: PRI_jet_subleading_pt, eta: PRI_jet_subleading_eta, phi: PRI_jet_subleading_phi},
  {pt: PRI_met, phi: PRI_met_phi},
]"""


def test_momenta_of_files_become_the_components_of_the_data_set(events, recipe_of):
    raw = load_dataset("higgs_simulated", events=900, seed=1)
    momenta = recipe_of(f"preprocessing.cartesian={MOMENTA}").preprocessing.cartesian
    layer = cartesian_layer(momenta, raw.feature_names)
    found = with_components(raw, layer, momenta)
    assert found.feature_names == events.feature_names
    assert found.feature_units == events.feature_units
    np.testing.assert_allclose(found.features, events.features, rtol=1e-5, atol=1e-3)


def test_a_model_of_components_takes_the_momenta_of_files(recipe_of):
    raw = load_dataset("higgs_simulated", events=900, seed=1)
    raw = with_training_weights(raw, "balanced")
    recipe = recipe_of(
        f"preprocessing.cartesian={MOMENTA}", "training.ensemble.members=1"
    )
    trained = train_ensemble(recipe, {"train": raw})
    assert trained.model.input["x"].shape[-1] == 30
    phi = [i for i, name in enumerate(raw.feature_names) if name.endswith("_phi")]
    turned = raw.features.copy()
    turned[:, phi] = np.mod(turned[:, phi] + 2 * np.pi, 2 * np.pi) - np.pi
    score = trained.score(raw.features)
    np.testing.assert_allclose(trained.score(turned), score, rtol=1e-3, atol=1e-4)


def test_momenta_are_named_by_their_azimuth(recipe_of):
    with pytest.raises(ValueError, match="ends in _phi"):
        recipe_of("preprocessing.cartesian=[{pt: a, phi: b}]")
    with pytest.raises(ValueError, match="served ensemble"):
        recipe_of(
            "preprocessing.cartesian=[{pt: a, phi: b_phi}]",
            "training.ensemble=null",
            "training.symmetry=null",
        )
