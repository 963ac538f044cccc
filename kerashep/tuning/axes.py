"""Hyperparameters as numbers: for means in bins, surrogate models and figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kerashep.tuning.trial_table import TrialTable

Array = NDArray[np.float64]
Kind = Literal["category", "levels", "linear", "log"]
_MOST_LEVELS = 12
_LOG_RANGE = 20.0


@dataclass(frozen=True)
class Axis:
    """One hyperparameter.

    Attributes:
        name: Of its column.
        kind: `category` has no order; `levels` are few numbers, equally spaced whatever
            their values; `linear` and `log` are continuous.
        levels: Distinct values of `category` and `levels`, in order.
        low: Least value of the continuous kinds.
        high: Largest value.
    """

    name: str
    kind: Kind
    levels: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0

    @property
    def discrete(self) -> bool:
        """Whether it has levels."""
        return bool(self.levels)

    def position(self, values: Sequence[Any]) -> Array:
        """`(n,)` number of the level, or the place between 0 and 1.

        Args:
            values: Of this hyperparameter.
        """
        if self.discrete:
            return np.array([self.levels.index(value) for value in values], "float64")
        numbers = np.array(values, "float64")
        return np.asarray(
            (self._scaled(numbers) - self._scaled(self.low))
            / (self._scaled(self.high) - self._scaled(self.low))
        )

    def inputs(self, position: Array) -> Array:
        """`(n, width)` inputs of a model: one a level for categories, else one.

        Args:
            position: From `position`.
        """
        if self.kind == "category":
            return np.asarray(np.eye(len(self.levels))[position.astype(int)])
        scale = max(len(self.levels) - 1, 1) if self.discrete else 1
        return position[:, None] / scale

    def grid(self, points: int) -> Array:
        """`(points,)` positions from one end to the other; all levels if it has such.

        Args:
            points: How many.
        """
        if self.discrete:
            return np.arange(len(self.levels), dtype="float64")
        return np.linspace(0.0, 1.0, points)

    def value(self, position: float) -> float:
        """The value of a continuous axis at a position.

        Args:
            position: Between 0 and 1.
        """
        low, high = self._scaled(self.low), self._scaled(self.high)
        place = float(low + position * (high - low))
        return 10.0**place if self.kind == "log" else place

    def label(self, position: float) -> str:
        """The value at a position, in words.

        Args:
            position: From `position` or `grid`.
        """
        if self.discrete:
            value = self.levels[round(position)]
            return f"{value:g}" if isinstance(value, float) else str(value)
        return f"{self.value(position):.3g}"

    def _scaled(self, value: Any) -> Any:
        return np.log10(value) if self.kind == "log" else np.asarray(value, "float64")


def table_axes(table: TrialTable) -> list[Axis]:
    """The axis of each hyperparameter that has more than one value.

    Args:
        table: Trials that count.
    """
    axes = [make_axis(name, table.column(name)) for name in table.hyperparameters]
    return [axis for axis in axes if axis is not None]


def make_axis(name: str, values: Sequence[Any]) -> Axis | None:
    """The axis of a column; None if it has one value only.

    Args:
        name: Of the column.
        values: One a trial.
    """
    distinct = set(values)
    if len(distinct) < 2:
        return None
    if any(isinstance(value, (bool, str)) or value is None for value in distinct):
        return Axis(name, "category", tuple(sorted(distinct, key=str)))
    levels = tuple(sorted(distinct))
    if len(levels) <= _MOST_LEVELS:
        return Axis(name, "levels", levels)
    low, high = float(levels[0]), float(levels[-1])
    wide = low > 0 and high / low >= _LOG_RANGE
    return Axis(name, "log" if wide else "linear", (), low, high)


def inputs_of(axes: Sequence[Axis], table: TrialTable) -> Array:
    """`(trials, inputs)` of a model of the score.

    Args:
        axes: From `table_axes`.
        table: The same trials.
    """
    columns = [axis.inputs(axis.position(table.column(axis.name))) for axis in axes]
    return np.concatenate(columns, axis=1)


def bins_of(axis: Axis, values: Sequence[Any], most: int) -> tuple[Array, Array]:
    """Bins with about as many trials each; the levels, if it has such.

    Args:
        axis: Of the values.
        values: One a trial.
        most: Number of bins of a continuous axis.

    Returns:
        `(n,)` number of each value's bin, and `(bins,)` mean position of each bin.
    """
    position = axis.position(values)
    if axis.discrete:
        return position, np.arange(len(axis.levels), dtype="float64")
    count = max(1, min(most, math.isqrt(len(position))))
    edges = np.quantile(position, np.linspace(0, 1, count + 1)[1:-1])
    number = np.searchsorted(edges, position, side="right").astype("float64")
    used = np.unique(number)
    number = np.searchsorted(used, number).astype("float64")
    return number, np.array([position[number == i].mean() for i in range(len(used))])
