"""Recipes: reading, validating, messages, writing back."""

import subprocess
import sys

import pytest
import yaml

from kerashep.training.recipe import Recipe, load_recipe, recipe_from_dict

MINIMAL = {
    "name": "mine",
    "model": {"name": "affine_pnn"},
    "data": {"dataset": "resonance"},
}


def with_value(path, value):
    content = {key: dict(v) if isinstance(v, dict) else v for key, v in MINIMAL.items()}
    node = content
    *parents, last = path.split(".")
    for part in parents:
        node = node.setdefault(part, {})
    node[last] = value
    return content


def write(folder, text):
    path = folder / "recipe.yaml"
    path.write_text(text)
    return path


def test_defaults_are_those_of_the_paper():
    training = recipe_from_dict(MINIMAL).training
    assert (training.epochs, training.batch_size) == (25, 1024)
    assert (training.optimizer, training.learning_rate) == ("adam", 3e-4)
    assert training.background_mass.distribution == "identical"
    assert training.background_mass.assignment == "sampled"


def test_dump_holds_every_key_and_reads_back_equal(tmp_path):
    content = with_value("training.early_stopping", {"patience": 3})
    content["data"] = {"dataset": "file", "columns": {"features": ["pt", "eta"]}}
    content["evaluation"] = {"interpolation": {"drop": [[750], [500, 1500]]}}
    recipe = recipe_from_dict(content)
    path = write(tmp_path, recipe.to_yaml())
    assert load_recipe(path) == recipe
    assert set(yaml.safe_load(path.read_text())) == set(Recipe.model_fields)


def test_recipe_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        recipe_from_dict(MINIMAL).seed = 3


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("training.epoch", 3, r"'training\.epoch'.*mean 'training\.epochs'"),
        ("epochs", 3, r"'epochs'.*mean 'training\.epochs'"),
        ("data.split.seeds", 3, r"'data\.split\.seeds'.*mean 'data\.split\.seed'"),
        ("zzz", 3, r"'zzz'\. Available here: name, description"),
        (
            "training.background_mass.distribtion",
            "uniform",
            r"mean 'training\.background_mass\.distribution'",
        ),
        (
            "data.columns",
            {"features": ["a"], "lable": "b"},
            r"data\.columns: Unknown key 'lable'.*mean 'label'",
        ),
    ],
)
def test_unknown_key_names_the_closest(path, value, message):
    with pytest.raises(ValueError, match=message):
        recipe_from_dict(with_value(path, value))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("training.epochs", "many", r"training\.epochs must be a valid int.*'many'"),
        ("training.epochs", 0, r"training\.epochs must be greater than 0.*Received: 0"),
        ("training.learning_rate", -1.0, r"training\.learning_rate must be greater"),
        ("training.optimizer", "adma", r"must be 'adam', 'adamw' or 'sgd'.*'adma'"),
        ("training.balance", "half", r"'none', 'class', 'signal'.*'half'"),
        ("training.compiled", "perhaps", r"training\.compiled must be a valid bool"),
        ("data.split.fractions", {"train": 0.5}, r"fractions.*add up to 1.*0\.5"),
        ("data.split.fractions", {"test": 1.0}, "give `train` a part"),
        ("data.split.fractions", {"tain": 1.0}, r"data\.split\.fractions\.tain"),
        ("data.negative_weights", "ignore", "'error', 'drop', 'absolute' or 'keep'"),
        ("data.provenance", "fake", "'real', 'pythia' or 'simulated'"),
        ("evaluation.bootstrap", 1, r"evaluation\.bootstrap must be greater"),
        ("evaluation.interpolation", {"drop": []}, r"interpolation\.drop"),
        ("evaluation.masses_gev", [500, -1], r"masses_gev\.1 must be greater than 0"),
        ("name", "a b", r"name String should match pattern"),
        ("seed", -1, "seed must be greater than or equal to 0"),
        ("data", {}, r"'data\.dataset' is required"),
    ],
)
def test_wrong_value_says_where_what_and_what_arrived(path, value, message):
    with pytest.raises(ValueError, match=message):
        recipe_from_dict(with_value(path, value))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "training.background_mass",
            {"distribution": "binned"},
            "`reconstructed` names",
        ),
        ("training.background_mass", {"reconstructed": "m"}, "`reconstructed` names"),
        (
            "training.background_mass",
            {"distribution": "binned", "reconstructed": "m", "assignment": "sampled"},
            "set `assignment: fixed`",
        ),
        (
            "training",
            {"schedule": {"name": "one_cycle"}, "optimizer": "adamw"},
            "one_cycle` moves the momentum.*'adamw'",
        ),
        (
            "training",
            {"optimizer": "sgd", "beta_1": 0.8},
            "`beta_1` does not apply to `optimizer: sgd`, only to adam, adamw.*=0.8",
        ),
        ("training", {"weight_decay": 0.1}, "`optimizer: adam`, only to adamw"),
        ("training", {"momentum": 0.5}, "only to sgd. Received: momentum=0.5"),
        ("training", {"beta_1": 1.0}, "training.beta_1 must be less than 1"),
        (
            "training",
            {"schedule": {"name": "one_cycle"}, "beta_1": 0.8},
            "one_cycle` moves `beta_1`: set `schedule.momentum_high`",
        ),
        (
            "training",
            {"schedule": {"name": "one_cycle"}, "beta_1": 0.0},
            r"one_cycle` moves `beta_1`: .*beta_1=0\.0",
        ),
        (
            "training",
            {"schedule": {"name": "one_cycle"}, "optimizer": "sgd", "momentum": 0.0},
            r"one_cycle` moves `momentum`: .*momentum=0\.0",
        ),
        (
            "training.schedule",
            {"name": "cosine", "growth": 3},
            "`growth` does not apply to `name: cosine`, only to sgdr",
        ),
        (
            "training.schedule",
            {"name": "sgdr", "momentum_low": 0.8},
            "`momentum_low` does not apply to `name: sgdr`, only to one_cycle",
        ),
        (
            "training.schedule",
            {"name": "one_cycle", "warmup_epochs": 1},
            "leave `warmup_epochs` out",
        ),
        (
            "training.schedule",
            {"name": "cosine", "warmup_epochs": 25},
            "shorter than the training.*warmup_epochs=25, epochs=25",
        ),
        ("data", {"dataset": "file"}, "needs `columns`"),
        ("data.paths", ["a.root"], "`paths` need `dataset: file`"),
        (
            "data",
            {"dataset": "file", "columns": {"features": ["a"]}, "arguments": {"n": 1}},
            "`arguments` belong to a named data set",
        ),
    ],
)
def test_options_that_cannot_act_together_are_refused(path, value, message):
    with pytest.raises(ValueError, match=message):
        recipe_from_dict(with_value(path, value))


