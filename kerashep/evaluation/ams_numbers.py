"""The AMS of a test sample at three cuts, over trainings, and its curve."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.ams import AmsCurve, AmsPoint, ams_scan
from kerashep.evaluation.ams_bootstrap import ams_at_fraction, best_ams, smoothed_ams
from kerashep.evaluation.ams_cut import smoothed_cut
from kerashep.evaluation.measured import Measured, mean_over_seeds


@dataclass(frozen=True, eq=False)
class AmsNumbers:
    """What is reported of the AMS.

    Args:
        at_fraction: AMS of the best-scored `fraction` of the events: no cut is tuned.
        fraction: That share.
        best: Largest AMS over cuts: biased upwards, a maximum seeks fluctuations.
        smoothed: The cut that follows fluctuations less, and the AMS there, of the
            first training.
        smoothed_ams: AMS at that cut, over trainings.
        curve: AMS against cut of the first training.
        regularisation: Events added to the background.
        systematic: Relative uncertainty of the background.
    """

    at_fraction: Measured
    fraction: float
    best: Measured
    smoothed: AmsPoint
    smoothed_ams: Measured
    curve: AmsCurve
    regularisation: float
    systematic: float

    def to_dict(self) -> dict[str, Any]:
        """Content of metrics.json; the curve is drawn."""
        return {
            "at_fraction": self.at_fraction.to_dict(),
            "fraction": self.fraction,
            "best": self.best.to_dict(),
            "smoothed": self.smoothed_ams.to_dict(),
            "smoothed_cut": self.smoothed.cut,
            "regularisation": self.regularisation,
            "systematic": self.systematic,
        }

    def in_words(self) -> str:
        """One line for the terminal and the report."""
        return (
            f"AMS {self.at_fraction} for the top {100 * self.fraction:g} % of the "
            f"events, {self.smoothed_ams} at the smoothed cut "
            f"{self.smoothed.cut:.3f}, {self.best} at most"
        )


def ams_numbers(
    label: ArrayLike,
    scores: Sequence[ArrayLike],
    weight: ArrayLike,
    *,
    fraction: float = 0.15,
    regularisation: float = 10.0,
    systematic: float = 0.0,
    replicas: int = 100,
    seed: int = 0,
) -> AmsNumbers:
    """Measures the AMS of one or several trainings on the same events.

    Args:
        label: `(events,)` 1 for signal, 0 for background.
        scores: `(events,)` of each training.
        weight: `(events,)` physics weights whose sums are the yields of the whole
            sample that the AMS is quoted for.
        fraction: Share of the events, by score, at which the AMS is quoted.
        regularisation: As for `ams_scan`.
        systematic: As for `ams_scan`.
        replicas: Bootstrap replicas.
        seed: Of the bootstrap.
    """
    formula: dict[str, Any] = {
        "regularisation": regularisation,
        "systematic": systematic,
    }
    resampled: dict[str, Any] = {**formula, "replicas": replicas, "seed": seed}
    samples = [(label, score, weight) for score in scores]
    top = [ams_at_fraction(*one, fraction=fraction, **resampled) for one in samples]
    best = [best_ams(*one, **resampled) for one in samples]
    smooth = [smoothed_ams(*one, **resampled) for one in samples]
    return AmsNumbers(
        at_fraction=mean_over_seeds(top),
        fraction=fraction,
        best=mean_over_seeds(best),
        smoothed=smoothed_cut(*samples[0], **formula),
        smoothed_ams=mean_over_seeds(smooth),
        curve=ams_scan(*samples[0], **formula).curve,
        **formula,
    )


def scaled_to_all(
    label: ArrayLike, weight: ArrayLike, yields: Sequence[float]
) -> NDArray[np.float64]:
    """Weights of a part, scaled in each class to the sums of the whole sample.

    Args:
        label: `(events,)` of the part.
        weight: `(events,)` of the part.
        yields: Sums of all background and of all signal weights.

    Raises:
        ValueError: If the weights of a class do not sum to a positive number.
    """
    kinds, weights = np.asarray(label), np.asarray(weight, "float64").copy()
    for kind, total in enumerate(yields):
        rows = kinds == kind
        part = weights[rows].sum()
        if not part > 0:
            raise ValueError(
                f"The weights of class {kind} must sum to a positive number. "
                f"Received: {part:g}."
            )
        weights[rows] *= total / part
    return weights
