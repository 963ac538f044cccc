"""What one solution of a comparison reaches, from the scores of its folds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.evaluation.ams_bootstrap import ams_at_fraction
from kerashep.evaluation.bootstrap import bootstrapped
from kerashep.evaluation.calibration import Calibration, calibration
from kerashep.evaluation.curves import (
    RocCurve,
    area_under_roc,
    background_efficiency_at,
    rejection_from_efficiency,
)
from kerashep.evaluation.measured import Measured, mean_over_seeds
from kerashep.evaluation.overtraining import (
    KolmogorovSmirnov,
    Overtraining,
    check_overtraining,
    kolmogorov_smirnov,
)
from kerashep.evaluation.roc_band import roc_band
from kerashep.jobs.ablation_cells import FoldCell, FoldScores
from kerashep.training.recipe_sections import AmsSection

REPLICAS = 200
EFFICIENCY = 0.5
Results = Sequence[tuple[FoldCell, FoldScores]]
Scores = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Contestant:
    """Numbers of one solution, all with physics weights unless said otherwise.

    Attributes:
        label: Of the solution.
        by_seed: Seed -> AUC out of fold, with replicas that pair with all others.
        train_auc: Of every event scored by one training that had seen it.
        auc_gap: Training minus test, paired in events.
        rejection: 1 / background efficiency at half of the signal.
        ams: At a share of the events, if the recipe asks for it.
        roc: With bands.
        overtraining: Discriminants of the first seed. The p-values are the smallest
            over the folds, times their number: the events of a fold are independent of
            those it is compared with, while the folds are not of each other.
        calibration: Of the first seed, with training weights.
    """

    label: str
    by_seed: Mapping[int, Measured]
    train_auc: Measured
    auc_gap: Measured
    rejection: Measured
    ams: Measured | None
    roc: RocCurve
    overtraining: Overtraining
    calibration: Calibration

    @property
    def roc_auc(self) -> Measured:
        """Mean over seeds, out of fold."""
        return mean_over_seeds(list(self.by_seed.values()))

    def minus(self, other: "Contestant") -> Measured:
        """Difference of the AUC, paired in events and in the seeds that both have."""
        common = sorted(self.by_seed.keys() & other.by_seed.keys())
        pairs = [self.by_seed[seed].minus(other.by_seed[seed]) for seed in common]
        return mean_over_seeds(pairs)


def measure_contestant(
    label: str, events: Events, results: Results, *, ams: AmsSection | None
) -> Contestant | None:
    """Measures a solution; None if no seed has all its folds.

    Args:
        label: Of the solution.
        events: All events that were scored.
        results: Folds of all solutions.
        ams: How to measure the AMS, if at all.
    """
    own = [(cell, scores) for cell, scores in results if cell.label == label]
    scores = _complete(own, len(events))
    if not scores:
        return None
    test = {seed: _auc(events, pair[0]) for seed, pair in scores.items()}
    train = {seed: _auc(events, pair[1]) for seed, pair in scores.items()}
    gaps = [train[seed].minus(test[seed]) for seed in scores]
    first = min(scores)
    out_of_fold = [pair[0] for pair in scores.values()]
    passing = [_passing(events, score) for score in out_of_fold]
    return Contestant(
        label=label,
        by_seed=test,
        train_auc=mean_over_seeds(list(train.values())),
        auc_gap=mean_over_seeds(gaps),
        rejection=rejection_from_efficiency(mean_over_seeds(passing)),
        ams=None if ams is None else _ams(events, out_of_fold, ams),
        roc=roc_band(events.label, out_of_fold, events.weight, replicas=REPLICAS),
        overtraining=_overtraining(
            events,
            scores[first],
            [found for cell, found in own if cell.seed == first],
            gaps[0],
        ),
        calibration=calibration(
            events.label,
            np.clip(scores[first][0], 0, 1),
            events.training_weight.astype("float64"),
            replicas=REPLICAS,
        ),
    )


def _complete(results: Results, count: int) -> dict[int, NDArray[np.float32]]:
    """Seed -> `(2, events)` scores out of fold and in training, of whole seeds."""
    scores: dict[int, NDArray[np.float32]] = {}
    for cell, found in results:
        whole = scores.setdefault(cell.seed, np.full((2, count), np.nan, "float32"))
        whole[0, found.rows] = found.score
        whole[1, found.train_rows] = found.train_score
    return {s: whole for s, whole in sorted(scores.items()) if np.isfinite(whole).all()}


def _auc(events: Events, score: Scores) -> Measured:
    sample = (events.label, score, events.weight)
    return bootstrapped(area_under_roc, *sample, replicas=REPLICAS)


def _passing(events: Events, score: Scores) -> Measured:
    return bootstrapped(
        lambda yields: background_efficiency_at(yields, EFFICIENCY),
        events.label,
        score,
        events.weight,
        replicas=REPLICAS,
    )


def _ams(events: Events, scores: Sequence[Scores], section: AmsSection) -> Measured:
    found = [
        ams_at_fraction(
            events.label,
            score,
            events.weight,
            fraction=section.fraction,
            regularisation=section.regularisation,
            systematic=section.systematic,
            replicas=REPLICAS,
        )
        for score in scores
    ]
    return mean_over_seeds(found)


def _overtraining(
    events: Events, scores: Scores, folds: Sequence[FoldScores], gap: Measured
) -> Overtraining:
    """Pooled histograms, paired gap, and KS distances whose p-values are valid."""
    test, train = scores
    pooled = check_overtraining(
        events.label,
        train,
        events.label,
        test,
        train_weight=events.weight,
        test_weight=events.weight,
        replicas=REPLICAS,
    )
    background, signal = (
        KolmogorovSmirnov(distance, _p_value(events, folds, kind))
        for kind, distance in (
            (0, pooled.background_ks.distance),
            (1, pooled.signal_ks.distance),
        )
    )
    return replace(pooled, auc_gap=gap, background_ks=background, signal_ks=signal)


def _p_value(events: Events, folds: Sequence[FoldScores], kind: int) -> float:
    found = []
    for fold in folds:
        train = events.label[fold.train_rows] == kind
        test = events.label[fold.rows] == kind
        ks = kolmogorov_smirnov(
            fold.train_score[train],
            fold.score[test],
            events.weight[fold.train_rows][train],
            events.weight[fold.rows][test],
        )
        found.append(ks.p_value)
    return min(1.0, min(found) * len(folds))
