"""The AMS of trainings on the challenge's public and private test events."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerashep.evaluation.ams_bootstrap import best_ams, smoothed_ams
from kerashep.evaluation.ams_cut import ams_at_cut
from kerashep.evaluation.ams_study import ScoredEvents, training_ams
from kerashep.evaluation.measured import Measured, mean_over_seeds

_IN_WORDS = {
    "mmva": "at most, validation (MMVA)",
    "mvac": "at the cut, validation (MVAC)",
    "mapa": "at the cut, public in ten parts (MAPA)",
    "public": "at the cut, public",
    "private": "at the cut, private",
}


@dataclass(frozen=True)
class KaggleAms:
    """AMS at the smoothed cut of the validation events, mean over trainings.

    Args:
        cut: That of the first training.
        mmva: Largest AMS on the validation events: optimistic.
        mvac: AMS of the validation events at their smoothed cut.
        mapa: Mean AMS of ten parts of the public events at that cut.
        public: AMS of all public events at that cut.
        private: AMS of all private events at that cut.
    """

    cut: float
    mmva: Measured
    mvac: Measured
    mapa: Measured
    public: Measured
    private: Measured

    def to_dict(self) -> dict[str, float | dict[str, float]]:
        """Content of metrics.json."""
        numbers = {name: getattr(self, name).to_dict() for name in _IN_WORDS}
        return {"cut": self.cut, **numbers}

    def in_words(self) -> list[str]:
        """A table for the terminal."""
        wide = max(map(len, _IN_WORDS.values()))
        lines = [
            f"  {text:<{wide}}  {getattr(self, name)}"
            for name, text in _IN_WORDS.items()
        ]
        return [f"AMS of Kaggle's sets, validation cut {self.cut:.3f}:", *lines]


def kaggle_ams(
    validation: Sequence[ScoredEvents],
    public: Sequence[ScoredEvents],
    private: Sequence[ScoredEvents],
    *,
    regularisation: float = 10.0,
    systematic: float = 0.0,
    replicas: int = 100,
    seed: int = 0,
) -> KaggleAms:
    """Measures one or several trainings as the challenge and the study do.

    Errors are the standard error over trainings and, in quadrature, that from the
    events: on the validation events by bootstrap, on the public and private ones the
    statistical error at a cut that is given, for MAPA from the spread of the parts.

    Reference: arXiv:2002.01427, sections 3.1.2, 3.6 and 5.

    Args:
        validation: Of each training, events that it did not use; weights scaled so that
            their sums are the yields of a whole set.
        public: Of each training, the same events, likewise.
        private: Of each training, the same events, likewise.
        regularisation: As for `ams_scan`.
        systematic: As for `ams_scan`.
        replicas: Bootstrap replicas.
        seed: Of the bootstrap and of the parts.
    """
    formula: dict[str, Any] = {
        "regularisation": regularisation,
        "systematic": systematic,
    }
    found: dict[str, list[Measured]] = {name: [] for name in _IN_WORDS}
    cuts = []
    for own, shown, hidden in zip(validation, public, private, strict=True):
        one = training_ams(own, shown, seed=seed, **formula)
        columns = (own.label, own.score, own.weight)
        for name, statistic in (("mmva", best_ams), ("mvac", smoothed_ams)):
            number = statistic(*columns, replicas=replicas, seed=seed, **formula)
            found[name].append(number)
        parts = one.public_parts
        spread = float(np.std(parts, ddof=1)) / math.sqrt(len(parts))
        found["mapa"].append(Measured(one.averaged_public, spread))
        cuts.append(one.at_cut.cut)
        for name, events in (("public", shown), ("private", hidden)):
            columns = (events.label, events.score, events.weight)
            point = ams_at_cut(*columns, cuts[-1], **formula)
            found[name].append(Measured(point.ams, point.error))
    return KaggleAms(
        cuts[0], **{name: mean_over_seeds(each) for name, each in found.items()}
    )
