"""Folds of a search: disjoint, of one size, and without the test part."""

import numpy as np
import pytest

from kerashep.data.splits import split_events
from kerashep.datasets import load_dataset
from kerashep.training.recipe import load_recipe
from kerashep.tuning.fold_rows import fold_rows, tuned_events

STOPPING = "training.early_stopping={patience: 2}"


@pytest.fixture(scope="module")
def all_events():
    return load_dataset("resonance", signal_events=101, background_events=607, seed=1)


def test_the_test_part_is_not_seen(all_events):
    recipe = load_recipe("affine_pnn_resonance")
    events = tuned_events(recipe, all_events)
    parts = split_events(all_events, recipe.data.split.fractions, seed=0)
    seen, kept = set(events.event_id), set(parts["test"].event_id)
    assert not seen & kept
    assert seen | kept == set(all_events.event_id)
    whole = load_recipe(
        "affine_pnn_resonance", overrides=["data.split.fractions={train: 1.0}"]
    )
    assert tuned_events(whole, all_events) is all_events


@pytest.mark.parametrize("overrides", [(), (STOPPING,)], ids=["plain", "stopping"])
def test_folds(all_events, overrides):
    recipe = load_recipe("affine_pnn_resonance", overrides=overrides)
    events = tuned_events(recipe, all_events)
    folds = fold_rows(events, recipe, 4, seed=3)
    held_out = np.concatenate([fold.held_out for fold in folds])
    assert sorted(held_out) == list(range(len(events)))
    assert len({len(fold.train) for fold in folds}) == 1
    for fold in folds:
        rows = np.concatenate([fold.train, fold.validation, fold.held_out])
        assert len(np.unique(rows)) == len(rows) >= len(events) - 15
        share = len(fold.validation) / (len(fold.train) + len(fold.validation))
        assert share == pytest.approx(1 / 7 if overrides else 0.0, abs=0.02)
    again = fold_rows(events, recipe, 4, seed=3)
    other = fold_rows(events, recipe, 4, seed=4)
    assert all(
        np.array_equal(a.train, b.train) for a, b in zip(folds, again, strict=True)
    )
    assert not np.array_equal(folds[0].held_out, other[0].held_out)
