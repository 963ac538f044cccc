"""The rows of signal parameters, such as masses and couplings, of a job."""

from collections.abc import Sequence

import numpy as np

from kerashep.data.background_mass import distinct_parameter_sets
from kerashep.data.events import Events
from kerashep.evaluation.mass_metrics import parameters_text
from kerashep.evaluation.per_mass import plain_rows
from kerashep.training.recipe import Recipe

Rows = tuple[tuple[float, ...], ...]


def signal_rows_of(events: Events) -> Rows:
    """Distinct rows of the signal's parameters; empty without parameters."""
    if not events.parameter_names:
        return ()
    signal = events.parameters[events.label == 1]
    finite = signal[np.isfinite(signal).all(axis=1)]
    if not len(finite):
        return ()
    return plain_rows(distinct_parameter_sets(finite)[0])


def rows_to_evaluate(recipe: Recipe, default: Rows) -> Rows:
    """Rows at which a recipe is evaluated.

    Args:
        recipe: Its `evaluation.masses_gev`, if stated, are rows of one parameter.
        default: Rows otherwise.

    Raises:
        ValueError: If masses are stated and there are several parameters.
    """
    wanted = recipe.evaluation.masses_gev
    if wanted is None:
        return default
    if default and len(default[0]) > 1:
        raise ValueError(
            "`evaluation.masses_gev` (evaluate: --mass) is for events with one "
            "parameter, the mass; with several, each row of the signal's parameters is "
            f"evaluated. Leave it out. Received: {list(wanted)} with "
            f"{len(default[0])} parameters."
        )
    return tuple((float(mass),) for mass in wanted)


def rows_in_words(rows: Rows, names: Sequence[str]) -> str:
    """`500, 750 GeV`; with several parameters `500 GeV, coupling 0.3; ...`."""
    if not rows:
        return "no mass"
    if len(rows[0]) == 1:
        return ", ".join(f"{row[0]:g}" for row in rows) + " GeV"
    return "; ".join(
        parameters_text(dict(zip(names, row, strict=True))) for row in rows
    )


def parse_rows(texts: Sequence[str]) -> Rows:
    """Rows from texts such as `500,0.3`, one number a parameter.

    Raises:
        ValueError: If a text is not a list of numbers, or they differ in length.
    """
    try:
        rows = tuple(tuple(float(v) for v in text.split(",")) for text in texts)
    except ValueError:
        rows = ()
    if not rows or len({len(row) for row in rows}) != 1:
        raise ValueError(
            "--parameters must be numbers with commas between, one a parameter of the "
            "model, such as --parameters 500,0.3 (repeatable). "
            f"Received: {', '.join(repr(text) for text in texts)}."
        )
    return rows
