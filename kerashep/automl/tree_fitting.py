"""Fitting shared by the tree baselines."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.automl.tree_libraries import Table, fit_lightgbm, fit_xgboost
from kerashep.automl.tree_settings import TreeSettings
from kerashep.data.events import Events
from kerashep.data.splits import split_events

_PARTS = ("train", "validation")


def train_and_validation(
    train: Events, validation: Events | None, settings: TreeSettings
) -> tuple[Events, Events]:
    """`train` and `validation`, split off where not given; weights checked."""
    if validation is None:
        shares = (1 - settings.validation_fraction, settings.validation_fraction)
        parts = split_events(
            train, dict(zip(_PARTS, shares, strict=True)), seed=settings.seed
        )
        train, validation = (parts[name] for name in _PARTS)
    for name, part in zip(_PARTS, (train, validation), strict=True):
        negative = int((part.training_weight < 0).sum())
        if negative:
            raise ValueError(
                f"Boosted trees need training weights >= 0. Received: {negative} "
                f"negative ones among the {name} events; choose another policy for "
                "negative weights ('drop' or 'absolute')."
            )
    return train, validation


def boost(
    train: Events, validation: Events, settings: TreeSettings, *, parametric: bool
) -> Any:
    """Trains a booster, stopped early on the weighted validation loss.

    Args:
        train: Training events.
        validation: Events that decide when to stop.
        settings: Settings of the trees, the library among them.
        parametric: Whether the parameters are features too.

    Returns:
        A booster with `predict(table, num_threads=...)`, `best_iteration` (from 1) and
        `num_trees()`, as LightGBM's.
    """
    training = _table(train, "training", parametric)
    held_out = _table(validation, "validation", parametric)
    fit = {"lightgbm": fit_lightgbm, "xgboost": fit_xgboost}[settings.backend]
    return fit(training, held_out, settings)


def _table(events: Events, what: str, parametric: bool) -> Table:
    """Features, labels and weights of mean 1, so that their scale does not matter."""
    weight = events.training_weight.astype("float64")
    for label, name in ((0, "background"), (1, "signal")):
        if not weight[events.label == label].sum() > 0:
            raise ValueError(
                f"The {what} events hold no {name} of positive training weight: the "
                "trees need both classes."
            )
    table = events.features
    if parametric and events.parameter_names:
        table = np.hstack([table, events.parameters])
    return table, events.label, weight / weight.mean()


def rounds_of(booster: Any) -> int:
    """Number of rounds kept by early stopping."""
    return int(booster.best_iteration or booster.num_trees())


def parameter_rows(m: ArrayLike | None, count: int, width: int) -> NDArray[np.float32]:
    """`m` as one row an event, `(count, width)`."""
    if m is None:
        raise ValueError(
            f"The trees were trained with {width} parameter(s): pass `m`, for example "
            "a mass in GeV. Received: m=None."
        )
    rows = np.asarray(m, "float32")
    rows = (
        rows[:, None] if rows.ndim == 1 and width == 1 and len(rows) == count else rows
    )
    fits: Sequence[tuple[int, ...]] = ((width,), (count, width))
    if not (rows.ndim == 0 and width == 1) and rows.shape not in fits:
        raise ValueError(
            f"`m` must be of shape ({width},) or ({count}, {width}), or a number if "
            f"there is one parameter. Received: shape {rows.shape}."
        )
    return np.broadcast_to(rows, (count, width))
