"""Spaces: constructor arguments and recipe values, and what does not fit is said."""

import inspect

import pytest

from kerashep.training.recipe import load_recipe
from kerashep.tuning.model_spaces import MODEL_SPACES, has_wide_last_layer, model_space
from kerashep.tuning.search_space import SearchSpace
from kerashep.tuning.space_section import SpaceSection
from kerashep.tuning.training_spaces import TRAINING_SPACES
from tests.tuning.stub_hp import StubHp


@pytest.fixture(scope="module")
def recipe():
    return load_recipe("affine_pnn_resonance")


def space(recipe, **section):
    return SearchSpace(SpaceSection.model_validate(section), recipe)


@pytest.mark.parametrize("name", MODEL_SPACES)
def test_a_model_space_gives_arguments_of_its_model(name):
    from kerashep.zoo.registry import model_class

    chosen = MODEL_SPACES[name]
    accepted = inspect.signature(model_class(chosen.model)).parameters
    assert set(chosen.arguments(StubHp())) <= set(accepted)


def test_the_perceptron_of_the_single_top_study():
    hp = StubHp(hidden_layers=3, hidden_layers_dim=250, dropout_rate=0.2)
    assert MODEL_SPACES["single_top_mlp"].arguments(hp) == {
        "units": [250, 250, 250],
        "activation": "relu",
        "dropout": 0.2,
    }
    assert hp.asked == {
        "hidden_layers": (1, 7, 1, "linear"),
        "hidden_layers_dim": (50, 1000, 50, "linear"),
        "dense_activation": ["relu", "tanh"],
        "dropout_rate": (0.1, 0.5, 0.1, "linear"),
    }


def test_the_scan_of_the_higgsml_study():
    scan, hp = model_space("random_scan"), StubHp(l2=1e-3)
    assert scan.arguments(hp)["l2"] == 5e-4, "weight decay is twice the penalty"
    assert hp.asked["depth"][:2] == (2, 8), "[2, 9)"
    assert hp.asked["width"][:2] == (33, 100), "[33, 101)"
    assert hp.asked["growth"][:2] == (-0.2, 1.0)
    assert scan.parameter_limits == (5_000, 100_000)
    narrow = {"depth": 6, "width": 33, "growth": -0.2}
    assert not has_wide_last_layer(narrow), "33 (1 - 5 x 0.2) is nothing"
    assert has_wide_last_layer({**narrow, "depth": 5})


def test_values_of_any_recipe_key(recipe):
    values = {
        "training.learning_rate": {"low": 1e-4, "high": 1e-2, "scale": "log"},
        "training.epochs": {"low": 5, "high": 20, "step": 5},
        "training.schedule": [None, {"name": "cosine"}],
        "training.early_stopping.min_delta": [0, 1e-3],
    }
    hp = StubHp(learning_rate=0.1 + 0.2, schedule='{"name": "cosine"}')
    assert space(recipe, values=values).overrides(hp) == {
        "training.learning_rate": 0.3,
        "training.epochs": 5,
        "training.schedule": {"name": "cosine"},
        "training.early_stopping.min_delta": 0.0,
    }
    assert hp.asked["learning_rate"] == (1e-4, 1e-2, None, "log")
    assert hp.asked["epochs"] == (5, 20, 5, "linear")
    assert hp.asked["schedule"] == ["null", '{"name": "cosine"}']


def test_every_choice_of_training_gives_a_valid_recipe(recipe):
    from kerashep.tuning.trials import changed_recipe

    chosen = space(recipe, training=sorted(TRAINING_SPACES))
    hp = StubHp(background_mass="uniform fixed", augmentation=False, balance="class")
    changed = changed_recipe(recipe, chosen.overrides(hp)).training
    assert changed.background_mass.distribution == "uniform"
    assert changed.background_mass.assignment == "fixed"
    assert changed.symmetry is None
    assert (changed.balance, changed.batch_size) == ("class", 128)
    assert changed.schedule.name == "one_cycle"
    assert hp.asked["balance"] == ["none", "class", "signal", "background", "full"]
    with_symmetry = changed_recipe(recipe, chosen.overrides(StubHp()))
    assert with_symmetry.training.symmetry == recipe.training.symmetry


def test_choices_that_do_not_fit_the_recipe():
    settings = ("model.name=dense_classifier", "model.arguments={}")
    plain = load_recipe("affine_pnn_resonance", overrides=settings)
    hp = StubHp()
    space(plain, training=["balance", "l2"]).overrides(hp)
    assert hp.asked["balance"] == ["none", "class"], "it takes no mass"
    with pytest.raises(ValueError, match=r"models that take the mass\. .*dense_class"):
        space(plain, training=["background_mass"])
    unturned = load_recipe("affine_pnn_resonance", overrides=["training.symmetry=null"])
    with pytest.raises(ValueError, match="which has none"):
        space(unturned, training=["augmentation"])


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"model": "dense_clasifier"}, "Did you mean 'dense_classifier'"),
        ({"training": ["balanced"]}, "Did you mean 'balance'"),
        ({}, "must hold `model`, `training` or `values`"),
        ({"values": {"a.b": {"low": 2, "high": 1}}}, "`low` must be less than `high`"),
        ({"values": {"a.b": {"low": 0, "high": 1, "scale": "log"}}}, "positive `low`"),
        ({"values": {"a.b": {"low": 1, "high": 2, "step": 0}}}, "must be more than 0"),
        ({"values": {"a.b": []}}, "at least 1 item"),
        (
            {"training": ["l2"], "parameter_limits": {"least": 9, "most": 8}},
            "must not exceed `most`",
        ),
    ],
)
def test_sections_at_fault(section, message):
    with pytest.raises(ValueError, match=message):
        SpaceSection.model_validate(section)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"model": "random_scan"}, "space of the model 'dense_classifier'"),
        ({"model": "affine_pnn", "training": ["l2"]}, "twice: .*kernel_l2"),
        (
            {"training": ["batch_size"], "values": {"training.batch_size": [1, 2]}},
            "twice: batch_size, training.batch_size",
        ),
        (
            {
                "training": ["one_cycle_peak"],
                "values": {"training.schedule.name": ["cosine", "sgdr"]},
            },
            "twice: training.schedule",
        ),
    ],
)
def test_parts_that_exclude_each_other(recipe, section, message):
    with pytest.raises(ValueError, match=message):
        space(recipe, **section)


def test_hyperparameters_of_the_same_last_name_keep_their_paths(recipe):
    values = {
        "training.schedule.name": ["cosine", "sgdr"],
        "model.name": ["affine_pnn", "parametric_nn"],
    }
    hp = StubHp()
    space(recipe, values=values).overrides(hp)
    assert list(hp.asked) == ["training.schedule.name", "model.name"]
