"""How far a classifier is from the best possible one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kerashep.evaluation.mass_metrics import MassMetrics, mass_text
from kerashep.evaluation.measured import Measured


@dataclass(frozen=True)
class LimitComparison:
    """A classifier beside the Neyman-Pearson limit at one mass.

    Args:
        mass: Mass in GeV; None for events without one.
        roc_auc: Of the classifier.
        limit_roc_auc: Of the likelihood ratio.
        auc_fraction: Their quotient; 1 at the limit.
        background_rejection: Of the classifier at 50 % signal efficiency.
        limit_rejection: Of the likelihood ratio.
        rejection_fraction: Their quotient; undefined if the likelihood ratio lets no
            background pass.
    """

    mass: float | None
    roc_auc: Measured
    limit_roc_auc: Measured
    auc_fraction: Measured
    background_rejection: Measured
    limit_rejection: Measured
    rejection_fraction: Measured

    def in_words(self) -> str:
        """For example `500 GeV: ROC AUC 0.9991 ± 0.0001, background rejection ...`."""
        return (
            f"{mass_text(self.mass)}: ROC AUC {self.auc_fraction}, "
            f"background rejection {self.rejection_fraction}"
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON content."""
        names = (
            "roc_auc",
            "limit_roc_auc",
            "auc_fraction",
            "background_rejection",
            "limit_rejection",
            "rejection_fraction",
        )
        numbers = {name: getattr(self, name).to_dict() for name in names}
        return {"mass": self.mass, **numbers}


def compare_with_limit(
    metrics: MassMetrics, limit_auc: Measured, limit_rejection: Measured
) -> LimitComparison:
    """Share of the limit that a classifier reaches at one mass.

    Args:
        metrics: The classifier, from `evaluate_per_mass` or `combine_seeds`.
        limit_auc: Area of the likelihood ratio; error 0 where it is known exactly.
        limit_rejection: 1 / background efficiency of the likelihood ratio at 50 %
            signal efficiency.
    """
    fraction = metrics.background_rejection.over(limit_rejection)
    if not math.isfinite(limit_rejection.value):
        fraction = Measured(math.nan, math.nan)
    return LimitComparison(
        metrics.mass,
        metrics.roc_auc,
        limit_auc,
        metrics.roc_auc.over(limit_auc),
        metrics.background_rejection,
        limit_rejection,
        fraction,
    )


def compare_with_likelihood_ratio(
    metrics: Sequence[MassMetrics], likelihood_ratio: Sequence[MassMetrics]
) -> list[LimitComparison]:
    """Share of the limit, the limit being measured on the same test events.

    Evaluating the true likelihood ratio as a score with the same bootstrap seed pairs
    the two: the fluctuation of the test sample cancels in the quotient, whose error
    is far smaller than against the exact limit.

    Args:
        metrics: The classifier, one entry a mass.
        likelihood_ratio: The true likelihood ratio at the same masses.
    """
    masses = [[one.mass for one in run] for run in (metrics, likelihood_ratio)]
    if masses[0] != masses[1]:
        raise ValueError(
            f"Both must have the same masses. Received: {masses[0]} and {masses[1]}."
        )
    return [
        compare_with_limit(one, best.roc_auc, best.background_rejection)
        for one, best in zip(metrics, likelihood_ratio, strict=True)
    ]
