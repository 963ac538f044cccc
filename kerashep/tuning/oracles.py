"""KerasTuner's oracles, kept in memory: files, printing and retries are ours."""

import warnings
from collections.abc import Mapping
from typing import Any

import keras_tuner
import numpy as np
from keras_tuner import oracles
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from kerashep.tuning.study_file import Tuner

# Its likelihood has one parameter; KerasTuner's 20 starts take seconds of 300 trials.
_FIT_STARTS = 2
# A space is exhausted when so many draws in a row have been tried before.
_COLLISIONS = 1000
_NO_LIMIT = 10**9
Values = dict[str, Any]


class _InMemory:
    """An oracle that writes no files; mix in before the oracle."""

    def save(self, *_: Any) -> None:
        """Nothing: the search keeps what is needed, atomically."""

    def _save_trial(self, trial: Any) -> None:
        """Nothing."""


class RandomOracle(_InMemory, oracles.RandomSearchOracle):
    """Draws at random, nothing twice."""


class GridOracle(_InMemory, oracles.GridSearchOracle):
    """All combinations in order."""


class HyperbandOracle(_InMemory, oracles.HyperbandOracle):
    """Many short trainings, the best of them longer."""


class BayesianOracle(_InMemory, oracles.BayesianOptimizationOracle):
    """A Gaussian process proposes, each time from the results alone.

    KerasTuner's own judges trials under way by the process fitted before, so that a
    proposal depends on all proposals before it and cannot be repeated after an
    interruption; and it proposes again what has been tried.

    Args:
        recorded: Proposals of an interrupted search by trial, which are not computed
            again.
        **options: Of KerasTuner's oracle.
    """

    def __init__(self, recorded: Mapping[str, Values], **options: Any) -> None:
        self.trials: dict[str, Any] = {}
        super().__init__(**options)
        self.recorded = recorded

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Values for a trial, as KerasTuner wants them."""
        completed = {k: t for k, t in self.trials.items() if t.status == "COMPLETED"}
        dimensions = len(self.hyperparameters.space)
        if len(completed) < (self.num_initial_points or max(3 * dimensions, 3)):
            return self._random()
        if trial_id in self.recorded:
            return {"status": "RUNNING", "values": dict(self.recorded[trial_id])}
        self._random_state = np.random.RandomState(self.seed + len(self.trials))
        self.gpr.n_restarts_optimizer = _FIT_STARTS
        # In one thread: the others train, and sums come out the same.
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore")  # of scikit-learn, on flat likelihoods
            self._fit_to(completed)
            answer: dict[str, Any] = super().populate_space(trial_id)
        if self._duplicate(answer["values"]):
            self._seed_state = self.seed + _COLLISIONS * (1 + len(self.trials))
            return self._random()
        return answer

    def _random(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._random_populate_space()
        return answer

    def _fit_to(self, completed: dict[str, Any]) -> None:
        everything, self.trials = self.trials, completed
        x, y = self._vectorize_trials()
        self.trials = everything
        self.gpr.fit(x, y)


def make_oracle(
    tuner: Tuner,
    hyperparameters: Any,
    *,
    seed: int,
    epochs: int,
    recorded: Mapping[str, Values],
) -> Any:
    """The oracle of a study.

    Args:
        tuner: The study's.
        hyperparameters: KerasTuner's, with the whole space.
        seed: Of the proposals.
        epochs: Longest training, for `hyperband`.
        recorded: See `BayesianOracle`.
    """
    options: dict[str, Any] = {
        "objective": keras_tuner.Objective("score", "max"),
        "hyperparameters": hyperparameters,
        "allow_new_entries": False,
        "seed": seed + 1,  # KerasTuner takes 0 for none
        "max_consecutive_failed_trials": _NO_LIMIT,
    }
    if tuner.name == "bayesian":
        oracle: Any = BayesianOracle(
            recorded,
            max_trials=None,
            num_initial_points=tuner.initial_trials,
            **options,
        )
    elif tuner.name == "hyperband":
        oracle = HyperbandOracle(max_epochs=epochs, factor=tuner.factor, **options)
    else:
        kind = GridOracle if tuner.name == "grid" else RandomOracle
        oracle = kind(max_trials=None, **options)
    oracle._max_collisions = _COLLISIONS  # no argument of KerasTuner's
    oracle.verbose = 0
    return oracle
