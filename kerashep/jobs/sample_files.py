"""Events of the files that a recipe names, by columns and by what it says of each."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from kerashep.data.event_blocks import iter_events
from kerashep.data.events import Events
from kerashep.data.readers import read_events
from kerashep.data.tables import column_names
from kerashep.training.data_section import DataSection
from kerashep.training.recipe import Recipe

Found = TypeVar("Found")


def read_files(data: DataSection) -> Events:
    """Events of `data.files` or `data.paths`, in their order.

    Args:
        data: With a column map and at least one file.

    Raises:
        ValueError: If a file fits neither the column map nor what is said of it.
    """
    return _from_files(read_events, data)


def iter_files(data: DataSection) -> Iterator[Events]:
    """Blocks of the events of `read_files`, for files larger than memory.

    Args:
        data: With a column map and at least one file.

    Raises:
        ValueError: While iterating, as `read_files`.
    """
    return _from_files(iter_events, data)


def _from_files(read: Callable[..., Found], data: DataSection) -> Found:
    """What `read` makes of the section's files, their constants and its columns."""
    assert data.columns is not None  # noqa: S101  (the section asks for it)
    files = data.sample_files
    _check_label_columns(data)
    return read(
        [file.path for file in files],
        data.columns,
        provenance=data.provenance or "simulated",
        negative_weights=data.negative_weights,
        label=[file.label for file in files],
        process=[file.process for file in files],
        weight_scale=[file.weight_scale for file in files],
        parameters=[file.parameters for file in files],
    )


def without_absent_parameters(recipe: Recipe, say: Callable[[str], None]) -> Recipe:
    """The recipe without parameters, if nothing gives those of some signal.

    For models that take no parameter: they score events without a mass too.

    Args:
        recipe: Names files and their columns, or a named data set, which stays.
        say: Is told what was left out.
    """
    data, columns = recipe.data, recipe.data.columns
    if data.dataset != "file" or columns is None:
        return recipe
    signal = [file for file in data.sample_files if file.label != 0]
    wanted = {
        column
        for name, column in columns.parameters.items()
        if any(name not in file.parameters for file in signal)
    }
    present = {
        name
        for file in data.sample_files
        for name in column_names(file.path, columns.tree)
    }
    absent = sorted(wanted - present)
    if not absent:
        return recipe
    say(f"No column {', '.join(absent)}: the events are used without a mass.")
    kept = columns.model_copy(update={"parameters": {}, "undefined_parameter": None})
    files = [file.model_copy(update={"parameters": {}}) for file in data.files]
    changed = data.model_copy(update={"columns": kept, "files": tuple(files)})
    return recipe.model_copy(update={"data": changed})


def check_parameters(events: Events, wanted: Sequence[str]) -> None:
    """Refuses events whose parameters are not those of a model.

    Args:
        events: To be scored.
        wanted: Parameters of the model, in its order.

    Raises:
        ValueError: If others are there, or in another order.
    """
    if tuple(events.parameter_names) != tuple(wanted):
        raise ValueError(
            f"The model takes {', '.join(wanted)} of each event. Received: events with "
            f"{', '.join(events.parameter_names) or 'no parameters'}. Name the columns "
            "in `data.columns.parameters` of the recipe, in this order, or give the "
            "values of each file of signal in a YAML list of files "
            "(--data samples.yaml)."
        )


def _check_label_columns(data: DataSection) -> None:
    """Says what to do about a file without a label, for which there are two ways."""
    columns = data.columns
    if columns is None or columns.label is None:
        return
    for file in data.sample_files:
        if file.label is None:
            present = column_names(file.path, columns.tree)
            if columns.label not in present:
                raise ValueError(
                    "Nothing tells signal from background in "
                    f"'{file.path}': it has no column '{columns.label}' "
                    "(`data.columns.label`). Name the right column, or state the "
                    "file's `label`, 0 or 1, under `data.files` or in a YAML list of "
                    "files (--data samples.yaml)."
                )
