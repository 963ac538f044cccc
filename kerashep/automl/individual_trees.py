"""One boosted-tree classifier a mass."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.automl.tree_fitting import (
    boost,
    parameter_rows,
    rounds_of,
    train_and_validation,
)
from kerashep.automl.tree_settings import TreeSettings
from kerashep.data.background_mass import distinct_parameter_sets
from kerashep.data.events import Events


@dataclass(kw_only=True)
class IndividualTrees(TreeSettings):
    """One boosted-tree classifier a mass: its signal against the whole background.

    Training weights are honoured. An event is scored by the classifier of the nearest
    trained parameters, each parameter in units of its range.
    """

    parameter_sets: NDArray[np.float32] | None = field(default=None, init=False)
    rounds_used: tuple[int, ...] = field(default=(), init=False)
    _boosters: list[Any] = field(default_factory=list, init=False, repr=False)

    def fit(self, train: Events, validation: Events | None = None) -> Self:
        """Trains one classifier for each distinct parameter set of the signal.

        Args:
            train: Training events with parameters; those of the background are not
                used.
            validation: Events for early stopping. Split off `train` by default.

        Raises:
            ValueError: If there is no parameter, a class is empty or a training weight
                is negative.
            ImportError: If LightGBM is not installed.
        """
        if not train.parameter_names:
            raise ValueError(
                "Individual trees need events with a parameter such as the mass. "
                "Received: none; use `BoostedTrees`."
            )
        train, validation = train_and_validation(train, validation, self)
        sets, _ = distinct_parameter_sets(train.parameters[train.label == 1])
        self._boosters = [
            boost(
                _one_hypothesis(train, row),
                _one_hypothesis(validation, row),
                self,
                parametric=False,
            )
            for row in sets
        ]
        self.parameter_sets = sets
        self.rounds_used = tuple(rounds_of(booster) for booster in self._boosters)
        return self

    def score(self, x: NDArray[Any], m: ArrayLike) -> NDArray[np.float32]:
        """Signal probability of each event, by the classifier nearest to `m`.

        Args:
            x: `(n, features)` raw features.
            m: Parameters: a number or `(parameters,)` for all events, or
                `(n, parameters)`.

        Returns:
            `(n,)` float32.
        """
        sets = self.parameter_sets
        if sets is None:
            raise ValueError("These trees are not trained: call `fit` first.")
        unit = np.ptp(sets, axis=0)
        unit = np.where(unit > 0, unit, 1)
        rows = parameter_rows(m, len(x), sets.shape[1])
        nearest = np.zeros(len(x), "int64")
        best = np.full(len(x), np.inf)
        for i, row in enumerate(sets):
            distance = (((rows - row) / unit) ** 2).sum(axis=1)
            nearest[distance < best] = i
            best = np.minimum(best, distance)
        scores = np.empty(len(x), "float32")
        for i, booster in enumerate(self._boosters):
            chosen = np.flatnonzero(nearest == i)
            if len(chosen):
                scores[chosen] = booster.predict(x[chosen], num_threads=self.threads)
        return scores


def _one_hypothesis(events: Events, row: NDArray[np.float32]) -> Events:
    """The signal of one parameter set and the whole background."""
    chosen = (events.parameters == row).all(axis=1) | (events.label == 0)
    return events.take(chosen)
