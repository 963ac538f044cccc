"""Many trainings of one recipe: seeds, and retrainings without some masses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kerashep.data.events import Events
from kerashep.data.scaling import FeatureScaler
from kerashep.export.keras_file import export_keras
from kerashep.export.parity import Sample
from kerashep.export.served_model_info import ServedModelInfo
from kerashep.jobs.file_hashes import file_hashes
from kerashep.jobs.source import training_masses, without_masses
from kerashep.training.recipe import Recipe
from kerashep.training.run_folder import RunFolder
from kerashep.zoo.inputs import input_widths

Parts = dict[str, Events]
SEEDS, REDUCED = "seeds", "interpolation"  # where further trainings are written


@dataclass(frozen=True)
class Training:
    """One training to be done.

    Attributes:
        label: What it is, for messages.
        recipe: How to train.
        parts: Training, validation and test events.
        seed: Of this training.
        folder: Where it writes; a training that is there already is not repeated.
    """

    label: str
    recipe: Recipe
    parts: Parts
    seed: int
    folder: Path

    def __str__(self) -> str:
        return self.label


def run_training(training: Training, *, progress: bool = False) -> Path:
    """Trains, or continues, and returns the path of the saved model.

    Args:
        training: What to do.
        progress: Whether to show progress.
    """
    from kerashep.training.fit import train
    from kerashep.training.trainer_cache import shared_programs

    run = RunFolder(training.folder)
    recipe, parts, seed = training.recipe, training.parts, training.seed
    with shared_programs():
        trained = train(recipe, parts, seed=seed, run=run, progress=progress)
    events = training.parts["train"]
    if "m" not in input_widths(trained.model):
        empty = np.empty((len(events), 0), "float32")
        events = replace(events, parameters=empty, parameter_names=())
    info = served_info(training.recipe, events, trained.scaler)
    sample = parity_sample(training.recipe, events, info)
    export_keras(trained.model, run.model, info=info, sample=sample)
    return run.model


def served_info(
    recipe: Recipe, events: Events, scaler: FeatureScaler | None
) -> ServedModelInfo:
    """Description that every export of a model trained on `events` carries."""
    columns = recipe.data.columns
    files = [file.path for file in recipe.data.sample_files]
    return ServedModelInfo.from_events(
        events,
        scaler=scaler,
        missing_value=None if columns is None else columns.missing_value,
        training_files=file_hashes(files),
    )


def parity_sample(recipe: Recipe, events: Events, info: ServedModelInfo) -> Sample:
    """`export.parity_events` of the events, with masses all over the trained range.

    Fewer events than that are used repeatedly, each time at another mass.
    """
    rng = np.random.default_rng(recipe.seed)
    count = recipe.export.parity_events
    rows = np.resize(rng.permutation(len(events)), count)
    x = events.features[rows]
    if not info.parameter_names:
        return x, None
    low, high = np.transpose(np.asarray(info.parameter_ranges, "float32"))
    return x, rng.uniform(low, high, (count, len(low))).astype("float32")


def train_seeds(
    recipe: Recipe,
    parts: Parts,
    folder: Path,
    *,
    seeds: Sequence[int],
    workers: int | None,
    say: Callable[[str], None],
) -> list[Path]:
    """One training a seed; the first one's files stand in `folder` itself.

    Args:
        recipe: How to train.
        parts: Events.
        folder: Run folder; further seeds go to `folder/seeds/<seed>`.
        seeds: Seeds of the trainings.
        workers: Processes for the further seeds.
        say: Receives progress.

    Returns:
        Path of the model of each seed.
    """
    first = Training(f"seed {seeds[0]}", recipe, parts, seeds[0], folder)
    paths = [run_training(first, progress=True)]
    others = [
        Training(f"seed {seed}", recipe, parts, seed, folder / SEEDS / str(seed))
        for seed in seeds[1:]
    ]
    return [*paths, *in_pool(others, workers=workers, say=say)]


def discard_trainings(folder: Path) -> None:
    """Removes what earlier trainings wrote into `folder` and below; nothing else."""
    for kind in (SEEDS, REDUCED, f"{REDUCED}/*/{SEEDS}"):
        for place in sorted(folder.glob(f"{kind}/*")):
            RunFolder(place).discard()
    RunFolder(folder).discard()


@dataclass(frozen=True)
class Retraining:
    """Trainings that do not see all masses, one a seed.

    Attributes:
        seen_gev: Masses they see.
        trainings: One a seed.
    """

    seen_gev: tuple[float, ...]
    trainings: tuple[Training, ...]


def retrainings(
    recipe: Recipe, parts: Parts, folder: Path, *, seeds: Sequence[int]
) -> dict[str, Retraining]:
    """Trainings without some masses, by name: as many of each as there are seeds.

    Args:
        recipe: Its `evaluation` says which masses to drop, and whether to train on
            each mass alone.
        parts: Events; to leave masses out, with one parameter, the mass.
        folder: Run folder.
        seeds: Seeds of the full training, used for each retraining again.

    Raises:
        ValueError: If a mass to drop is not there, nothing would be left, or there
            are several parameters.
    """
    masses = training_masses(parts["train"])
    kept: dict[str, tuple[float, ...]] = {}
    rule = recipe.evaluation.interpolation
    _check_one_parameter(recipe, parts["train"])
    for drop in () if rule is None else rule.drop:
        left = tuple(mass for mass in masses if mass not in drop)
        if len(left) + len(drop) != len(masses) or not left:
            raise ValueError(
                "`evaluation.interpolation.drop` must name training masses "
                f"{list(masses)} and leave one. Received: {list(drop)}."
            )
        kept["without " + ", ".join(f"{mass:g}" for mass in drop)] = left
    for mass in masses if recipe.evaluation.extrapolation and len(masses) > 1 else ():
        kept[f"only {mass:g}"] = (mass,)
    return {
        name: _retraining(name, recipe, parts, folder, seeds, left)
        for name, left in kept.items()
    }


def _check_one_parameter(recipe: Recipe, train: Events) -> None:
    names = train.parameter_names
    section = recipe.evaluation
    for key, value in (
        ("interpolation", section.interpolation is not None),
        ("extrapolation", section.extrapolation),
    ):
        if value and len(names) > 1:
            raise ValueError(
                f"`evaluation.{key}` trains without some masses, which is defined for "
                "events with one parameter. Leave it out. "
                f"Received: events with the parameters {', '.join(names)}."
            )


def in_pool(
    trainings: Sequence[Training], *, workers: int | None, say: Callable[[str], None]
) -> list[Path]:
    """Runs trainings over the processors.

    Raises:
        ValueError: If one fails twice, with its error.
    """
    if not trainings:
        return []
    from kerashep.training.pool import run_pool

    def report(done: int, total: int, item: object) -> None:
        say(f"  {done}/{total} trained: {item}")

    outcomes = run_pool(run_training, trainings, workers=workers, progress=report)
    for training, outcome in zip(trainings, outcomes, strict=True):
        if not outcome.ok:
            raise ValueError(f"Training '{training}' failed: {outcome.error}")
    return [outcome.value for outcome in outcomes]


def _retraining(
    name: str,
    recipe: Recipe,
    parts: Parts,
    folder: Path,
    seeds: Sequence[int],
    seen_gev: tuple[float, ...],
) -> Retraining:
    place = folder / REDUCED / name.replace(", ", "_").replace(" ", "_")
    dropped = set(training_masses(parts["train"])) - set(seen_gev)
    reduced = {
        part: without_masses(events, sorted(dropped))
        for part, events in parts.items()
        if part != "test"
    }
    return Retraining(
        seen_gev,
        tuple(
            Training(
                name if seed == seeds[0] else f"{name}, seed {seed}",
                recipe,
                reduced,
                seed,
                place if seed == seeds[0] else place / SEEDS / str(seed),
            )
            for seed in seeds
        ),
    )
