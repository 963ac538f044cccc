"""`kerashep --help` and `kerashep list`: everything named, nothing heavy imported."""

import pytest

HEAVY = {"tensorflow", "keras", "pandas", "matplotlib", "sklearn", "scipy", "lightgbm"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--help"], ["train", "evaluate", "predict", "export", "reproduce", "list"]),
        (["list"], ["affine_pnn", "gaussian_resonance", "affine_pnn_resonance"]),
    ],
)
def test_answers_without_heavy_imports(loaded_modules, arguments, expected):
    shown, modules = loaded_modules(*arguments)
    assert all(name in shown for name in expected)
    assert not modules & HEAVY


def test_lists_one_kind(kerashep):
    shown = kerashep("list", "datasets")
    assert shown.code == 0
    assert "resonance  [simulated]" in shown.out
    assert "recipes" not in shown.out


def test_unknown_kind_names_the_closest(kerashep):
    shown = kerashep("list", "modles")
    assert shown.code == 2
    assert "Did you mean 'models'?" in shown.err
