"""MMVA, MVAC and MAPA: the metrics that the HiggsML study reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.ams import AmsPoint, ams_scan
from kerashep.evaluation.ams_cut import ams_at_cut, smoothed_cut
from kerashep.evaluation.measured import Measured, mean_and_standard_error


@dataclass(frozen=True, eq=False)
class ScoredEvents:
    """What the AMS of one sample needs.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        score: `(events,)` higher is more like signal.
        weight: `(events,)` physics weights, scaled so that their sums are the yields of
            the whole sample that the AMS is quoted for.
    """

    label: ArrayLike
    score: ArrayLike
    weight: ArrayLike


@dataclass(frozen=True)
class TrainingAms:
    """The AMS of one training (one model or one ensemble).

    Args:
        maximal_validation: Largest AMS on the validation events.
        at_cut: The smoothed cut of the validation events and their AMS there.
        averaged_public: AMS of the public events at that cut, mean over the parts.
        public_parts: AMS of each part.
    """

    maximal_validation: float
    at_cut: AmsPoint
    averaged_public: float
    public_parts: tuple[float, ...]


@dataclass(frozen=True)
class StudyAms:
    """Means over trainings, each with its standard error over them.

    Args:
        mmva: Mean maximal validation AMS: an optimistic upper limit.
        mvac: Mean validation AMS at the smoothed cut.
        mapa: Mean averaged public AMS at that cut: includes how the cut generalises.
    """

    mmva: Measured
    mvac: Measured
    mapa: Measured


def training_ams(
    validation: ScoredEvents,
    public: ScoredEvents,
    *,
    parts: int = 10,
    fraction: float = 0.1,
    regularisation: float = 10.0,
    seed: int = 0,
) -> TrainingAms:
    """The three AMS values of one training.

    The public events are split into `parts` of equal class proportions; the weights of
    each part are scaled up by the number of all public events over that of the part.

    Reference: arXiv:2002.01427, section 3.6.

    Args:
        validation: Events that training did not use; the cut is chosen on them.
        public: Other events, scored by the same training.
        parts: Number of parts of the public events.
        fraction: Share of events whose scores are averaged to the cut.
        regularisation: As for `ams_scan`.
        seed: Seed of the split into parts; the same for all trainings, so that they
            are compared on the same parts.

    Raises:
        ValueError: As `ams_scan`, or if a class has fewer public events than parts.
    """
    arguments = (validation.label, validation.score, validation.weight)
    best = ams_scan(*arguments, regularisation=regularisation)
    at_cut = smoothed_cut(*arguments, fraction=fraction, regularisation=regularisation)
    columns = (public.label, public.score, public.weight)
    label, score, weight = (np.ravel(column) for column in columns)
    rows = _stratified_parts(label, parts, seed)
    values = tuple(
        ams_at_cut(
            label[part],
            score[part],
            weight[part] * (len(label) / len(part)),
            at_cut.cut,
            regularisation=regularisation,
        ).ams
        for part in rows
    )
    return TrainingAms(best.ams, at_cut, float(np.mean(values)), values)


def study_ams(trainings: Sequence[TrainingAms]) -> StudyAms:
    """MMVA, MVAC and MAPA of repeated trainings; the study repeats six times.

    Args:
        trainings: One entry a training, each with its own split of the events into
            training and validation.

    Raises:
        ValueError: If there is no training.
    """
    return StudyAms(
        mean_and_standard_error([one.maximal_validation for one in trainings]),
        mean_and_standard_error([one.at_cut.ams for one in trainings]),
        mean_and_standard_error([one.averaged_public for one in trainings]),
    )


def _stratified_parts(
    label: NDArray[Any], parts: int, seed: int
) -> list[NDArray[np.intp]]:
    from sklearn.model_selection import StratifiedKFold

    fewest = min(np.count_nonzero(label == value) for value in (0, 1))
    if not 2 <= parts <= fewest:
        raise ValueError(
            "`parts` must be at least 2 and at most the number of public events of "
            f"either class. Received: parts={parts}, {fewest} events in the smaller "
            "class."
        )
    splitter = StratifiedKFold(parts, shuffle=True, random_state=seed)
    return [rows for _, rows in splitter.split(label, label)]
