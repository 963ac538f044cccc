"""From a recipe to events: a named data set, its files, or a user's own files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kerashep._messages import did_you_mean
from kerashep.data.events import PROVENANCES, Events
from kerashep.data.splits import split_events
from kerashep.data.weights import (
    apply_negative_weight_policy,
    with_training_weights,
)
from kerashep.datasets.registry import dataset_info, load_dataset, reads_files
from kerashep.jobs.parameter_rows import signal_rows_of
from kerashep.jobs.provenance import file_provenance
from kerashep.jobs.sample_files import read_files
from kerashep.training.file_section import FileSection
from kerashep.training.recipe import Recipe, load_file_list, recipe_from_dict


@dataclass(frozen=True)
class Source:
    """Where the events of a job come from.

    Attributes:
        files: A user's own files, read with the recipe's column map.
        folder: Folder with the files of a named data set such as `hepmass`.
        provenance: Of `files`, if the user states it.
        listed: What a YAML file says of each of `files`, if it lists them.
    """

    files: tuple[Path, ...] = ()
    folder: Path | None = None
    provenance: str | None = None
    listed: tuple[FileSection, ...] = ()

    @classmethod
    def from_options(cls, data: Sequence[Path], provenance: str | None) -> "Source":
        """Tells files, a list of files and folders apart; refuses what is not there."""
        for path in data:
            if not path.exists():
                raise FileNotFoundError(f"No file or folder '{path}' (--data).")
        folders = [path for path in data if path.is_dir()]
        if folders and len(data) > 1:
            raise ValueError(
                "--data takes files, or one folder of a named data set. "
                f"Received: {', '.join(map(str, data))}."
            )
        if provenance is not None and provenance not in PROVENANCES:
            raise ValueError(
                f"Unknown provenance '{provenance}'."
                + did_you_mean(provenance, PROVENANCES)
            )
        if provenance is not None and (folders or not data):
            raise ValueError(
                "--provenance labels files of --data; a named data set has its own. "
                f"Received: --provenance {provenance} without files."
            )
        if folders:
            return cls(folder=folders[0])
        lists = [path for path in data if path.suffix in (".yaml", ".yml")]
        if not lists:
            return cls(files=tuple(data), provenance=provenance)
        if len(data) > 1:
            raise ValueError(
                "--data takes files, or one YAML file that lists them. "
                f"Received: {', '.join(map(str, data))}."
            )
        listed = load_file_list(lists[0])
        files = tuple(Path(file.path) for file in listed)
        return cls(files=files, provenance=provenance, listed=listed)


def with_files(recipe: Recipe, source: Source, say: Callable[[str], None]) -> Recipe:
    """The recipe with the user's files, or the folder of its data set, if given.

    So the resolved recipe of a run says by itself what it was trained on.

    Args:
        recipe: Its column map says which columns of a file are what.
        source: Files or a folder, if any.
        say: Receives the notice about an unstated provenance, also of files that the
            recipe itself names.

    Raises:
        ValueError: If the recipe has no column map, or reads files and got a folder.
    """
    data = recipe.data
    if source.folder is not None:
        if data.dataset == "file":
            raise ValueError(
                f"Recipe '{recipe.name}' reads files: name them with --data. "
                f"Received: the folder '{source.folder}'."
            )
        named = data.model_copy(update={"folder": str(source.folder.resolve())})
        return recipe.model_copy(update={"data": named})
    if not source.files:
        return _with_own_provenance(recipe, say)
    if data.dataset != "file" and reads_files(data.dataset):
        return _with_named_file(recipe, source)
    if data.columns is not None:
        return _with_users_files(recipe, source, say)
    raise ValueError(
        f"Recipe '{recipe.name}' has no `data.columns`, so it does not say which "
        "columns of a file are what. Add them to read --data."
    )


def _with_users_files(
    recipe: Recipe, source: Source, say: Callable[[str], None]
) -> Recipe:
    """The recipe with files that its column map describes."""
    data = recipe.data
    # What a recipe states holds for its own paths, not for other files.
    stated = source.provenance or (None if data.sample_files else data.provenance)
    paths = tuple(str(path.resolve()) for path in source.files)
    changed: dict[str, object] = {
        "dataset": "file",
        "arguments": {},
        "folder": None,
        "paths": () if source.listed else paths,
        "files": source.listed,
        "provenance": file_provenance(source.files, stated, say),
    }
    if data.arguments:
        say("The events are those of --data, whole: `data.arguments` have no effect.")
    if data.files and not source.listed:
        say(
            "The events are those of --data: `data.files` has no effect, and columns "
            "give label and parameters."
        )
    updated = data.model_copy(update=changed)
    changed_recipe = recipe.model_copy(update={"data": updated, "quick": {}})
    if source.listed:  # do they fit the column map?
        recipe_from_dict(changed_recipe.model_dump(), source="The recipe with --data")
    return changed_recipe


def _with_named_file(recipe: Recipe, source: Source) -> Recipe:
    """The recipe with a file of its named data set, such as `training.csv`."""
    if len(source.files) > 1 or source.listed or source.provenance is not None:
        raise ValueError(
            f"Recipe '{recipe.name}' reads the data set '{recipe.data.dataset}': give "
            "its file or its folder by --data, one path, without --provenance. "
            f"Received: {', '.join(map(str, source.files))}."
        )
    data = recipe.data.model_copy(update={"folder": str(source.files[0].resolve())})
    return recipe.model_copy(update={"data": data})


def _with_own_provenance(recipe: Recipe, say: Callable[[str], None]) -> Recipe:
    """The recipe with the provenance of its own files, if it has any."""
    data = recipe.data
    files = data.sample_files
    if data.dataset != "file" or not files or data.provenance is not None:
        return recipe
    found = file_provenance([Path(file.path) for file in files], None, say)
    stated = data.model_copy(update={"provenance": found})
    return recipe.model_copy(update={"data": stated})


def load_events(recipe: Recipe, source: Source, *, seed: int) -> Events:
    """Events of the recipe's data set or files, with their training weights.

    Args:
        recipe: Names the data set, or files and their columns.
        source: Folder of a named data set, if any.
        seed: Seed of a simulated data set.

    Raises:
        ValueError: If the files do not fit the column map.
    """
    data = recipe.data
    _check_ids(recipe)
    if data.columns is not None and data.dataset == "file":
        if not data.sample_files:
            raise ValueError(
                f"Recipe '{recipe.name}' reads files: name them with --data, or under "
                "`data.paths` or `data.files`."
            )
        events = read_files(data)
    else:
        try:
            events = load_dataset(
                data.dataset,
                path=source.folder or data.folder,
                seed=seed,
                **data.arguments,
            )
        except TypeError as error:
            raise ValueError(
                f"`data.arguments` do not fit the data set '{data.dataset}': {error}. "
                f"Received: {data.arguments}."
            ) from error
        events = apply_negative_weight_policy(events, data.negative_weights)
    return with_training_weights(events, data.training_weights)


def _check_ids(recipe: Recipe) -> None:
    """Refuses a split by ids that are no more than row numbers."""
    data = recipe.data
    if data.split.by != "event_id":
        return
    if data.dataset == "file":
        known = data.columns is not None and data.columns.event_id is not None
    else:
        known = dataset_info(data.dataset).has_event_ids
    if not known:
        where = (
            "Name their column in `data.columns.event_id`, or use"
            if data.dataset == "file"
            else f"Those of the data set '{data.dataset}' are row numbers, which "
            "change when the sample grows. Use"
        )
        raise ValueError(
            "`data.split.by: event_id` needs events with ids of their own. "
            f"{where} `data.split.by: seed`."
        )


def split(
    recipe: Recipe, events: Events, *, seed: int | None = None
) -> dict[str, Events]:
    """Training, validation and test events of the recipe's split.

    Args:
        recipe: Holds the fractions and the rule.
        events: To be split.
        seed: Instead of the recipe's split seed.
    """
    rule = recipe.data.split
    return split_events(
        events,
        {str(name): part for name, part in rule.fractions.items()},
        by=rule.by,
        seed=rule.seed if seed is None else seed,
    )


def training_masses(events: Events) -> tuple[float, ...]:
    """Distinct masses (the first parameter) of the signal; empty without parameters."""
    return tuple(sorted({row[0] for row in signal_rows_of(events)}))


def without_masses(events: Events, masses_gev: Sequence[float]) -> Events:
    """Events without the signal of some masses; the whole background stays.

    Args:
        events: With the mass as first parameter.
        masses_gev: Which masses to leave out.
    """
    if not masses_gev:
        return events
    dropped = np.isin(events.parameters[:, 0], np.asarray(masses_gev, "float32"))
    return events.take(~dropped | (events.label == 0))
