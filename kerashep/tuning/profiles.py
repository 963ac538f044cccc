"""How the score depends on hyperparameters: means over the trials of a search."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerashep.evaluation.measured import Measured
from kerashep.tuning.axes import Axis, bins_of
from kerashep.tuning.trial_table import TrialTable

Array = NDArray[np.float64]
_BINS = 10
_BAND = (0.16, 0.84)


@dataclass(frozen=True, eq=False)
class Profile:
    """Score against one hyperparameter, averaged over the others.

    Attributes:
        axis: The hyperparameter.
        position: `(bins,)` on the axis.
        mean: `(bins,)`.
        error: `(bins,)` standard error of the mean; NaN for a single trial.
        low: `(bins,)` lower end of the central 68 % of the trials.
        high: `(bins,)` upper end.
        best: `(bins,)` highest score.
        trials: `(bins,)` how many.
    """

    axis: Axis
    position: Array
    mean: Array
    error: Array
    low: Array
    high: Array
    best: Array
    trials: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Grid:
    """Score against two hyperparameters, averaged over the others.

    Attributes:
        first: Along the rows.
        second: Along the columns.
        rows: `(rows,)` positions on the first axis.
        columns: `(columns,)` positions on the second axis.
        mean: `(rows, columns)`; NaN without a trial.
        trials: `(rows, columns)`.
    """

    first: Axis
    second: Axis
    rows: Array
    columns: Array
    mean: Array
    trials: NDArray[np.intp]


@dataclass(frozen=True)
class Trend:
    """A straight line through the score against the logarithm of a number.

    Attributes:
        slope: Change of the score by a factor of ten.
        intercept: Score at 1.
    """

    slope: Measured
    intercept: float


def score_profile(table: TrialTable, axis: Axis) -> Profile:
    """Mean score by value of one hyperparameter; figure 2 of the single-top study.

    Args:
        table: Finished trials.
        axis: The hyperparameter.
    """
    bins, position = bins_of(axis, table.column(axis.name), _BINS)
    score = table.numbers("score")
    groups = [score[bins == i] for i in range(len(position))]
    return Profile(
        axis=axis,
        position=position,
        mean=np.array([group.mean() for group in groups]),
        error=np.array([_standard_error(group) for group in groups]),
        low=np.array([np.quantile(group, _BAND[0]) for group in groups]),
        high=np.array([np.quantile(group, _BAND[1]) for group in groups]),
        best=np.array([group.max() for group in groups]),
        trials=np.array([len(group) for group in groups]),
    )


def score_grid(table: TrialTable, first: Axis, second: Axis) -> Grid:
    """Mean score by values of two hyperparameters; figure 3 of the single-top study.

    Args:
        table: Finished trials.
        first: Along the rows.
        second: Along the columns.
    """
    rows, row_position = bins_of(first, table.column(first.name), _BINS)
    columns, column_position = bins_of(second, table.column(second.name), _BINS)
    shape = len(row_position), len(column_position)
    index = (rows * shape[1] + columns).astype(int)
    counts = np.bincount(index, minlength=shape[0] * shape[1])
    sums = np.bincount(index, table.numbers("score"), shape[0] * shape[1])
    mean = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
    return Grid(
        first,
        second,
        row_position,
        column_position,
        mean.reshape(shape),
        counts.reshape(shape),
    )


def logarithmic_trend(number: Sequence[float] | Array, score: Array) -> Trend:
    """Least squares, with the error of the slope from the residuals.

    Figure 16 of the HiggsML study asks whether the score depends on the number of
    parameters: whether the slope differs from zero.

    Args:
        number: `(n,)` positive numbers, not all the same.
        score: `(n,)`.

    Raises:
        ValueError: For less than three trials, or numbers that are all the same.
    """
    x, y = np.log10(np.asarray(number, "float64")), np.asarray(score, "float64")
    spread = float(np.sum((x - x.mean()) ** 2)) if len(x) else 0.0
    if len(x) < 3 or spread == 0.0:
        raise ValueError(
            "A trend needs at least three trials with different numbers. Received: "
            f"{len(x)} trials with {len(np.unique(x))} different numbers."
        )
    slope = float(np.sum((x - x.mean()) * (y - y.mean()))) / spread
    intercept = float(y.mean() - slope * x.mean())
    residual = float(np.sum((y - intercept - slope * x) ** 2)) / (len(x) - 2)
    return Trend(Measured(slope, math.sqrt(residual / spread)), intercept)


def _standard_error(values: Array) -> float:
    if len(values) < 2:
        return math.nan
    return float(values.std(ddof=1)) / math.sqrt(len(values))
