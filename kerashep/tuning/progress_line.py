"""Where a search is: `trial 12/350, 2 h 10 min left, best 0.8471 (trial 9)`."""

from collections.abc import Mapping

from kerashep._messages import duration
from kerashep.tuning.outcome import Outcome
from kerashep.tuning.study_file import Budget


def progress_line(
    outcomes: Mapping[int, Outcome],
    budget: Budget,
    *,
    seconds: float,
    trained: int,
    seconds_here: float,
) -> str:
    """One line after each trial.

    Args:
        outcomes: Of the trials that are done, by number.
        budget: Of the study.
        seconds: Wall time of the search.
        trained: Trials done since it was started or continued.
        seconds_here: Wall time since then.
    """
    done = len(outcomes)
    of = "" if budget.trials is None else f"/{budget.trials}"
    left = _left(done, budget, seconds, seconds_here / max(trained, 1))
    parts = [f"trial {done}{of}"]
    if left is not None:
        parts.append(f"{duration(left)} left")
    best = best_trial(outcomes)
    if best is not None:
        parts.append(f"best {outcomes[best].score:.4f} (trial {best})")
    return ", ".join(parts)


def best_trial(outcomes: Mapping[int, Outcome]) -> int | None:
    """Number of the finished trial with the highest score, if there is one.

    Args:
        outcomes: By number.
    """
    finished = {n: one.score for n, one in outcomes.items() if one.status == "finished"}
    return max(finished, key=lambda n: (finished[n], -n)) if finished else None


def _left(done: int, budget: Budget, seconds: float, each: float) -> float | None:
    """Seconds until the first budget is spent; None if that cannot be told."""
    bounds = []
    if budget.trials is not None:
        bounds.append(max(0.0, (budget.trials - done) * each))
    if budget.seconds is not None:
        bounds.append(max(0.0, budget.seconds - seconds))
    return min(bounds) if bounds else None
