import numpy as np
import pytest

from kerashep.jobs.source import Source, load_events, split, with_files
from kerashep.training.recipe import load_recipe


@pytest.fixture
def recipe():
    return load_recipe(
        "affine_pnn_resonance",
        overrides=[
            "data.arguments.signal_events=20",
            "data.arguments.background_events=100",
        ],
    )


def test_files_and_one_folder_are_told_apart(tmp_path):
    file = tmp_path / "a.parquet"
    file.touch()
    assert Source.from_options([file], "real") == Source((file,), None, "real")
    assert Source.from_options([tmp_path], None) == Source((), tmp_path, None)
    with pytest.raises(ValueError, match="or one folder"):
        Source.from_options([file, tmp_path], None)
    with pytest.raises(FileNotFoundError, match="gone"):
        Source.from_options([tmp_path / "gone"], None)


def test_recipe_then_says_which_files(recipe, tmp_path):
    file = tmp_path / "pythia.parquet"
    changed = with_files(recipe, Source((file,)), print).data
    assert (changed.dataset, changed.paths) == ("file", (str(file),))
    assert (changed.arguments, changed.provenance) == ({}, "pythia")
    assert with_files(recipe, Source(), print) is recipe


def test_statement_of_a_recipe_holds_for_its_own_files_only(recipe, tmp_path):
    own = with_files(recipe, Source((tmp_path / "real.parquet",)), print)
    said = []
    other = with_files(own, Source((tmp_path / "b.parquet",)), said.append)
    assert (own.data.provenance, other.data.provenance) == ("real", "simulated")
    assert said


def test_files_that_a_recipe_names_have_the_same_rule_and_notice(recipe):
    def named(name, provenance=None):
        update = {"dataset": "file", "arguments": {}, "paths": (name,)}
        data = recipe.data.model_copy(update={**update, "provenance": provenance})
        return recipe.model_copy(update={"data": data})

    said = []
    for name, stated, expected in (
        ("pythia.root", None, "pythia"),
        ("pythia.root", "real", "real"),
        ("events.root", None, "simulated"),
    ):
        assert not said
        found = with_files(named(name, stated), Source(), said.append)
        assert found.data.provenance == expected
    assert "`data.provenance`" in said.pop()


@pytest.mark.parametrize("dataset", ["resonance", "hepmass", "file"])
def test_split_by_ids_needs_ids(recipe, dataset):
    rule = recipe.data.split.model_copy(update={"by": "event_id"})
    data = recipe.data.model_copy(update={"dataset": dataset, "split": rule})
    with pytest.raises(ValueError, match="needs events with ids of their own"):
        load_events(recipe.model_copy(update={"data": data}), Source(), seed=0)


def test_recipe_for_files_without_any(recipe):
    data = recipe.data.model_copy(update={"dataset": "file", "arguments": {}})
    with pytest.raises(ValueError, match="name them with --data"):
        load_events(recipe.model_copy(update={"data": data}), Source(), seed=0)


def test_seeds_of_events_and_of_the_split(recipe):
    events = load_events(recipe, Source(), seed=1)
    assert len(events) == 200
    other = load_events(recipe, Source(), seed=2)
    assert not np.array_equal(events.features, other.features)
    parts, again = split(recipe, events, seed=4), split(recipe, events, seed=4)
    assert sum(len(part) for part in parts.values()) == 200
    np.testing.assert_array_equal(parts["test"].features, again["test"].features)
    moved = split(recipe, events, seed=5)["test"].features
    assert not np.array_equal(parts["test"].features, moved)
