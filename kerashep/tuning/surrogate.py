"""A Gaussian process of the score, and what it says of one or two hyperparameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.tuning.axes import Axis, inputs_of
from kerashep.tuning.trial_table import TrialTable

Array = NDArray[np.float64]
_LEAST_TRIALS = 5
_AVERAGED = 100
_POINTS = 25


@dataclass(frozen=True, eq=False)
class Dependence:
    """Partial dependence on one hyperparameter.

    Attributes:
        axis: The hyperparameter.
        position: `(points,)` on the axis.
        mean: `(points,)` score, averaged over the other hyperparameters as tried.
        deviation: `(points,)` standard deviation of that average under the process.
    """

    axis: Axis
    position: Array
    mean: Array
    deviation: Array


@dataclass(frozen=True, eq=False)
class Dependence2D:
    """Partial dependence on two hyperparameters.

    Attributes:
        first: Along the rows.
        second: Along the columns.
        rows: Positions on the first axis.
        columns: Positions on the second axis.
        mean: `(rows, columns)` score, averaged over the others as tried.
    """

    first: Axis
    second: Axis
    rows: Array
    columns: Array
    mean: Array


class Surrogate:
    """Gaussian process of the score against all hyperparameters.

    Its kernel is a Matern 5/2 with one length a hyperparameter, and noise: the spread
    of trainings. Figure 17 of [Strong, 2020](https://arxiv.org/abs/2002.01427).

    Args:
        table: Finished trials.
        axes: From `kerashep.tuning.axes.table_axes`.
        seed: Of the starts of the fit, and of the trials averaged over.

    Attributes:
        noise: Standard deviation of the score that no hyperparameter explains.

    Raises:
        ValueError: For few trials, or if nothing varies.
    """

    def __init__(
        self, table: TrialTable, axes: Sequence[Axis], *, seed: int = 0
    ) -> None:
        if len(table.rows) < _LEAST_TRIALS or not axes:
            raise ValueError(
                f"A model of the score needs {_LEAST_TRIALS} finished trials and a "
                f"hyperparameter that varies. Received: {len(table.rows)} trials, "
                f"{len(axes)} hyperparameters."
            )
        self.axes = list(axes)
        self._inputs = inputs_of(self.axes, table)
        rng = np.random.default_rng(seed)
        chosen = rng.permutation(len(table.rows))[:_AVERAGED]
        self._others = self._inputs[np.sort(chosen)]
        score = table.numbers("score")
        self._process = _fitted(self._inputs, score, seed)
        level = self._process.kernel_.k2.noise_level
        self.noise = float(np.sqrt(level) * score.std())

    def dependence(self, axis: Axis) -> Dependence:
        """On one hyperparameter.

        Args:
            axis: One of `axes`.
        """
        grid = axis.grid(_POINTS)
        mean, deviation = np.empty(len(grid)), np.empty(len(grid))
        for i, position in enumerate(grid):
            inputs = self._with({axis.name: float(position)})
            values, covariance = self._process.predict(inputs, return_cov=True)
            mean[i] = values.mean()
            deviation[i] = np.sqrt(max(0.0, covariance.mean()))
        return Dependence(axis, grid, mean, deviation)

    def dependence_2d(self, first: Axis, second: Axis) -> Dependence2D:
        """On two hyperparameters.

        Args:
            first: One of `axes`.
            second: Another one.
        """
        rows, columns = first.grid(_POINTS), second.grid(_POINTS)
        mean = np.empty((len(rows), len(columns)))
        for i, row in enumerate(rows):
            at = [
                self._with({first.name: float(row), second.name: float(column)})
                for column in columns
            ]
            values = self._process.predict(np.concatenate(at))
            mean[i] = values.reshape(len(columns), -1).mean(axis=1)
        return Dependence2D(first, second, rows, columns, mean)

    def _with(self, positions: dict[str, float]) -> Array:
        """Trials to average over, some of their hyperparameters set."""
        inputs, start = self._others.copy(), 0
        for axis in self.axes:
            width = axis.inputs(np.zeros(1)).shape[1]
            if axis.name in positions:
                at = axis.inputs(np.array([positions[axis.name]]))
                inputs[:, start : start + width] = at
            start += width
        return inputs


def _fitted(inputs: Array, score: Array, seed: int) -> Any:
    import warnings

    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import Matern, WhiteKernel

    lengths = np.ones(inputs.shape[1])
    kernel = Matern(lengths, (0.05, 20.0), nu=2.5) + WhiteKernel(0.1, (1e-4, 10.0))
    process = GaussianProcessRegressor(
        kernel, normalize_y=True, n_restarts_optimizer=2, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a length at its bound: no dependence
        return process.fit(inputs, score)
