"""Published search studies start from valid recipes, within their spaces."""

import pytest

from kerashep._resources import resource_names
from kerashep.training.recipe import load_recipe
from kerashep.tuning.search_space import SearchSpace
from kerashep.tuning.study_file import find_study, load_tuning_study, override_texts
from kerashep.tuning.trials import changed_recipe
from tests.tuning.stub_hp import StubHp


@pytest.mark.parametrize("quick", [False, True], ids=["full", "quick"])
@pytest.mark.parametrize("name", resource_names("studies", "study.yaml"))
def test_a_published_study(name, quick):
    study = load_tuning_study(find_study(name))
    study = study.quickened() if quick else study
    settings = override_texts(study.settings)
    recipe = load_recipe(study.recipe, overrides=settings, quick=quick)
    space = SearchSpace(study.space, recipe)
    changed_recipe(recipe, space.overrides(StubHp()))
    assert "test" in recipe.data.split.fractions, "what the search may not see"
