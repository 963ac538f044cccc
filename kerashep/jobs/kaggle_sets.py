"""`kerashep evaluate` on HiggsML: the AMS of the public and private test events."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from kerashep.data.events import Events
from kerashep.data.tables import column_names, read_table
from kerashep.datasets.higgsml import FILES, SET
from kerashep.datasets.locations import find_file
from kerashep.evaluation.ams_kaggle import KaggleAms, kaggle_ams
from kerashep.evaluation.ams_numbers import scaled_to_all
from kerashep.evaluation.ams_study import ScoredEvents
from kerashep.evaluation.per_mass import Score
from kerashep.jobs.assess import Plan, class_yields
from kerashep.jobs.source import Source, load_events
from kerashep.jobs.trainings import SEEDS
from kerashep.training.recipe import Recipe
from kerashep.training.run_folder import RunFolder

Columns = dict[str, np.ndarray]


def kaggle_numbers(
    recipe: Recipe,
    run: RunFolder,
    scores: Sequence[Score],
    plan: Plan,
    say: Callable[[str], None],
) -> KaggleAms | None:
    """AMS on the public and the private events of a file that has both.

    The cut comes from the scores that the training events got from members that did not
    see them. Whole sets are read, whatever part of the file the recipe names.

    Args:
        recipe: With the file to read.
        run: With the out-of-fold scores, beside each model.
        scores: Of each training.
        plan: Bootstrap.
        say: Receives the reason, if such events are there and cannot be used.

    Returns:
        None for other events, or a recipe without `evaluation.ams`.
    """
    section = recipe.evaluation.ams
    if section is None or not _has_both(recipe):
        return None
    others = sorted((run.path / SEEDS).glob(f"*/{run.out_of_fold.name}"))
    kept = [path for path in (run.out_of_fold, *others) if path.is_file()]
    if len(kept) != len(scores):
        say(
            "No AMS on Kaggle's public and private events: the cut needs scores out of "
            "fold, which runs with `training.ensemble` keep."
        )
        return None
    validation = [_out_of_fold(path) for path in kept]
    public, private = (_whole_set(recipe, name) for name in ("b", "v"))
    if _trained_on(validation, (public, private), say):
        return None
    yields = class_yields([public])
    return kaggle_ams(
        [_validation(one, yields) for one in validation],
        [_scored(public, score) for score in scores],
        [_scored(private, score) for score in scores],
        regularisation=section.regularisation,
        systematic=section.systematic,
        replicas=plan.bootstrap,
        seed=plan.seed,
    )


def _has_both(recipe: Recipe) -> bool:
    if recipe.data.dataset != "higgsml":
        return False
    file = find_file(recipe.data.folder, FILES, "higgsml", "")
    if SET not in column_names(file):
        return False
    return {"b", "v"} <= set(read_table(file, [SET])[SET].astype(str))


def _whole_set(recipe: Recipe, name: str) -> Events:
    arguments = {k: v for k, v in recipe.data.arguments.items() if k != "max_events"}
    arguments["kaggle_set"] = name
    data = recipe.data.model_copy(update={"arguments": arguments})
    whole = recipe.model_copy(update={"data": data})
    return load_events(whole, Source(), seed=data.split.seed)


def _out_of_fold(path: Path) -> Columns:
    columns = read_table(path, ["event_id", "label", "weight", "score"])
    known = ~np.isnan(columns["score"])
    return columns if known.all() else {k: v[known] for k, v in columns.items()}


def _trained_on(
    validation: Sequence[Columns],
    sets: Sequence[Events],
    say: Callable[[str], None],
) -> bool:
    """Whether an event of the sets was trained on, which is said."""
    own = np.concatenate([one["event_id"] for one in validation])
    seen = sum(int(np.isin(one.column("event_id"), own).sum()) for one in sets)
    if seen:
        say(
            f"No AMS on Kaggle's public and private events: the model was trained on "
            f"{seen} of {sum(map(len, sets))}. Train with "
            "--set data.arguments.kaggle_set=t."
        )
    return bool(seen)


def _validation(columns: Columns, yields: Sequence[float]) -> ScoredEvents:
    weight = scaled_to_all(columns["label"], columns["weight"], yields)
    return ScoredEvents(columns["label"], columns["score"], weight)


def _scored(events: Events, score: Score) -> ScoredEvents:
    found = np.asarray(score(events.features, events.parameters))
    return ScoredEvents(events.label, found, events.weight)
