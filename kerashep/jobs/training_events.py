"""The training events of a recipe, for studies that train no model of record."""

from collections.abc import Callable, Sequence
from pathlib import Path

from kerashep.data.events import Events
from kerashep.jobs.source import Source, load_events, split, with_files
from kerashep.training.recipe import Recipe, load_recipe


def training_events(
    recipe: str,
    data: Sequence[Path],
    overrides: Sequence[str],
    *,
    provenance: str | None,
    quick: bool,
    say: Callable[[str], None],
) -> tuple[Recipe, Events]:
    """The recipe with its files, and the training part of its events.

    So that what is learnt from a study leaves the test events alone.

    Args:
        recipe: Published name, folder or file.
        data: Files of events, or the folder of a named data set.
        overrides: Recipe values, `a.b=c`.
        provenance: Of files.
        quick: Whether the recipe's quick settings apply.
        say: Receives messages.
    """
    chosen = load_recipe(recipe, overrides=overrides, quick=quick)
    source = Source.from_options(data, provenance)
    chosen = with_files(chosen, source, say)
    events = load_events(chosen, source, seed=chosen.data.split.seed)
    train = split(chosen, events)["train"]
    say(f"{chosen.name}: {len(train)} training events [{train.provenance}]")
    return chosen, train
