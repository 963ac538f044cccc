"""Gradient-boosted trees with the mass as a feature: a baseline for networks."""

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
from kerashep.data.background_mass import BackgroundMass
from kerashep.data.events import Events


@dataclass(kw_only=True)
class BoostedTrees(TreeSettings):
    """One boosted-tree classifier, with the physics parameters as features.

    Background events are given parameters of the signal at random, as for a
    parametric network with `identical` background masses. Events without parameters
    train an ordinary classifier. Training weights are honoured.

    Args:
        background_draws: How often each background event enters, every time with
            parameters drawn anew and its weight divided accordingly.
        leaves: Most leaves of a tree: more than for `IndividualTrees`, because the
            trees must also separate the masses.

    Example:

    >>> trees = BoostedTrees(rounds=100, seed=1)
    """

    background_draws: int = 5
    leaves: int = 63
    rounds_used: int = field(default=0, init=False)
    _booster: Any = field(default=None, init=False, repr=False)
    _parameters: int = field(default=0, init=False, repr=False)

    def fit(self, train: Events, validation: Events | None = None) -> Self:
        """Trains on raw features.

        Args:
            train: Training events; background parameters are drawn here, whatever
                they hold.
            validation: Events for early stopping. Split off `train` by default.

        Returns:
            The object itself.

        Raises:
            ValueError: If a class is empty or a training weight negative.
            ImportError: If LightGBM is not installed.
        """
        if self.background_draws < 1:
            raise ValueError(
                "`background_draws` must be at least 1. "
                f"Received: background_draws={self.background_draws}."
            )
        train, validation = train_and_validation(train, validation, self)
        self._parameters = len(train.parameter_names)
        if self._parameters:
            rule = BackgroundMass.for_events(train, "identical", "sampled")
            train = self._drawn(train, rule, self.seed)
            validation = self._drawn(validation, rule, self.seed + 1)
        self._booster = boost(train, validation, self, parametric=True)
        self.rounds_used = rounds_of(self._booster)
        return self

    def score(self, x: NDArray[Any], m: ArrayLike | None = None) -> NDArray[np.float32]:
        """Signal probability of each event.

        Args:
            x: `(n, features)` raw features.
            m: Parameters: a number or `(parameters,)` for all events, or
                `(n, parameters)`; ignored if trained without parameters.

        Returns:
            `(n,)` float32.
        """
        if self._booster is None:
            raise ValueError("These trees are not trained: call `fit` first.")
        if self._parameters:
            x = np.hstack([x, parameter_rows(m, len(x), self._parameters)])
        return np.asarray(self._booster.predict(x, num_threads=self.threads), "float32")

    def _drawn(self, events: Events, rule: BackgroundMass, seed: int) -> Events:
        signal = events.take(events.label == 1)
        background = events.take(events.label == 0)
        weight = background.training_weight / np.float32(self.background_draws)
        background = background.with_columns(training_weight=weight)
        copies = [
            rule.assign(background, seed * self.background_draws + i)
            for i in range(self.background_draws)
        ]
        return Events.concatenate([signal, *copies])
