"""What a job refuses before its work starts rather than after it."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from kerashep.data.events import Events
from kerashep.evaluation.per_mass import signal_rows
from kerashep.jobs.parameter_rows import Rows, rows_in_words, signal_rows_of
from kerashep.training.recipe import Recipe

_LEAST_SUM = 3.0  # of weights with negative ones, in its standard error


def check_masses(masses_gev: Sequence[float] | None) -> None:
    """Refuses what can be no mass: zero, negative, NaN or infinite.

    Args:
        masses_gev: As stated by the user, if at all.
    """
    wrong = [mass for mass in masses_gev or () if not 0.0 < mass < math.inf]
    if wrong:
        raise ValueError(
            "--mass must be a positive number of GeV, such as --mass 500. "
            f"Received: {', '.join(f'{mass:g}' for mass in wrong)}."
        )


def check_rows(rows: Rows) -> None:
    """Refuses parameters that are NaN or infinite.

    Args:
        rows: One value a parameter.
    """
    wrong = [row for row in rows if not all(math.isfinite(value) for value in row)]
    if wrong:
        shown = "; ".join(",".join(f"{value:g}" for value in row) for row in wrong)
        raise ValueError(
            "--parameters must be finite numbers, such as --parameters 500,0.3. "
            f"Received: {shown}."
        )


def check_test_signal(test: Events, rows: Rows, setting: str) -> None:
    """Refuses masses without test signal.

    Args:
        test: Test events.
        rows: Where to evaluate: parameters, the mass first.
        setting: What states or leaves open the masses, for the message.
    """
    present, names = signal_rows_of(test), test.parameter_names
    missing = tuple(row for row in rows if not signal_rows(test, _row(row)).any())
    if missing:
        raise ValueError(
            f"Evaluation needs test signal at each of its masses ({setting}). There is "
            f"none at {rows_in_words(missing, names)}, only at "
            f"{rows_in_words(present, names)}."
        )


def check_weights(
    parts: Mapping[str, Events], rows: Rows, say: Callable[[str], None]
) -> None:
    """Refuses weights by which nothing can be measured; says what negative ones cost.

    Args:
        parts: Name of the part -> events, `train` and `test` among them.
        rows: Where they are: parameters, the mass first.
        say: Receives the notice.

    Raises:
        ValueError: If a class, or the test signal at a mass, has weights that do not
            add up to a positive sum; with negative ones, to one that is at least three
            standard errors, without which no number has an error either.
    """
    train, test = parts["train"], parts["test"]
    for kind, label in (("signal", 1), ("background", 0)):
        _check_sum(train, train.label == label, f"{kind} of the training events")
        _check_sum(test, test.label == label, f"{kind} of the test events")
    for row in rows:
        at = rows_in_words((row,), test.parameter_names)
        chosen = signal_rows(test, _row(row))
        _check_sum(test, chosen, f"signal of the test events at {at}")
    negative = int(np.count_nonzero(test.weight < 0.0))
    if negative:
        say(
            f"{negative} of {len(test)} test events have a negative weight "
            "(data.negative_weights: keep): the PR AUC and the ROC, purity and "
            "background efficiency curves are left out; the other numbers use the "
            "signed weights."
        )


def check_without_mass(recipe: Recipe, events: Events) -> None:
    """Refuses settings that need a mass for events that have none.

    Args:
        recipe: Its balance and its evaluation.
        events: Of the training.

    Raises:
        ValueError: Naming all of them at once, each with what to set.
    """
    if events.parameter_names:
        return
    evaluation = recipe.evaluation
    instead = {
        "training.balance=class": recipe.training.balance in ("signal", "full"),
        "evaluation.masses_gev=null": evaluation.masses_gev is not None,
        "evaluation.interpolation=null": evaluation.interpolation is not None,
        "evaluation.extrapolation=false": evaluation.extrapolation,
    }
    changes = [f"--set {change}" for change, needed in instead.items() if needed]
    if changes:
        names = [change.split("=")[0].removeprefix("--set ") for change in changes]
        raise ValueError(
            f"The events have no mass, which {', '.join(names)} of the recipe need. "
            f"Add {' '.join(changes)}, or name the column of the mass in "
            "`data.columns.parameters`."
        )


def check_task(recipe: Recipe, parts: Mapping[str, Events]) -> None:
    """Refuses events that do not hold what the recipe's loss is of.

    Args:
        recipe: Its loss.
        parts: Name of the part -> events.

    Raises:
        ValueError: Without label or target, or for negative weights in a regression.
    """
    loss = recipe.training.loss
    for name, events in parts.items():
        if not recipe.training.regresses:
            if events.unlabelled:
                raise ValueError(
                    f"The events have no label, which `training.loss: {loss}` needs. "
                    "To regress their target set training.loss=trimmed_ratio."
                )
            continue
        if not events.has_target:
            raise ValueError(
                f"The {name} events have no target to regress, which `training.loss: "
                f"{loss}` needs. Name its column in `data.columns.target`, or use a "
                "data set that has one, such as w_jets_simulated."
            )
        negative = int(np.count_nonzero(events.weight < 0.0))
        if negative or not events.weight.any():
            raise ValueError(
                f"A regression needs positive weights. Received: {negative} of "
                f"{len(events)} {name} events with a negative one. Set "
                "data.negative_weights to drop or absolute."
            )


def check_ams(recipe: Recipe, events: Events) -> None:
    """Refuses `evaluation.ams` for events with a mass.

    Args:
        recipe: Its evaluation.
        events: Of the training.
    """
    if recipe.evaluation.ams is not None and events.parameter_names:
        raise ValueError(
            "`evaluation.ams` is for events without a mass; for those with one "
            "metrics.json has the largest s / sqrt(s + b) of each mass, "
            "`best_significance`. Leave it out. Received: events with the parameters "
            f"{', '.join(events.parameter_names)}."
        )


def _check_sum(events: Events, chosen: np.ndarray, what: str) -> None:
    weight = events.weight[chosen]
    negative = int(np.count_nonzero(weight < 0.0))
    total, error = float(weight.sum()), float(np.sqrt(np.sum(weight**2)))
    if total > (_LEAST_SUM * error if negative else 0.0):
        return
    if not len(weight):
        found, fix = "there are none", "Use more events"
    elif negative:
        found = (
            f"{negative} of their weights, sum {total:.3g} ± {error:.2g}, are below 0"
        )
        fix = "Set `data.negative_weights` to drop or absolute, or use more events"
    else:
        found, fix = "all weights are zero", "Check `data.columns.weight`"
    raise ValueError(
        f"Nothing can be measured with the {len(weight)} {what}: {found}. {fix}."
    )


def _row(row: tuple[float, ...]) -> np.ndarray:
    return np.asarray(row, "float32")
