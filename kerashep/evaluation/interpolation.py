"""Interpolation and extrapolation: what a network does at masses it never saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.evaluation.mass_metrics import METRICS, MassMetrics
from kerashep.evaluation.measured import Measured, mean_of


@dataclass(frozen=True)
class Interpolation:
    """A network trained without some masses against one trained on all.

    Args:
        metric: For example `roc_auc`.
        masses_gev: All masses evaluated.
        missing_gev: Those the reduced training did not see.
        full: The metric of the full training, one a mass.
        reduced: The metric of the reduced training.
        difference: Reduced minus full, paired on the test events.
        missing_mean: Mean of the difference over the missing masses.
    """

    metric: str
    masses_gev: tuple[float, ...]
    missing_gev: tuple[float, ...]
    full: tuple[Measured, ...]
    reduced: tuple[Measured, ...]
    difference: tuple[Measured, ...]
    missing_mean: Measured

    def to_dict(self) -> dict[str, Any]:
        """JSON content, one entry a mass."""
        columns = (self.masses_gev, self.full, self.reduced, self.difference)
        return {
            "metric": self.metric,
            "missing": list(self.missing_gev),
            "missing_mean_difference": self.missing_mean.to_dict(),
            "per_mass": [
                {
                    "mass": mass,
                    "trained_on": mass not in self.missing_gev,
                    "full": full.to_dict(),
                    "reduced": reduced.to_dict(),
                    "difference": difference.to_dict(),
                }
                for mass, full, reduced, difference in zip(*columns, strict=True)
            ],
        }


@dataclass(frozen=True, eq=False)
class MetricMatrix:
    """A metric at every mass (columns) for every training (rows).

    Args:
        metric: For example `roc_auc`.
        trainings: What each row was trained on, in words.
        masses_gev: One a column.
        numbers: `numbers[row][column]`.
        seen: `(rows, columns)` whether that training saw that mass.
    """

    metric: str
    trainings: tuple[str, ...]
    masses_gev: tuple[float, ...]
    numbers: tuple[tuple[Measured, ...], ...]
    seen: NDArray[np.bool_]

    @property
    def values(self) -> NDArray[np.float64]:
        """`(rows, columns)` values without their errors."""
        return np.array([[one.value for one in row] for row in self.numbers])

    @property
    def errors(self) -> NDArray[np.float64]:
        """`(rows, columns)` errors."""
        return np.array([[one.error for one in row] for row in self.numbers])

    def to_dict(self) -> dict[str, Any]:
        """JSON content."""
        return {
            "metric": self.metric,
            "masses": list(self.masses_gev),
            "rows": [
                {
                    "training": training,
                    "seen": self.seen[i].tolist(),
                    "numbers": [one.to_dict() for one in self.numbers[i]],
                }
                for i, training in enumerate(self.trainings)
            ],
        }


def compare_interpolation(
    full: Sequence[MassMetrics],
    reduced: Sequence[MassMetrics],
    missing_gev: Sequence[float],
    metric: str = "roc_auc",
) -> Interpolation:
    """Compares a training without `missing_gev` with the full one, mass by mass.

    Args:
        full: Evaluation of the network trained on all masses (or the mean over seeds).
        reduced: Evaluation of the network trained without the missing ones, on the
            same test events with the same bootstrap seed.
        missing_gev: Masses the reduced training did not see.
        metric: One of the names of `MassMetrics`.
    """
    masses = _masses(full)
    if _masses(reduced) != masses:
        raise ValueError(
            "Both evaluations must have the same masses. "
            f"Received: {masses} and {_masses(reduced)}."
        )
    missing = tuple(float(mass) for mass in missing_gev)
    unknown = sorted(set(missing) - set(masses))
    if unknown or not missing:
        raise ValueError(
            f"`missing_gev` must name masses that were evaluated, {masses}. "
            f"Received: missing_gev={list(missing)}."
        )
    first, second = _numbers(full, metric), _numbers(reduced, metric)
    difference = tuple(b.minus(a) for a, b in zip(first, second, strict=True))
    at_missing = [difference[masses.index(mass)] for mass in missing]
    return Interpolation(
        metric, masses, missing, first, second, difference, mean_of(at_missing)
    )


def metric_matrix(
    evaluations: Mapping[str, Sequence[MassMetrics]],
    trained_gev: Mapping[str, Sequence[float]],
    metric: str = "roc_auc",
) -> MetricMatrix:
    """Matrix of one metric: a row a training, a column a mass.

    For interpolation each row leaves one mass out; for extrapolation each row is
    trained on one mass only.

    Args:
        evaluations: Result of `evaluate_per_mass` by the name of the training.
        trained_gev: Masses each of those trainings saw.
        metric: One of the names of `MassMetrics`.
    """
    if not evaluations or set(evaluations) != set(trained_gev):
        raise ValueError(
            "`evaluations` and `trained_gev` must name the same trainings. "
            f"Received: {sorted(evaluations)} and {sorted(trained_gev)}."
        )
    columns = {name: _masses(one) for name, one in evaluations.items()}
    masses = next(iter(columns.values()))
    if any(found != masses for found in columns.values()):
        raise ValueError(f"Evaluations must have the same masses. Received: {columns}.")
    seen = [[mass in set(trained_gev[name]) for mass in masses] for name in evaluations]
    numbers = tuple(_numbers(one, metric) for one in evaluations.values())
    return MetricMatrix(metric, tuple(evaluations), masses, numbers, np.array(seen))


def _masses(metrics: Sequence[MassMetrics]) -> tuple[float, ...]:
    masses = tuple(one.mass for one in metrics if one.mass is not None)
    if len(masses) != len(metrics):
        raise ValueError(
            "Interpolation is between masses. Received: an evaluation of events "
            "without a mass."
        )
    return masses


def _numbers(metrics: Sequence[MassMetrics], metric: str) -> tuple[Measured, ...]:
    if metric not in METRICS:
        raise ValueError(f"No metric '{metric}'." + did_you_mean(metric, METRICS))
    return tuple(getattr(one, metric) for one in metrics)
