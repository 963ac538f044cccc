"""Boosted trees that were searched for and averaged: a baseline that tried hard."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.automl.boosted_trees import BoostedTrees
from kerashep.automl.tree_fitting import train_and_validation
from kerashep.data.events import Events
from kerashep.training.validation import weighted_auc


@dataclass(kw_only=True)
class TunedTrees:
    """Mean score of several boosters with the best of many random settings.

    Each trial trains one booster with random settings and measures its AUC, with
    training weights, on validation events split off the training events. The best
    settings then train `members` boosters, each with a seed, and so a division into
    training and validation events, of its own. No other event is looked at.

    Settings drawn: learning rate 0.01 to 0.1 and L2 0.1 to 30 (both log-uniform), 7 to
    63 leaves, 20 to 200 events a leaf (both log-uniform), shares of events and
    features 0.5 to 1.

    Args:
        backend: `lightgbm` or `xgboost`.
        trials: Number of random settings; the default settings are one more.
        members: Boosters averaged.
        rounds: Most boosting rounds.
        patience: Rounds without a better validation loss before stopping.
        seed: From which everything random follows.
        threads: Threads of the tree library.

    Attributes:
        settings: The best settings, once fitted.
        trial_auc: Validation AUC of each trial, that of the default settings first.

    Example:

    >>> trees = TunedTrees(backend="lightgbm", trials=10, members=3, seed=1)
    """

    backend: str = "lightgbm"
    trials: int = 20
    members: int = 5
    rounds: int = 1500
    patience: int = 50
    seed: int = 0
    threads: int = 1
    settings: BoostedTrees | None = field(default=None, init=False)
    trial_auc: list[float] = field(default_factory=list, init=False)
    _trained: list[BoostedTrees] = field(default_factory=list, init=False, repr=False)

    def fit(self, train: Events, validation: Events | None = None) -> Self:
        """Searches, then trains the members.

        Args:
            train: Training events, raw.
            validation: Events for the trials and for early stopping of all members,
                instead of parts of `train`.

        Returns:
            The object itself.

        Raises:
            ValueError: If `trials` or `members` is not positive, events have
                parameters, a class is empty or a training weight negative.
        """
        if self.trials < 1 or self.members < 1:
            raise ValueError(
                "`trials` and `members` must be positive. Received: "
                f"trials={self.trials}, members={self.members}."
            )
        if train.parameter_names:
            raise ValueError(
                "`TunedTrees` is for events without parameters. Received: "
                f"{', '.join(train.parameter_names)}. Use `BoostedTrees`."
            )
        default = BoostedTrees(
            backend=self.backend,
            rounds=self.rounds,
            patience=self.patience,
            seed=self.seed,
            threads=self.threads,
        )
        rng = np.random.default_rng(self.seed)
        candidates = [default, *(_drawn(default, rng) for _ in range(self.trials))]
        parts = train_and_validation(train, validation, default)
        self.trial_auc = [_auc(one, *parts) for one in candidates]
        self.settings = candidates[int(np.argmax(self.trial_auc))]
        self._trained = [
            replace(self.settings, seed=self.seed + i).fit(train, validation)
            for i in range(self.members)
        ]
        return self

    def score(
        self,
        x: NDArray[Any],
        m: ArrayLike | None = None,  # noqa: ARG002  (as all scores)
    ) -> NDArray[np.float32]:
        """Mean signal probability of the members, `(n,)` float32.

        Args:
            x: `(n, features)` raw features.
            m: Not used.
        """
        if not self._trained:
            raise ValueError("These trees are not trained: call `fit` first.")
        scores = [one.score(x) for one in self._trained]
        return np.asarray(np.mean(scores, axis=0), "float32")


def _drawn(default: BoostedTrees, rng: np.random.Generator) -> BoostedTrees:
    def log_uniform(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    return replace(
        default,
        learning_rate=log_uniform(0.01, 0.1),
        leaves=round(log_uniform(7, 63)),
        min_child_events=round(log_uniform(20, 200)),
        l2=log_uniform(0.1, 30),
        event_fraction=float(rng.uniform(0.5, 1)),
        feature_fraction=float(rng.uniform(0.5, 1)),
    )


def _auc(candidate: BoostedTrees, train: Events, validation: Events) -> float:
    score = candidate.fit(train, validation).score(validation.features)
    return weighted_auc(validation.label, score, validation.training_weight)
