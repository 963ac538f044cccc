"""The training of a recipe's ensemble: a run folder with one model of many members."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep._files import write_json
from kerashep.data.events import Events
from kerashep.data.writers import table_writer
from kerashep.export.keras_file import export_keras
from kerashep.jobs.served import (
    as_served,
    missing_value,
    parity_sample,
    served_info,
)
from kerashep.training.callbacks import write_history
from kerashep.training.fold_ensemble import FoldModel
from kerashep.training.fold_store import FoldStore
from kerashep.training.recipe import Recipe
from kerashep.training.resume import check_signature, training_signature
from kerashep.training.run_folder import RunFolder, data_hash

Parts = dict[str, Events]


def run_ensemble(
    recipe: Recipe,
    parts: Parts,
    run: RunFolder,
    *,
    seed: int,
    workers: int = 1,
    say: Callable[[str], None] | None = None,
) -> Path:
    """Trains all members and writes the run folder, once; returns the model's path.

    A finished ensemble is not trained again. One that was interrupted continues with
    the members that were not finished.

    Args:
        recipe: With `training.ensemble`.
        parts: `train` and others, which are not looked at.
        run: Where to write.
        seed: Of the trainings.
        workers: Processes.
        say: Receives a line a member.
    """
    from kerashep.training.ensemble_fit import train_ensemble

    train = parts["train"]
    events_hash = data_hash({"train": train})
    signature = training_signature(recipe, seed=seed, data_hash=events_hash)
    finished = run.checkpoint.with_name("ensemble.json")
    run.sweep()
    store = FoldStore(run.checkpoint.parent, signature)
    if _is_finished(finished, run, signature):
        store.clear()
        return run.model
    kept = store.read()
    run.write_recipe(recipe)
    run.write_provenance({"train": train}, seed=seed)
    trained = train_ensemble(
        recipe,
        {"train": train},
        seed=seed,
        workers=workers,
        missing_value=missing_value(recipe),
        kept=kept,
        done=_keeper(recipe, store, kept, say),
    )
    write_history(run.history, trained.history)
    _write_out_of_fold(run.out_of_fold, train, trained.out_of_fold)
    info = served_info(recipe, as_served(train, trained.model), None)
    sample = parity_sample(recipe, train, info)
    export_keras(trained.model, run.model, info=info, sample=sample)
    write_json(finished, signature)
    store.clear()
    return run.model


def _keeper(
    recipe: Recipe,
    store: FoldStore,
    kept: Sequence[FoldModel],
    say: Callable[[str], None] | None,
) -> Callable[[FoldModel], None]:
    """What is done with each member as soon as it is trained: kept, and told."""
    section = recipe.training.ensemble
    count = 0 if section is None else section.count
    if kept and say is not None:
        say(f"  {len(kept)} of {count} members were trained before the interruption")

    def done(model: FoldModel) -> None:
        store.write(model)
        if say is not None:
            loss = model.validation_loss
            say(f"  member {model.fold + 1}/{count}: validation loss {loss:.4f}")

    return done


def _is_finished(path: Path, run: RunFolder, signature: dict[str, Any]) -> bool:
    if not path.is_file():
        return False
    check_signature(json.loads(path.read_text(encoding="utf-8")), signature, run.path)
    return run.model.is_file()


def _write_out_of_fold(path: Path, events: Events, score: NDArray[np.float32]) -> None:
    columns: dict[str, NDArray[Any]] = {
        "event_id": events.column("event_id"),
        "label": events.label,
        "weight": events.weight,
        "score": score,
    }
    with table_writer(path) as writer:
        writer.write(columns)
