"""Dotted overrides, as given with --set and by `quick`."""

import pytest

from kerashep.training.overrides import parse_overrides, valid_paths
from kerashep.training.recipe import Recipe, load_recipe

TEXT = """
name: mine
model: {name: affine_pnn, arguments: {units: [8, 4]}}
data:
  dataset: resonance
  arguments: {signal_events: {500: 10, 1000: 20}}
training: {epochs: 9}
quick:
  training.epochs: 2
  training.batch_size: 32
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT)
    return path


def test_values_are_yaml():
    given = ["a.b=3", "c=1e-3", "d=[1, 2]", "e={f: x}", "g=null", "h=text", "i=a=b"]
    assert parse_overrides(given) == {
        "a.b": 3,
        "c": 1e-3,
        "d": [1, 2],
        "e": {"f": "x"},
        "g": None,
        "h": "text",
        "i": "a=b",
    }


def test_override_changes_one_value_and_keeps_the_rest(path):
    recipe = load_recipe(path, overrides=["model.arguments.dropout=0.5", "seed=7"])
    assert recipe.model.arguments == {"units": [8, 4], "dropout": 0.5}
    assert (recipe.seed, recipe.training.epochs) == (7, 9)


def test_number_keys_are_found_by_their_text(path):
    recipe = load_recipe(path, overrides=["data.arguments.signal_events.500=99"])
    assert recipe.data.arguments["signal_events"] == {500: 99, 1000: 20}


def test_absent_section_can_be_filled_and_emptied(path):
    filled = load_recipe(path, overrides=["training.early_stopping.patience=3"])
    assert filled.training.early_stopping.patience == 3
    both = ["training.early_stopping.patience=3", "training.early_stopping=null"]
    assert load_recipe(path, overrides=both).training.early_stopping is None


def test_quick_comes_before_what_the_user_sets(path):
    quick = load_recipe(path, quick=True)
    assert (quick.training.epochs, quick.training.batch_size) == (2, 32)
    mixed = load_recipe(path, quick=True, overrides=["training.epochs=4"])
    assert (mixed.training.epochs, mixed.training.batch_size) == (4, 32)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epoch=3", r"'training\.epoch'.*mean 'training\.epochs'"),
        ("epochs=3", r"'epochs'.*mean 'training\.epochs'"),
        ("trainin.epochs=3", r"'trainin'.*mean 'training'"),
        ("data.columns.featurs=[a]", r"mean 'data\.columns\.features'"),
        ("training.epochs.more=3", r"'training\.epochs' has no keys of its own"),
        ("model.arguments.units.first=3", r"'model\.arguments\.units' holds \[8, 4\]"),
        (
            "training.epochs",
            r"\(--set\) must read path=value.*'training\.epochs', .* lacks the `=`",
        ),
        ("=3", "must read path=value.* lacks a path"),
        (
            "training.background_mass=null",
            r"keys of its own.*distribution, assignment.* leave .* out.*Received: null",
        ),
        ("training.schedule=cosine", r"keys of its own.*name.*Received: 'cosine'"),
        ("training.epochs=[", r"Override 'training\.epochs=\[', line 1"),
        ("training.epochs=few", r"(?s)with overrides training\.epochs.*'few'"),
        ("quick.training.epochs=3", "'quick' itself cannot be overridden"),
    ],
)
def test_faulty_override_is_explained(path, override, message):
    with pytest.raises(ValueError, match=message):
        load_recipe(path, overrides=[override])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "  dataset: resonance\n",
            r"'data\.dataset' is required: `file` for events of",
        ),
        ("name: mine\n", "'name' is required: a name for the recipe"),
    ],
)
def test_missing_key_says_what_to_write(path, line, message):
    path.write_text(TEXT.replace(line, ""))
    with pytest.raises(ValueError, match=message):
        load_recipe(path)


@pytest.mark.parametrize(
    ("quick", "message"),
    [
        ("{training.epoch: 1}", r"mine\.yaml.*mean 'training\.epochs'"),
        ("{training.epochs: -1}", r"(?s)\(quick\).*training\.epochs"),
        ("3", r"`quick` must map dotted paths"),
    ],
)
def test_faulty_quick_section_is_found_without_quick(path, quick, message):
    path.write_text(TEXT[: TEXT.index("quick:")] + f"quick: {quick}\n")
    with pytest.raises(ValueError, match=message):
        load_recipe(path)


def test_valid_paths_reach_into_optional_sections():
    paths = valid_paths(Recipe)
    for known in (
        "training.early_stopping.patience",
        "data.columns.features",
        "evaluation.interpolation.drop",
    ):
        assert known in paths
