"""Files of ablations: settings that build on each other."""

import pytest

from kerashep._resources import resource_names
from kerashep.jobs.ablation import Ablation, list_ablations, load_ablation
from kerashep.training.recipe import load_recipe

PLAN = {
    "title": "Steps",
    "recipe": "higgsml_dense",
    "set": {"training.epochs": 3},
    "rows": [
        {"label": "a", "set": {"model.arguments": {"depth": 2}}},
        {"label": "b", "after": "a", "set": {"model.arguments.width": 9}},
        {"label": "c", "after": "b", "set": {"training.epochs": 5}},
        {"label": "trees", "trees": {"backend": "lightgbm", "trials": 30}},
    ],
    "quick": {"set": {"training.epochs": 1}},
}


def test_settings_build_on_those_of_the_line_before():
    plan = Ablation.model_validate(PLAN)
    recipe = load_recipe(plan.recipe, overrides=plan.overrides("c"))
    assert recipe.model.arguments == {"depth": 2, "width": 9}
    assert recipe.training.epochs == 5
    assert load_recipe(plan.recipe, overrides=plan.overrides("b")).training.epochs == 3
    quick = load_recipe(plan.recipe, overrides=plan.overrides("c", quick=True))
    assert quick.training.epochs == 1


def test_quick_trees_are_few():
    plan = Ablation.model_validate(PLAN)
    trees = plan.rows[3]
    assert plan.trees_of(trees).trials == 30
    quick = plan.trees_of(trees, quick=True)
    assert (quick.trials, quick.members) == (1, 1)
    assert plan.trees_of(plan.rows[0]) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": [{"label": "a"}, {"label": "a"}]}, "Received twice: a"),
        ({"rows": [{"label": "b", "after": "c"}]}, "a line before it"),
        ({"differences": [["a", "d"]]}, "names 'd', which is not there"),
        ({"foulds": 3}, "Extra inputs"),
        ({"rows": []}, "at least 1"),
    ],
)
def test_files_that_make_no_sense(change, message):
    with pytest.raises(ValueError, match=message):
        Ablation.model_validate({**PLAN, **change})


def test_unknown_names_are_explained():
    with pytest.raises(ValueError, match="Did you mean 'evolution'"):
        load_ablation("higgsml_dense", "evolutoin")


@pytest.mark.parametrize("name", resource_names("recipes", "recipe.yaml"))
def test_published_ablations_are_valid_recipes(name):
    for one in list_ablations(name):
        plan = load_ablation(name, one)
        for row in plan.rows:
            for quick in (False, True):
                load_recipe(
                    plan.recipe, overrides=plan.overrides(row.label, quick=quick)
                )


def test_a_whole_section_replaces_what_stood_inside_it():
    plan = Ablation.model_validate(
        {
            "title": "Order",
            "recipe": "higgsml_dense",
            "rows": [
                {"label": "a", "set": {"model.arguments": {"depth": 4}}},
                {
                    "label": "b",
                    "after": "a",
                    "set": {"model.arguments.activation": "relu"},
                },
                {"label": "c", "after": "b", "set": {"model.arguments": {"depth": 6}}},
            ],
        }
    )
    assert plan.overrides("c") == ('model.arguments={"depth": 6}',)
    assert plan.overrides("b") == (
        'model.arguments={"depth": 4}',
        'model.arguments.activation="relu"',
    )
