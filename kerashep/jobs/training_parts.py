"""What of the events that a network may see it trains on."""

from kerashep.data.events import Events
from kerashep.data.splits import split_events
from kerashep.training.recipe import Recipe


def training_parts(recipe: Recipe, events: Events, seed: int) -> dict[str, Events]:
    """All events as `train`, or a part as `validation` if the recipe stops by that.

    Args:
        recipe: Of a training without ensemble.
        events: That may be seen.
        seed: Of the division; its shares are those of `data.split`.
    """
    stopping = recipe.training.early_stopping
    if stopping is None or not stopping.monitor.startswith("val_"):
        return {"train": events}
    fractions = recipe.data.split.fractions
    both = fractions["train"] + fractions["validation"]
    shares = {name: fractions[name] / both for name in ("train", "validation")}
    return split_events(events, shares, seed=seed)
