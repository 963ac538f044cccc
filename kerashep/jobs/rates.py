"""`kerashep rates`: the learning-rate range test of a recipe."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kerashep._files import require_writable, write_json
from kerashep.evaluation import plots
from kerashep.jobs.training_events import training_events

RULES = ("steepest", "minimum")

if TYPE_CHECKING:
    from kerashep.training.range_test import RangeTest


def rates_job(
    recipe: str,
    *,
    data: Sequence[Path],
    output: Path | None,
    overrides: Sequence[str],
    provenance: str | None,
    quick: bool,
    lowest: float,
    highest: float,
    repeats: int,
    points: int,
    passes: float | None,
    say: Callable[[str], None],
) -> list[Path]:
    """Trains while the learning rate rises, and suggests one.

    The recipe's own schedule, its epochs and its ensemble have no part in it; model,
    batches, loss and optimizer are those of its trainings.

    Args:
        recipe: Published name, folder or file.
        data: Files of events, or the folder of a named data set.
        output: Folder to write; `runs/<recipe>_rates` by default.
        overrides: Recipe values.
        provenance: Of files.
        quick: Whether the recipe's quick settings apply.
        lowest: First rate.
        highest: Last rate.
        repeats: Folds of ten that are left out in turn.
        points: On the curve.
        passes: Length of a repeat in passes over the training events; by default one,
            or as many as give a step a point.
        say: Receives messages.

    Returns:
        `rates.json` and a figure.
    """
    from kerashep.training.fold_setup import prepare_folds
    from kerashep.training.range_test import learning_rate_range_test

    folder = output or Path("runs") / f"{Path(recipe).stem}_rates"
    require_writable(folder, "-o", folder=True)
    chosen, train = training_events(
        recipe, data, overrides, provenance=provenance, quick=quick, say=say
    )
    prepared = prepare_folds(chosen, train)
    found = learning_rate_range_test(
        prepared.setup,
        prepared.events,
        lowest=lowest,
        highest=highest,
        points=points,
        passes=passes or _passes(len(train), chosen.training.batch_size, points),
        repeats=repeats,
        seed=chosen.seed,
    )
    written = _write(folder, chosen.name, train.provenance, found)
    say(
        f"The loss falls fastest at a rate of {found.suggestion():.2g}; a tenth of the "
        f"rate at its minimum is {found.suggestion('minimum'):.2g}. The recipe has "
        f"{chosen.training.learning_rate:g}."
    )
    return written


def _write(folder: Path, name: str, provenance: str, found: "RangeTest") -> list[Path]:
    """Numbers and figure of a range test."""
    numbers, drawing = folder / "rates.json", folder / "rates.png"
    steepest, minimum = (_suggestion(found, rule) for rule in RULES)
    content = {
        "provenance": provenance,
        "rates": found.rates.tolist(),
        "validation_loss": found.mean().tolist(),
        "spread": found.spread().tolist(),
        "steepest": steepest,
        "tenth_of_minimum": minimum,
    }
    write_json(numbers, content)
    figure = plots.plot_range_test(
        found.rates,
        found.mean(),
        found.spread(),
        provenance,
        suggestion=steepest,
        subject=name,
    )
    plots.save_figure(figure, drawing)
    return [numbers, drawing]


def _suggestion(found: "RangeTest", rule: str) -> float | None:
    """None where the loss never fell."""
    try:
        return found.suggestion(rule)
    except ValueError:
        return None


def _passes(events: int, batch_size: int, points: int) -> float:
    """At least one, and a step a point in nine tenths of the events."""
    steps = max(1, int(0.9 * events) // batch_size - 1)
    return max(1.0, points / steps)
