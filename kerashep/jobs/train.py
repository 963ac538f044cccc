"""`kerashep train`: events to a trained, measured, exported and reported model."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from kerashep._files import require_writable
from kerashep.data.events import Events
from kerashep.jobs.checks import (
    check_ams,
    check_task,
    check_test_signal,
    check_weights,
    check_without_mass,
)
from kerashep.jobs.measure import (
    Measurement,
    curves_of,
    measure,
    plan_of,
    write_measurement,
)
from kerashep.jobs.parameter_rows import rows_in_words, signal_rows_of
from kerashep.jobs.regression import measure_regression
from kerashep.jobs.regression_report import write_regression
from kerashep.jobs.sample_files import without_absent_parameters
from kerashep.jobs.served import parity_in_words, parity_sample
from kerashep.jobs.source import Source, load_events, split, with_files
from kerashep.jobs.streamed import load_streamed
from kerashep.jobs.trainings import (
    Parts,
    discard_trainings,
    retrainings,
    train_seeds,
)
from kerashep.training.model_arguments import check_model_arguments, takes_parameters
from kerashep.training.recipe import Recipe, load_recipe
from kerashep.training.run_folder import RunFolder
from kerashep.training.streamed import StreamedEvents, check_streamed

Say = Callable[[str], None]


def train_job(
    recipe: str,
    *,
    data: Sequence[Path],
    run: Path | None,
    overrides: Sequence[str],
    provenance: str | None,
    quick: bool,
    seed: int | None,
    seeds: int,
    workers: int | None,
    tensorboard: bool,
    restart: bool,
    say: Say,
) -> list[Path]:
    """Trains a recipe and writes the run folder; continues after an interruption.

    Args:
        recipe: Published name, folder or file.
        data: Files of events, or the folder of a named data set.
        run: Run folder; `runs/<recipe name>` by default.
        overrides: Recipe values, `a.b=c`.
        provenance: Of files.
        quick: Whether the recipe's quick settings apply.
        seed: Instead of the recipe's.
        seeds: Number of trainings.
        workers: Processes for several seeds, members of an ensemble and retrainings.
        tensorboard: Whether to write TensorBoard logs.
        restart: Whether to discard an earlier run in the folder.
        say: Receives messages.

    Returns:
        Files and folders written.
    """
    more = [] if seed is None else [f"seed={seed}"]
    more += ["training.tensorboard=true"] if tensorboard else []
    chosen = load_recipe(recipe, overrides=[*overrides, *more], quick=quick)
    folder = RunFolder(run or Path("runs") / chosen.name)
    require_writable(folder.path, "--run", folder=True)
    check_model_arguments(chosen.model.name, chosen.model.arguments)
    source = Source.from_options(data, provenance)
    chosen = with_files(chosen, source, say)
    if not takes_parameters(chosen.model.name):
        chosen = without_absent_parameters(chosen, say)
    streamed, parts = _load(chosen, source, folder, seeds, say)
    _check_plan(chosen, parts, folder, say)
    if restart:
        discard_trainings(folder.path)
    models = train_seeds(
        chosen,
        parts,
        folder.path,
        seeds=[chosen.seed + i for i in range(seeds)],
        workers=workers,
        say=say,
        streamed=streamed,
    )
    exported = []
    if chosen.export.saved_model:
        exported = [_export(chosen, parts["train"], folder, say)]
    written = [folder.recipe, folder.history, folder.model, *exported]
    if "test" not in parts:
        say("No test events (data.split.fractions.test): nothing is evaluated.")
        return written
    say("Evaluating ...")
    if chosen.training.regresses:
        return [*written, *_write_regression(chosen, parts, models, folder, say)]
    measured = measure(chosen, parts, models, folder, workers=workers, say=say)
    if streamed is not None:
        counts = {**measured.events, "train": len(streamed)}
        measured = replace(measured, events=counts)
    return [*written, *_write(chosen, measured, folder, say)]


def _check_plan(recipe: Recipe, parts: Parts, folder: RunFolder, say: Say) -> None:
    """Refuses before training what could not be trained or measured."""
    check_task(recipe, parts)
    if recipe.training.regresses:
        return
    check_without_mass(recipe, parts["train"])
    check_ams(recipe, parts["train"])
    retrainings(recipe, parts, folder.path, seeds=[recipe.seed])
    if "test" not in parts:
        return
    plan = plan_of(recipe, signal_rows_of(parts["train"]))
    setting = "`evaluation.masses_gev`, else the training masses"
    check_test_signal(parts["test"], plan.rows, setting)
    check_weights(parts, plan.rows, say)


def _load(
    recipe: Recipe, source: Source, folder: RunFolder, seeds: int, say: Say
) -> tuple[StreamedEvents | None, Parts]:
    """The parts of the events; training events on disk, if the recipe streams them."""
    if recipe.data.streamed:
        check_streamed(recipe, seeds=seeds)
        return load_streamed(recipe, folder.path, say)
    events = load_events(recipe, source, seed=recipe.data.split.seed)
    say(describe(recipe, events))
    return None, split(recipe, events)


def describe(recipe: Recipe, events: Events) -> str:
    """One line: how many events of what, from where."""
    known = f"{len(events.feature_names)} features [{events.provenance}]"
    if events.unlabelled:
        return f"{recipe.name}: {len(events)} events, {known}"
    signal = int(np.count_nonzero(events.label))
    rows = signal_rows_of(events)
    at = f" at {rows_in_words(rows, events.parameter_names)}" if rows else ""
    return (
        f"{recipe.name}: {signal} signal{at} and {len(events) - signal} background "
        f"events, {known}"
    )


def _export(recipe: Recipe, train: Events, folder: RunFolder, say: Say) -> Path:
    from kerashep.export.keras_file import load_keras
    from kerashep.export.saved_model import export_saved_model

    model, info = load_keras(folder.model)
    if info is None:
        raise ValueError(
            f"'{folder.model}' lost its description; train with --restart."
        )
    sample = parity_sample(recipe, train, info)
    result = export_saved_model(model, folder.saved_model, info=info, sample=sample)
    say(f"Exported: SavedModel and original agree to {parity_in_words(result)}")
    return folder.saved_model


def _write_regression(
    recipe: Recipe, parts: Parts, models: Sequence[Path], folder: RunFolder, say: Say
) -> list[Path]:
    from kerashep.export.batch_predictor import predictor
    from kerashep.export.keras_file import load_keras

    measured = measure_regression(
        recipe,
        parts,
        [predictor(load_keras(path)[0]) for path in models],
        histories=[curves_of(path.parent / folder.history.name) for path in models],
    )
    for line in measured.summary():
        say(line)
    return write_regression(recipe, measured, folder.path)


def _write(
    recipe: Recipe, measured: Measurement, folder: RunFolder, say: Say
) -> list[Path]:
    written = write_measurement(recipe, measured, folder.path)
    for line in measured.summary():
        say(line)
    return written
