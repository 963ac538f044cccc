"""The best trials once more, with other folds and trainings.

The best of many trials was chosen by a score that fluctuates, and that is therefore too
high. Repeats were not chosen by theirs.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kerashep.evaluation.measured import Measured, mean_and_standard_error
from kerashep.tuning.search import Search
from kerashep.tuning.trial_run import TrialTask, run_trial


@dataclass(frozen=True)
class RepeatedTrial:
    """A trial and its repeats.

    Attributes:
        trial: Its number.
        score: In the search.
        scores: Of the repeats.
    """

    trial: int
    score: float
    scores: tuple[float, ...]

    @property
    def mean(self) -> Measured:
        """Of the repeats, with its error from other folds and trainings alone."""
        return mean_and_standard_error(self.scores)

    def to_dict(self) -> dict[str, Any]:
        """Content of the summary."""
        return {
            "trial": self.trial,
            "score": self.score,
            "repeats": list(self.scores),
            "mean": self.mean.to_dict(),
        }


def repeat_best(
    search: Search, workers: int | None, say: Callable[[str], None]
) -> list[RepeatedTrial]:
    """Trains the best trials of a search anew, as the study asks.

    Repeats are kept fold by fold, as trials are.

    Args:
        search: That has run.
        workers: Number of processes.
        say: Receives progress.

    Returns:
        Trials with all their repeats, the best by these first; empty if the study
        wants none.
    """
    from kerashep.training.pool import run_pool

    rule = search.study.repeats
    if rule is None:
        return []
    finished = [(t, o.score) for t, o in search.done() if o.status == "finished"]
    best = sorted(finished, key=lambda one: -one[1])[: rule.trials]
    plan = {
        trial.task.number: [
            _with_seed(search, trial.task, search.study.seed + 1 + i)
            for i in range(rule.seeds)
        ]
        for trial, _ in best
    }
    missing = [t for ts in plan.values() for t in ts if t.outcome().status == "open"]
    say(f"Repeats of the best {len(best)} trials: {len(missing)} to be trained")
    run_pool(
        run_trial,
        missing,
        workers=workers,
        progress=lambda done, total, item: say(f"  {done}/{total} {item}"),
    )
    found = []
    for trial, score in best:
        outcomes = [task.outcome() for task in plan[trial.task.number]]
        if all(one.status == "finished" for one in outcomes):
            scores = tuple(one.score for one in outcomes)
            found.append(RepeatedTrial(trial.task.number, score, scores))
    return sorted(found, key=lambda one: -one.mean.value)


def score_noise(repeated: Sequence[RepeatedTrial]) -> float:
    """Standard deviation of a trial's score over folds and trainings of other seeds.

    Args:
        repeated: From `repeat_best`.

    Returns:
        The root of the mean variance of the repeats; NaN without.
    """
    if not repeated:
        return math.nan
    variances = [float(np.var(one.scores, ddof=1)) for one in repeated]
    return math.sqrt(float(np.mean(variances)))


def _with_seed(search: Search, task: TrialTask, seed: int) -> TrialTask:
    return replace(
        task,
        seed=seed,
        paths=search.store.fold_paths(task.recipe, seed),
        thresholds=(None,) * len(task.paths),
    )
