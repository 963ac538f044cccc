"""Which events the trainings of a search see, and which they are scored on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.data.splits import fold_indices, split_events
from kerashep.training.recipe import Recipe
from kerashep.training.seeding import derive_seed

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class FoldRows:
    """Rows of one fold, disjoint.

    Attributes:
        train: Trained on; of all folds as many, so that they share a program.
        validation: For the recipe's early stopping; empty without.
        held_out: Scored.
    """

    train: Rows
    validation: Rows
    held_out: Rows


def tuned_events(recipe: Recipe, events: Events) -> Events:
    """Events but for the recipe's test part, which no search may see.

    Args:
        recipe: That trials start from.
        events: All of the data set or the files.
    """
    rule = recipe.data.split
    fractions = {str(name): part for name, part in rule.fractions.items()}
    if "test" not in fractions:
        return events
    parts = split_events(events, fractions, by=rule.by, seed=rule.seed)
    return Events.concatenate([parts[name] for name in parts if name != "test"])


def fold_rows(
    events: Events, recipe: Recipe, folds: int, seed: int
) -> Sequence[FoldRows]:
    """The folds of a search, the same for all trials.

    Args:
        events: From `tuned_events`.
        recipe: Of a trial: whether it needs validation events.
        folds: How many.
        seed: Of the study.
    """
    held_out = fold_indices(events, folds, seed=seed)
    parts = []
    for rows in held_out:
        others = np.setdiff1d(np.arange(len(events)), rows)
        validation = _validation(events, others, recipe, seed)
        parts.append((np.setdiff1d(others, validation), validation, rows))
    least = min(len(train) for train, _, _ in parts)
    rng = np.random.default_rng(derive_seed(seed, "fold rows"))
    return [
        FoldRows(np.sort(rng.permutation(train)[:least]), validation, rows)
        for train, validation, rows in parts
    ]


def _validation(events: Events, rows: Rows, recipe: Recipe, seed: int) -> Rows:
    """The recipe's share of the rows, if the training is stopped by it."""
    stopping = recipe.training.early_stopping
    fractions = recipe.data.split.fractions
    alone = recipe.training.ensemble is None
    if not (stopping and stopping.monitor.startswith("val_") and alone):
        return np.empty(0, np.intp)
    parts = round(1 + fractions["train"] / fractions["validation"])
    chosen = fold_indices(
        events.take(rows), max(2, parts), seed=derive_seed(seed, "validation")
    )
    return rows[chosen[0]]
