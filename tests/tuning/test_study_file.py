"""Study files: what is wrong is said before anything is trained."""

import pytest
import yaml

from kerashep.tuning.study_file import TuningStudy, find_study, load_tuning_study

MINIMAL = {
    "title": "t",
    "recipe": "affine_pnn_resonance",
    "space": {"training": ["batch_size"]},
    "budget": {"trials": 3},
}


def write(folder, **changes):
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump({**MINIMAL, **changes}))
    return path


def test_a_study_is_found_by_its_folder(tmp_path):
    path = write(tmp_path)
    assert find_study(str(tmp_path)) == path
    assert load_tuning_study(path).budget.trials == 3
    with pytest.raises(ValueError, match="Unknown name or path 'nothing'"):
        find_study("nothing")


def test_a_recipe_beside_the_study_is_meant(tmp_path):
    (tmp_path / "recipe.yaml").write_text("")
    study = load_tuning_study(write(tmp_path, recipe="recipe.yaml"))
    assert study.recipe == str(tmp_path / "recipe.yaml")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"objective": {"name": "roc_acu"}}, "objective.name.*mean 'roc_auc'"),
        ({"objective": {"fraction": 0}}, "objective.fraction"),
        ({"budget": {}}, "`budget` must hold `trials` or `seconds`"),
        ({"tuner": {"name": "optuna"}}, "tuner.name"),
        ({"folds": 1}, "folds"),
        ({"trials": 3}, "trials: Extra inputs"),
        (
            {"tuner": {"name": "hyperband"}, "pruning": {}},
            "`pruning` compares trainings of equal length",
        ),
        (
            {
                "tuner": {"name": "bayesian"},
                "space": {"training": ["l2"], "parameter_limits": {"most": 9}},
            },
            "can draw again",
        ),
        (
            {"tuner": {"name": "bayesian"}, "space": {"model": "random_scan"}},
            "can draw again",
        ),
    ],
)
def test_what_is_wrong(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message) as error:
        load_tuning_study(write(tmp_path, **changes))
    assert "study.yaml is not valid" in str(error.value)


def test_a_grid_ends_by_itself():
    TuningStudy.model_validate({**MINIMAL, "budget": {}, "tuner": {"name": "grid"}})


def test_quick_settings():
    quick = {"trials": 2, "folds": 4, "set": {"training.epochs": 1}}
    content = {**MINIMAL, "set": {"training.epochs": 9, "seed": 1}, "quick": quick}
    study = TuningStudy.model_validate(content).quickened()
    assert study.budget.trials == 2
    assert study.folds == 4
    assert study.settings == {"training.epochs": 1, "seed": 1}
