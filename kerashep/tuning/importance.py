"""Which hyperparameters matter: a forest of the score, its inputs shuffled in turn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerashep.evaluation.measured import Measured, mean_and_standard_error
from kerashep.tuning.axes import Axis
from kerashep.tuning.trial_table import TrialTable

Array = NDArray[np.float64]
_TREES = 100
_REPEATS = 10
_HELD_OUT = 0.3
_LEAST_TRIALS = 10


@dataclass(frozen=True)
class HyperparameterImportance:
    """Loss of the forest's R2 when a hyperparameter is shuffled.

    Attributes:
        drops: Hyperparameter -> loss on trials that the forest has not seen, with the
            standard error over forests; the most important first.
        r2: Share of the score's variance that the forest predicts for such trials. The
            rest is noise of the trainings and what a forest cannot learn from so few:
            near zero, no importance means anything.
    """

    drops: dict[str, Measured]
    r2: Measured


def hyperparameter_importance(
    table: TrialTable, axes: Sequence[Axis], *, seed: int = 0
) -> HyperparameterImportance:
    """Fits random forests to the score, each on other trials.

    Args:
        table: Finished trials.
        axes: From `kerashep.tuning.axes.table_axes`.
        seed: Of the forests, the divisions and the shuffling.

    Raises:
        ValueError: For few trials, or if nothing varies.
    """
    count = len(table.rows)
    if count < _LEAST_TRIALS or not axes:
        raise ValueError(
            f"Importance needs {_LEAST_TRIALS} finished trials and a hyperparameter "
            f"that varies. Received: {count} trials, {len(axes)} hyperparameters."
        )
    inputs = np.stack([a.position(table.column(a.name)) for a in axes], axis=1)
    score = table.numbers("score")
    rng = np.random.default_rng(seed)
    found = []
    for repeat in range(_REPEATS):
        order = rng.permutation(count)
        test = order[: max(3, round(_HELD_OUT * count))]
        train = order[len(test) :]
        parts = (inputs[train], score[train], inputs[test], score[test])
        found.append(_drops(*parts, seed + repeat))
    r2 = mean_and_standard_error([one for one, _ in found])
    drops = {
        axis.name: mean_and_standard_error([float(one[i]) for _, one in found])
        for i, axis in enumerate(axes)
    }
    ordered = sorted(drops, key=lambda name: -drops[name].value)
    return HyperparameterImportance({name: drops[name] for name in ordered}, r2)


def _drops(
    x: Array, y: Array, test_x: Array, test_y: Array, seed: int
) -> tuple[float, Array]:
    from sklearn.ensemble import RandomForestRegressor

    from kerashep.evaluation.forest_study import permutation_drops

    forest = RandomForestRegressor(_TREES, min_samples_leaf=2, random_state=seed)
    forest.fit(x, y)
    return permutation_drops(forest, test_x, test_y, np.ones(len(test_y)), seed)
