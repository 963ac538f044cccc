import pytest

from kerashep.cli.recipe_words import in_recipe_words


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Use negative_weights='drop', or", "Use data.negative_weights='drop', or"),
        ("Leave them out by `keep`.", "Leave them out by `--keep`."),
        ("Received: masses_gev=None.", "Received: --mass=None."),
        ("`data.negative_weights` and data.split.by=x", None),
        ("`evaluation.masses_gev` or standby=1, by hand", None),
        ("the columns of the tree keep their balance", None),
    ],
)
def test_arguments_become_keys_and_nothing_else_changes(message, expected):
    assert in_recipe_words(message) == (expected or message)


def test_every_key_is_one_of_a_recipe():
    from kerashep.cli import recipe_words
    from kerashep.training.overrides import valid_paths
    from kerashep.training.recipe import Recipe

    known = {*valid_paths(Recipe), "data.columns.tree"}
    for word in recipe_words._WORDS.values():
        key = word.split(" ")[0]
        free = key.startswith(("--", "data.arguments."))
        assert free or key in known
