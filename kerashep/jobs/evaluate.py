"""`kerashep evaluate`: a trained model on its test events, or on a file."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from kerashep._files import require_writable
from kerashep.data.events import Events
from kerashep.evaluation.per_mass import plain_rows
from kerashep.export.batch_predictor import Predictor, predictor
from kerashep.export.keras_file import load_keras
from kerashep.export.served_model_info import ServedModelInfo
from kerashep.export.unit_check import check_units
from kerashep.jobs import assess
from kerashep.jobs.checks import check_masses, check_task, check_test_signal
from kerashep.jobs.file_hashes import REMARK, trained_on, with_remark
from kerashep.jobs.mass_unit import check_masses_in_gev
from kerashep.jobs.measure import (
    Measurement,
    curves_of,
    draw_from,
    plan_of,
    write_measurement,
)
from kerashep.jobs.parameter_rows import signal_rows_of
from kerashep.jobs.regression import measure_regression
from kerashep.jobs.regression_report import write_regression
from kerashep.jobs.sample_files import check_parameters, without_absent_parameters
from kerashep.jobs.source import Source, load_events, split, with_files
from kerashep.jobs.streamed import part_in_memory
from kerashep.jobs.trainings import SEEDS
from kerashep.training.recipe import Recipe
from kerashep.training.run_folder import RunFolder
from kerashep.zoo.inputs import input_widths


def evaluate_job(
    run: Path,
    *,
    data: Sequence[Path],
    output: Path | None,
    masses_gev: Sequence[float] | None,
    provenance: str | None,
    bootstrap: int | None,
    say: Callable[[str], None],
) -> list[Path]:
    """Measures a trained model again, on other events or at other masses.

    Args:
        run: Run folder.
        data: Files, or a YAML file that lists them, whose events are all test events;
            by default the run's own test events are made or read again.
        output: Folder of the results; `<run>/evaluation` by default.
        masses_gev: Where; by default as in the recipe, else at the masses of the file.
        provenance: Of the files.
        bootstrap: Replicas behind each error instead of the recipe's.
        say: Receives messages.

    Returns:
        Files and folders written.

    Raises:
        ValueError: If events of files do not fit the recipe's columns or are in other
            units than those of the training, or there are no test events.

    Warns:
        UserWarning: If one feature of files seems to be in another unit.
    """
    folder, place = RunFolder(run), output or run / "evaluation"
    recipe = folder.read_recipe()
    check_masses(masses_gev)
    require_writable(place, "-o", folder=True)
    source = Source.from_options(data, provenance)
    recipe = with_files(recipe, source, say)
    model, info = load_keras(folder.model)
    if "m" not in input_widths(model):
        recipe = without_absent_parameters(recipe, say)
    events = _events(recipe, source)
    _check_fit(events, model, info, bool(source.files))
    parts = {"test": events} if source.files else _own_parts(recipe, events, run)
    check_task(recipe, parts)
    if recipe.training.regresses:
        recipe = _with_settings(recipe, bootstrap, masses_gev)
        remarks = (REMARK,) if trained_on(source.files, info, say) else ()
        return _regression(recipe, parts, model, folder, place, remarks, say)
    trained = signal_rows_of(parts["train"]) if "train" in parts else ()
    if info is not None and info.parameter_values:
        trained = plain_rows(np.array(info.parameter_values, "float32"))
    recipe = _with_settings(recipe, bootstrap, masses_gev)
    plan = plan_of(recipe, trained)
    if source.files and not masses_gev:
        plan = replace(plan, rows=signal_rows_of(events))
    _check_plan(plan, parts["test"])
    scores = _scores(folder, model)
    numbers = assess.per_mass(parts["test"], scores, plan)
    if trained_on(source.files, info, say):
        numbers = with_remark(numbers)
    material = draw_from(recipe, parts, model, scores, numbers, plan)
    measured = Measurement(
        replace(material, histories=[curves_of(folder.history)]),
        model=recipe.model.name,
        seeds=len(scores),
        trained=trained,
        events={name: len(part) for name, part in parts.items()},
    )
    for line in measured.summary():
        say(line)
    return write_measurement(recipe, measured, place)


def _scores(folder: RunFolder, model: keras.Model) -> list[Predictor]:
    """That of the model, and those of the other seeds of its run."""
    others = sorted((folder.path / SEEDS).glob(f"*/{folder.model.name}"))
    return [predictor(one) for one in (model, *(load_keras(p)[0] for p in others))]


def _regression(
    recipe: Recipe,
    parts: dict[str, Events],
    model: keras.Model,
    folder: RunFolder,
    place: Path,
    remarks: Sequence[str],
    say: Callable[[str], None],
) -> list[Path]:
    if recipe.evaluation.masses_gev is not None:
        raise ValueError("--mass is of signal: leave it out for a regression.")
    measured = measure_regression(
        recipe,
        parts,
        _scores(folder, model),
        histories=[curves_of(folder.history)],
        remarks=remarks,
    )
    for line in measured.summary():
        say(line)
    return write_regression(recipe, measured, place)


def _check_plan(plan: assess.Plan, test: Events) -> None:
    """Refuses masses in other units, and those without test signal."""
    if plan.trained and plan.rows:
        masses = [row[0] for row in plan.trained]
        check_masses_in_gev([row[0] for row in plan.rows], min(masses), max(masses))
    setting = "--mass, else those of the recipe, the training or the file"
    check_test_signal(test, plan.rows, setting)


def _check_fit(
    events: Events, model: keras.Model, info: ServedModelInfo | None, of_files: bool
) -> None:
    """Refuses events with other parameters; of files, in other units, too."""
    if info is None:
        return
    if "m" in input_widths(model):
        check_parameters(events, info.parameter_names)
    if of_files and len(events.feature_names) == len(info.feature_names):
        check_units(events.features, info)


def _events(recipe: Recipe, source: Source) -> Events:
    """All events; of a run that streams its own, those of the test."""
    if source.files or not recipe.data.streamed:
        return load_events(recipe, source, seed=recipe.data.split.seed)
    return part_in_memory(recipe, "test")


def _own_parts(recipe: Recipe, events: Events, run: Path) -> dict[str, Events]:
    """Parts of the run's own events, those of the test among them."""
    parts = {"test": events} if recipe.data.streamed else split(recipe, events)
    if "test" not in parts:
        raise ValueError(
            f"The recipe of '{run}' keeps no test events (data.split.fractions.test): "
            "name a file of events with --data."
        )
    return parts


def _with_settings(
    recipe: Recipe, bootstrap: int | None, masses_gev: Sequence[float] | None
) -> Recipe:
    """The recipe with other replicas or masses, where they are not None."""
    stated = tuple(masses_gev) if masses_gev else None
    given = {"bootstrap": bootstrap, "masses_gev": stated}
    changed = {name: value for name, value in given.items() if value is not None}
    evaluation = recipe.evaluation.model_copy(update=changed)
    return recipe.model_copy(update={"evaluation": evaluation})
