"""Settings and fitting shared by the tree baselines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep._messages import did_you_mean
from kerashep.data.events import Events
from kerashep.data.splits import split_events

BACKENDS = ("lightgbm",)
_PARTS = ("train", "validation")


@dataclass(kw_only=True)
class TreeSettings:
    """Settings that every tree baseline shares; the defaults suit 10^4 to 10^6 events.

    Args:
        backend: `lightgbm`.
        rounds: Most boosting rounds.
        patience: Rounds without a better weighted validation loss before stopping.
        learning_rate: Shrinkage of each tree.
        leaves: Most leaves of a tree.
        min_child_events: Fewest events in a leaf.
        feature_fraction: Share of the features each tree may use. Below 1, some trees
            of a parametric classifier never see the mass, which costs much.
        l2: L2 penalty of leaf values.
        validation_fraction: Share of the training events that decides when to stop,
            if no validation events are given.
        seed: Seed of the split, the background masses and the trees.
        threads: Threads of the tree library.
    """

    backend: str = "lightgbm"
    rounds: int = 400
    patience: int = 40
    learning_rate: float = 0.05
    leaves: int = 31
    min_child_events: int = 50
    feature_fraction: float = 1.0
    l2: float = 1.0
    validation_fraction: float = 0.15
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        if self.backend not in BACKENDS:
            raise ValueError(
                f"Unknown `backend` '{self.backend}'."
                + did_you_mean(self.backend, BACKENDS)
            )
        positive = (
            "rounds",
            "patience",
            "min_child_events",
            "threads",
            "learning_rate",
        )
        for name in positive:
            if getattr(self, name) <= 0:
                raise ValueError(
                    f"`{name}` must be positive. "
                    f"Received: {name}={getattr(self, name)}."
                )
        for name in ("validation_fraction", "feature_fraction"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(
                    f"`{name}` must be above 0 and at most 1. "
                    f"Received: {name}={getattr(self, name)}."
                )
        if self.leaves < 2:
            raise ValueError(f"`leaves` must be at least 2. Received: {self.leaves}.")


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
    """Trains a LightGBM booster, stopped early on the weighted validation loss.

    Args:
        train: Training events.
        validation: Events that decide when to stop.
        settings: Settings of the trees.
        parametric: Whether the parameters are features too.
    """
    lightgbm = _lightgbm()
    sets = [_dataset(lightgbm, train, "training", parametric, None)]
    sets.append(_dataset(lightgbm, validation, "validation", parametric, sets[0]))
    parameters = {
        "objective": "binary",
        "metric": "binary_logloss",
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": settings.min_child_events,
        "feature_fraction": settings.feature_fraction,
        "lambda_l2": settings.l2,
        "seed": settings.seed,
        "num_threads": settings.threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    stop = lightgbm.early_stopping(settings.patience, verbose=False)
    return lightgbm.train(
        parameters,
        sets[0],
        num_boost_round=settings.rounds,
        valid_sets=[sets[1]],
        callbacks=[stop],
    )


def _dataset(
    lightgbm: Any, events: Events, what: str, parametric: bool, reference: Any
) -> Any:
    """LightGBM table with weights of mean 1, so that their scale does not matter."""
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
    return lightgbm.Dataset(
        table, events.label, weight=weight / weight.mean(), reference=reference
    )


def _lightgbm() -> Any:
    try:
        import lightgbm
    except ImportError as error:
        raise ImportError(
            "Boosted trees need LightGBM: `pip install kerashep[trees]`."
        ) from error
    return lightgbm


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
