"""One set of numbers from trainings with several seeds."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kerashep.evaluation.mass_metrics import METRICS, MassMetrics
from kerashep.evaluation.measured import mean_over_seeds


def combine_seeds(runs: Sequence[Sequence[MassMetrics]]) -> list[MassMetrics]:
    """Mean over trainings of every number of every mass.

    Errors are the standard error over the trainings and, in quadrature, the error
    from the test events. Flags say in how many of the trainings they were raised.

    Args:
        runs: One result of `evaluate_per_mass` a seed, on the same test events and
            masses.
    """
    if not runs:
        raise ValueError("`runs` must hold at least one evaluation. Received: none.")
    rows = [[dict(one.parameters) or one.mass for one in run] for run in runs]
    if any(row != rows[0] for row in rows):
        raise ValueError(f"`runs` must have the same masses. Received: {rows}.")
    return [_combine(same) for same in zip(*runs, strict=True)]


def _combine(same: Sequence[MassMetrics]) -> MassMetrics:
    numbers: dict[str, Any] = {
        name: mean_over_seeds([getattr(one, name) for one in same]) for name in METRICS
    }
    flags = _combined_flags([one.flags for one in same])
    return replace(same[0], flags=flags, **numbers)


def _combined_flags(flags: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Flags that differ in their numbers only are one; the first seed's is shown."""
    if len(flags) == 1:
        return flags[0]
    texts: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for one in flags:
        for flag in one:
            key = re.sub(r"[\d.]+", "#", flag)
            texts.setdefault(key, flag)
            counts[key] += 1
    seeds = len(flags)
    return tuple(
        f"{text} (So in {counts[key]} of {seeds} trainings; numbers of one of them.)"
        for key, text in texts.items()
    )
