"""Policies for negative weights, and training weights derived from physics weights."""

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.events import Events
from kerashep.data.groups import signal_sets

NEGATIVE_WEIGHT_POLICIES = ("error", "drop", "absolute", "keep")
TRAINING_WEIGHT_POLICIES = (
    "physics_normalised",
    "balanced",
    "balanced_parameters",
    "flat",
)


def apply_negative_weight_policy(events: Events, policy: str) -> Events:
    """Treats events with negative physics weight as `policy` says.

    Args:
        events: Events whose `weight` may be negative, as NLO generators make them.
        policy: `error` refuses them; `drop` removes them; `absolute` replaces the
            weight by its magnitude; `keep` leaves them. `drop` and `absolute` change
            the yields: a warning says by how much.

    Returns:
        Events; the same object if no weight is negative.

    Raises:
        ValueError: For an unknown policy, or for `error` if there are negative weights,
            with their count and share.
    """
    if policy not in NEGATIVE_WEIGHT_POLICIES:
        raise ValueError(
            f"Unknown policy for negative weights '{policy}'."
            + did_you_mean(policy, NEGATIVE_WEIGHT_POLICIES)
        )
    negative = events.weight < 0
    count = int(np.count_nonzero(negative))
    if not count or policy == "keep":
        return events
    found = (
        f"{count} of {len(events)} events ({count / len(events):.2%}) have a negative "
        f"weight, {_share(events.weight):.2%} of the sum of |weight|"
    )
    if policy == "error":
        raise ValueError(
            f"{found}. Choose what to do with them: negative_weights='drop', "
            "'absolute' or 'keep'. Received: negative_weights='error'."
        )
    if policy == "drop":
        changed = events.take(~negative)
    else:
        changed = events.with_columns(weight=np.abs(events.weight))
    warnings.warn(
        f"{found}; negative_weights='{policy}' changes the total yield from "
        f"{events.weight.sum():.6g} to {changed.weight.sum():.6g}.",
        stacklevel=2,
    )
    return changed


def with_training_weights(events: Events, policy: str) -> Events:
    """Derives the weights of the loss from the physics weights.

    Args:
        events: Events of both classes.
        policy: `physics_normalised`: weights of mean 1 in each class. `balanced`: equal
            sums of both classes, overall mean 1. `balanced_parameters`: as `balanced`,
            and equal sums of all signal parameter sets (masses). `flat`: ones, whatever
            the physics weights. Events without classes but with a target take
            `physics_normalised` (mean 1 of all) or `flat`.

    Returns:
        The same events with new `training_weight`; `weight` is unchanged.

    Raises:
        ValueError: For an unknown policy, a class without events, or a class (or
            signal parameter set) whose weights do not sum to a positive number.
    """
    if policy not in TRAINING_WEIGHT_POLICIES:
        raise ValueError(
            f"Unknown training weight policy '{policy}'."
            + did_you_mean(policy, TRAINING_WEIGHT_POLICIES)
        )
    if not (events.unlabelled and events.has_target):
        require_both_classes(events)
    if policy == "flat":
        return events.with_columns(training_weight=np.ones(len(events), "float32"))
    weight = events.weight.copy()
    for rows, name, target in _targets(events, policy):
        total = weight[rows].sum()
        if not total > 0:
            raise ValueError(
                f"The weights of {name} sum to {total:.6g}; expected a positive sum "
                f"for policy '{policy}'. Check the weight column, or choose another "
                "`negative_weights` policy."
            )
        weight[rows] *= target / total
    return events.with_columns(training_weight=weight.astype("float32"))


def require_both_classes(events: Events) -> None:
    """Raises a `ValueError` if there is no signal or no background."""
    signal = int(np.count_nonzero(events.label == 1))
    for name, count in (("signal", signal), ("background", len(events) - signal)):
        if not count:
            raise ValueError(
                f"There is no {name}: expected events of both classes. Received: "
                f"{signal} signal and {len(events) - signal} background events."
            )


def _targets(
    events: Events, policy: str
) -> Iterator[tuple[NDArray[np.bool_], str, float]]:
    """Groups of events, their name in messages, and the sum of weights each gets."""
    if events.unlabelled:
        if policy != "physics_normalised":
            raise ValueError(
                "The events have no classes that could be balanced: use the weight "
                f"policy 'physics_normalised' or 'flat'. Received: '{policy}'."
            )
        yield np.ones(len(events), "bool"), "all events", float(len(events))
        return
    signal = events.label == 1
    half = len(events) / 2
    if policy == "physics_normalised":
        yield ~signal, "the background", float(np.count_nonzero(~signal))
        yield signal, "the signal", float(np.count_nonzero(signal))
        return
    yield ~signal, "the background", half
    if policy == "balanced":
        yield signal, "the signal", half
        return
    numbers, count = signal_sets(events)
    for number in range(count):
        rows = numbers == number
        values = events.parameters[int(np.argmax(rows))].tolist()
        at = dict(zip(events.parameter_names, values, strict=True))
        yield rows, f"the signal at {at}", half / count


def _share(weight: NDArray[np.float64]) -> float:
    return float(-weight[weight < 0].sum() / np.abs(weight).sum())
