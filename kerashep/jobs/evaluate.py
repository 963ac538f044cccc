"""`kerashep evaluate`: a trained model on its test events, or on a file."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from kerashep.export.batch_predictor import predictor
from kerashep.export.keras_file import load_keras
from kerashep.jobs import assess
from kerashep.jobs.measure import (
    Measurement,
    draw_from,
    plan_of,
    read_history,
    write_measurement,
)
from kerashep.jobs.source import (
    Source,
    load_events,
    split,
    training_masses,
    with_files,
)
from kerashep.training.run_folder import RunFolder


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
        data: Files whose events are all test events; by default the run's own test
            events are made or read again.
        output: Folder of the results; `<run>/evaluation` by default.
        masses_gev: Where; by default as in the recipe, else at the masses of the file.
        provenance: Of the files.
        bootstrap: Replicas behind each error instead of the recipe's.
        say: Receives messages.

    Returns:
        Files and folders written.
    """
    folder = RunFolder(run)
    recipe = folder.read_recipe()
    source = Source.from_options(data, provenance)
    recipe = with_files(recipe, source, say)
    events = load_events(recipe, source, seed=recipe.data.split.seed)
    parts = {"test": events} if source.files else split(recipe, events)
    if "test" not in parts:
        raise ValueError(
            f"The recipe of '{run}' keeps no test events (data.split.fractions.test): "
            "name a file of events with --data."
        )
    model, info = load_keras(folder.model)
    trained = training_masses(parts.get("train", parts["test"]))
    if info is not None and info.parameter_values:
        trained = tuple(sorted({row[0] for row in info.parameter_values}))
    settings: dict[str, int | tuple[float, ...]] = {}
    if bootstrap is not None:
        settings["bootstrap"] = bootstrap
    if masses_gev:
        settings["masses_gev"] = tuple(masses_gev)
    elif source.files:
        settings["masses_gev"] = training_masses(events)
    evaluation = recipe.evaluation.model_copy(update=settings)
    recipe = recipe.model_copy(update={"evaluation": evaluation})
    plan = plan_of(recipe, trained)
    others = sorted((run / "seeds").glob(f"*/{folder.model.name}"))
    models = [model, *(load_keras(path)[0] for path in others)]
    numbers = assess.per_mass(parts["test"], [predictor(m) for m in models], plan)
    material = draw_from(recipe, parts, model, numbers, plan)
    history = [read_history(folder.history)]
    measured = Measurement(
        replace(material, histories=history),
        seeds=len(models),
        trained_gev=trained,
        events={name: len(part) for name, part in parts.items()},
    )
    for line in measured.summary():
        say(line)
    return write_measurement(recipe, measured, output or run / "evaluation")
