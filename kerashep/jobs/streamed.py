"""`kerashep train` on files larger than memory (`data.streamed: true`)."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from kerashep.data.event_blocks import part_of_blocks
from kerashep.data.events import Events
from kerashep.data.weights import require_both_classes
from kerashep.jobs.sample_files import iter_files
from kerashep.training.recipe import Recipe
from kerashep.training.streamed import (
    StreamedEvents,
    store_events,
    streamed_weights,
)

_STORES = "kerashep-*/events.float32"  # as EventStore names its files


def load_streamed(
    recipe: Recipe, folder: Path, say: Callable[[str], None]
) -> tuple[StreamedEvents, dict[str, Events]]:
    """Training events on disk and all others in memory, a pass over the files each.

    Args:
        recipe: With `data.streamed`, see `check_streamed`.
        folder: Run folder, in which the training events are copied; the copy is removed
            when the process ends, and that of a killed one now.
        say: Is told what is read.

    Returns:
        The training events; part -> events, `train` being their sample.

    Raises:
        ValueError: If the files do not fit the recipe, or a part lacks a class.
    """
    say("Copying the training events to disk ...")
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(_STORES):
        left.unlink()
        with contextlib.suppress(OSError):  # something else is in it
            left.parent.rmdir()
    streamed = store_events(recipe, _blocks(recipe, "train"), folder)
    parts = {"train": streamed.sample}
    for name in recipe.data.split.fractions:
        if name != "train":
            held = part_in_memory(recipe, name)
            weight = streamed_weights(recipe, streamed.store, held)
            parts[name] = held.with_columns(training_weight=weight)
    say(
        f"{len(streamed):,} training events ({streamed.signal:,} signal) are read from "
        f"disk; the scaler is fitted on a sample of {len(streamed.sample):,}."
    )
    return streamed, parts


def part_in_memory(recipe: Recipe, part: str) -> Events:
    """One part of the events of the recipe's files, in a pass over them.

    Args:
        recipe: Names the files and the fractions.
        part: For example `test`.

    Raises:
        ValueError: If the part lacks a class.
    """
    blocks = [block for block in _blocks(recipe, part) if len(block)]
    if not blocks:
        raise ValueError(f"No events fall into the part '{part}' (`data.split`).")
    names = blocks[-1].process_names  # of all that were met
    events = Events.concatenate([replace(b, process_names=names) for b in blocks])
    try:
        require_both_classes(events)
    except ValueError as error:
        raise ValueError(f"Part '{part}' (`data.split`): {error}") from error
    return events


def _blocks(recipe: Recipe, part: str) -> Iterator[Events]:
    rule = recipe.data.split
    fractions = {str(name): share for name, share in rule.fractions.items()}
    return part_of_blocks(iter_files(recipe.data), fractions, part, seed=rule.seed)
