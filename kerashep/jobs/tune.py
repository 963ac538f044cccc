"""`kerashep tune`: a search, from a study file to trials, best recipe and figures."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kerashep._files import require_writable
from kerashep.data.events import Events
from kerashep.jobs.cell_store import file_hashes, source_identity
from kerashep.jobs.environment import package_code
from kerashep.jobs.search_record import SearchRecord, read_search
from kerashep.jobs.search_show import default_folder, folder_name
from kerashep.jobs.source import Source, load_events, with_files
from kerashep.jobs.tune_figures import draw_search
from kerashep.training.recipe import Recipe, load_recipe
from kerashep.training.versions import versions
from kerashep.tuning.fold_rows import tuned_events
from kerashep.tuning.objectives import check_objective
from kerashep.tuning.proposer import Proposer
from kerashep.tuning.repeats import repeat_best
from kerashep.tuning.search import Search
from kerashep.tuning.search_space import SearchSpace
from kerashep.tuning.search_store import SearchStore, discard_search
from kerashep.tuning.study_file import (
    Budget,
    TuningStudy,
    find_study,
    load_tuning_study,
    override_texts,
)
from kerashep.tuning.trials import TrialMaker, changed_recipe

Say = Callable[[str], None]


@dataclass(frozen=True)
class TuneOptions:
    """What the command line adds to a study.

    Attributes:
        data: File or folder of the events.
        provenance: Of such files.
        output: Folder of the search; by default `runs/tuning/<study>`.
        overrides: Recipe values for all trials, after the study's.
        quick: The study's and the recipe's quick settings.
        trials: Instead of the study's.
        seconds: Instead of the study's.
        workers: Processes.
        restart: Whether to discard what is kept.
    """

    data: tuple[Path, ...] = ()
    provenance: str | None = None
    output: Path | None = None
    overrides: tuple[str, ...] = ()
    quick: bool = False
    trials: int | None = None
    seconds: float | None = None
    workers: int | None = None
    restart: bool = False


def tune_job(name: str, options: TuneOptions, say: Say) -> list[Path]:
    """Runs or continues a search; writes its trials, best recipe and figures.

    Each fold is kept as soon as it is trained: the same command continues after an
    interruption, and trains only what is missing. With a larger budget it goes on.

    Args:
        name: Published study, or the path of its folder or file.
        options: Of the command line.
        say: Receives progress.

    Returns:
        Files written.

    Raises:
        ValueError: If study, recipe and events do not fit, or all trials fail.
    """
    path = find_study(name)
    study = _with_options(load_tuning_study(path), options)
    folder = options.output or default_folder(path)
    require_writable(folder, "-o", folder=True)
    source = Source.from_options(options.data, options.provenance)
    recipe = load_recipe(
        study.recipe,
        overrides=(*override_texts(study.settings), *options.overrides),
        quick=options.quick,
    )
    if options.restart:
        discard_search(folder)
    record = _record(study, with_files(recipe, source, say), source, folder, say)
    record.facts.update(study=folder_name(path), quick=options.quick)
    record.search.run(options.workers, record.write)
    record.repeated = repeat_best(record.search, options.workers, say)
    written = record.write()
    if not written:
        raise ValueError("No trial was done: the search needs a larger budget.")
    table, text, title = read_search(folder)
    say(text)
    return [*written, *draw_search(table, title, folder, say)]


def _record(
    study: TuningStudy, recipe: Recipe, source: Source, folder: Path, say: Say
) -> SearchRecord:
    """The search, checked, and what is written of it."""
    space = SearchSpace(study.space, recipe)
    hyperparameters = space.hyperparameters()
    _check(recipe, space, hyperparameters)
    load = functools.partial(search_events, source)
    events = tuned_events(recipe, load(recipe))
    check_objective(study.objective.name, events)
    say(f"{study.title}: {len(events)} events, {study.folds} folds")
    used, code = versions("keras-tuner"), package_code()
    decisive = {"events": source_identity(source), "versions": used, "code": code}
    store = SearchStore(folder, study, recipe, decisive)
    proposer = Proposer(
        study.tuner,
        hyperparameters,
        seed=study.seed,
        epochs=recipe.training.epochs,
        recorded=store.recorded,
    )
    maker = TrialMaker(recipe, space, store, load, events)
    facts = {
        "events": len(events),
        "data": file_hashes(source),
        "versions": used,
        "code": code,
    }
    return SearchRecord(
        search=Search(maker, proposer, store, say),
        hyperparameters=tuple(one.name for one in hyperparameters.space),
        provenance=events.provenance,
        facts=facts,
    )


def search_events(source: Source, recipe: Recipe) -> Events:
    """All events of a recipe, with training weights.

    Args:
        source: Files or folder of the events.
        recipe: Of a trial.
    """
    return load_events(recipe, source, seed=recipe.data.split.seed)


def _with_options(study: TuningStudy, options: TuneOptions) -> TuningStudy:
    study = study.quickened() if options.quick else study
    budget = study.budget
    if options.trials is not None or options.seconds is not None:
        budget = Budget(
            trials=options.trials or budget.trials,
            seconds=options.seconds or budget.seconds,
        )
    return study.model_copy(update={"budget": budget})


def _check(recipe: Recipe, space: SearchSpace, hyperparameters: object) -> None:
    """Refuses what could not end well, before any training."""
    if recipe.training.regresses:
        raise ValueError(
            "`kerashep tune` is for classifiers: its objectives compare signal and "
            f"background. Received: training.loss={recipe.training.loss}."
        )
    if recipe.data.streamed:
        raise ValueError(
            "`kerashep tune` holds all events in memory: set data.streamed=false. "
            f"Received: the recipe '{recipe.name}' with data.streamed=true."
        )
    changed_recipe(recipe, space.overrides(hyperparameters))
