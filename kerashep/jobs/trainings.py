"""Many trainings of one recipe: seeds, and retrainings without some masses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kerashep.data.events import Events
from kerashep.export.keras_file import export_keras
from kerashep.jobs.ensembles import run_ensemble
from kerashep.jobs.served import as_served, parity_sample, served_info
from kerashep.jobs.source import training_masses, without_masses
from kerashep.training.recipe import Recipe
from kerashep.training.run_folder import RunFolder
from kerashep.training.streamed import StreamedEvents

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
        streamed: Training events on disk, if they are not in memory.
    """

    label: str
    recipe: Recipe
    parts: Parts
    seed: int
    folder: Path
    streamed: StreamedEvents | None = None

    def __str__(self) -> str:
        return self.label


def run_training(
    training: Training,
    *,
    progress: bool = False,
    workers: int = 1,
    say: Callable[[str], None] | None = None,
) -> Path:
    """Trains, or continues, and returns the path of the saved model.

    Args:
        training: What to do.
        progress: Whether to show progress.
        workers: Processes for the members of an ensemble.
        say: Is told of the members of an ensemble.
    """
    from kerashep.training.fit import train
    from kerashep.training.trainer_cache import shared_programs

    run = RunFolder(training.folder)
    recipe, parts, seed = training.recipe, training.parts, training.seed
    if recipe.training.ensemble is not None:
        return run_ensemble(recipe, parts, run, seed=seed, workers=workers, say=say)
    with shared_programs():
        trained = train(
            recipe,
            parts,
            seed=seed,
            run=run,
            progress=progress,
            streamed=training.streamed,
        )
    events = as_served(training.parts["train"], trained.model)
    info = served_info(training.recipe, events, trained.scaler)
    sample = parity_sample(training.recipe, events, info)
    export_keras(trained.model, run.model, info=info, sample=sample)
    return run.model


def train_seeds(
    recipe: Recipe,
    parts: Parts,
    folder: Path,
    *,
    seeds: Sequence[int],
    workers: int | None,
    say: Callable[[str], None],
    streamed: StreamedEvents | None = None,
) -> list[Path]:
    """One training a seed; the first one's files stand in `folder` itself.

    One seed trains in this process, with a progress bar; several train side by side, to
    the same bits. Members of an ensemble then share the process of their seed.

    Args:
        recipe: How to train.
        parts: Events.
        folder: Run folder; further seeds go to `folder/seeds/<seed>`.
        seeds: Seeds of the trainings.
        workers: Processes for several seeds, or for the members of one's ensemble.
        say: Receives progress.
        streamed: Training events on disk, for one seed.

    Returns:
        Path of the model of each seed.
    """
    places = [folder, *(folder / SEEDS / str(seed) for seed in seeds[1:])]
    trainings = [
        Training(f"seed {seed}", recipe, parts, seed, place, streamed)
        for seed, place in zip(seeds, places, strict=True)
    ]
    if len(trainings) > 1:
        return in_pool(trainings, workers=workers, say=say)
    from kerashep.training.pool import worker_count

    count = worker_count(workers)
    return [run_training(trainings[0], progress=True, workers=count, say=say)]


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