def test_early_stopping_needs_what_it_watches():
    content = with_value("training.early_stopping", {"patience": 2})
    content["data"] = {
        "dataset": "resonance",
        "split": {"fractions": {"train": 0.5, "test": 0.5}},
    }
    with pytest.raises(ValueError, match=r"'val_auc'.*fractions\.validation"):
        recipe_from_dict(content)
    content["training"]["early_stopping"]["monitor"] = "loss"
    assert recipe_from_dict(content).training.early_stopping.patience == 2


def test_all_faults_are_listed_at_once():
    content = with_value("training.epochs", "x")
    content["modle"] = {}
    with pytest.raises(ValueError, match=r"(?s)training\.epochs.*mean 'model'"):
        recipe_from_dict(content)


def test_syntax_error_names_file_and_line(tmp_path):
    path = write(tmp_path, "name: mine\nmodel: {name: affine_pnn\ndata:\n")
    with pytest.raises(
        ValueError, match=r"recipe\.yaml, line 3, column \d+: not valid"
    ):
        load_recipe(path)


def test_key_given_twice_is_refused(tmp_path):
    path = write(tmp_path, "name: mine\nseed: 1\nseed: 2\n")
    with pytest.raises(ValueError, match=r"line 3.*'seed' is given twice"):
        load_recipe(path)


@pytest.mark.parametrize("text", ["", "- a\n", "3\n"])
def test_file_without_keys_is_refused(tmp_path, text):
    with pytest.raises(ValueError, match=r"must hold `key: value`"):
        load_recipe(write(tmp_path, text))


def test_no_text_file_is_refused(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_bytes(b"PAR1\xff\xfe\x00")
    with pytest.raises(ValueError, match="not a text file"):
        load_recipe(path)


def test_code_in_yaml_is_not_run(tmp_path):
    path = write(tmp_path, "name: !!python/object/apply:os.getcwd []\n")
    with pytest.raises(ValueError, match="not valid YAML"):
        load_recipe(path)


def test_exponent_without_point_is_a_number_everywhere(tmp_path):
    text = (
        "name: a\ndata: {dataset: resonance}\n"
        "model: {name: affine_pnn, arguments: {kernel_l2: 1e-4, bias_l2: -2.5E+3}}\n"
    )
    arguments = load_recipe(write(tmp_path, text)).model.arguments
    assert arguments == {"kernel_l2": 1e-4, "bias_l2": -2500.0}


def test_paths_are_relative_to_the_recipe(tmp_path):
    text = (
        "name: a\nmodel: {name: single_nn}\n"
        "data: {dataset: file, paths: [x.root, ../y.root], columns: {features: [a]}}\n"
    )
    recipe = load_recipe(write(tmp_path, text))
    expected = (str(tmp_path / "x.root"), str(tmp_path.parent / "y.root"))
    assert recipe.data.paths == expected


def test_unknown_recipe_names_the_closest():
    with pytest.raises(ValueError, match="Did you mean 'affine_pnn_resonance'"):
        load_recipe("afine_pnn_resonance")


def test_recipes_need_no_keras():
    code = (
        "import sys; from kerashep.training import load_recipe;"
        "load_recipe('affine_pnn_resonance');"
        "assert not {'keras', 'tensorflow', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
