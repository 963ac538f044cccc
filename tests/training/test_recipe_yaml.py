import pytest

from kerashep.training.recipe_yaml import parse_yaml


def test_tab_is_named():
    words = "mine, line 2, column 1: not valid YAML: a tab; .* put blanks in its place"
    with pytest.raises(ValueError, match=words):
        parse_yaml("model:\n\tname: affine_pnn\n", source="mine")


def test_other_problems_stay_as_yaml_says_them():
    with pytest.raises(ValueError, match=r"line 1.*expected the node content"):
        parse_yaml("a: ]", source="mine")
