"""What became of a trial, from the results of its folds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kerashep.tuning.fold_file import FoldResult
from kerashep.tuning.study_file import Pruning

Status = Literal["open", "finished", "pruned", "failed"]


@dataclass(frozen=True)
class Outcome:
    """Of one trial.

    Attributes:
        status: `open` as long as folds are missing.
        folds: Results that count, in the order of the folds.
        scores: Objective of each.
        error: Why it failed, if it did.
    """

    status: Status
    folds: tuple[FoldResult, ...]
    scores: tuple[float, ...]
    error: str | None = None

    @property
    def score(self) -> float:
        """Mean over the folds; NaN without."""
        return float(np.mean(self.scores)) if self.scores else math.nan

    @property
    def standard_error(self) -> float:
        """Of the mean, from the spread of the folds; NaN for less than two."""
        if len(self.scores) < 2:
            return math.nan
        return float(np.std(self.scores, ddof=1)) / math.sqrt(len(self.scores))

    def mean_of_first(self, folds: int) -> float | None:
        """Mean over the first folds; None if the trial has fewer or failed.

        Args:
            folds: How many.
        """
        if self.status == "failed" or len(self.scores) < folds:
            return None
        return float(np.mean(self.scores[:folds]))


def outcome_of(
    results: Sequence[FoldResult | None],
    thresholds: Sequence[float | None],
    objective: str,
) -> Outcome:
    """Reads the results in order, as the trial would be run.

    Args:
        results: One a fold; None where it is missing.
        thresholds: Mean over the folds so far that the trial must reach after each
            fold; None where it goes on anyhow.
        objective: Which score counts.
    """
    folds: list[FoldResult] = []
    scores: list[float] = []
    for result, least in zip(results, thresholds, strict=True):
        if result is None:
            return Outcome("open", tuple(folds), tuple(scores))
        error = result.error
        if error is None and math.isnan(result.score(objective)):
            error = f"The objective '{objective}' is undefined for these events."
        if error is not None:
            return Outcome("failed", tuple(folds), tuple(scores), error)
        folds.append(result)
        scores.append(result.score(objective))
        hopeless = least is not None and float(np.mean(scores)) < least
        if hopeless and len(folds) < len(results):
            return Outcome("pruned", tuple(folds), tuple(scores))
    return Outcome("finished", tuple(folds), tuple(scores))


def pruning_thresholds(
    earlier: Sequence[Outcome], rule: Pruning | None, folds: int
) -> tuple[float | None, ...]:
    """What a new trial must reach after each fold.

    That is the median of the means of earlier trials over the same folds, so that
    easier and harder folds do not matter.

    Args:
        earlier: Outcomes known when the trial is proposed.
        rule: The study's; None never prunes.
        folds: Of the study.
    """
    thresholds: list[float | None] = []
    for done in range(1, folds + 1):
        means = [one.mean_of_first(done) for one in earlier]
        known = [mean for mean in means if mean is not None]
        asked = rule is not None and rule.first_folds <= done < folds
        enough = rule is not None and len(known) >= rule.least_trials
        thresholds.append(float(np.median(known)) if asked and enough else None)
    return tuple(thresholds)
