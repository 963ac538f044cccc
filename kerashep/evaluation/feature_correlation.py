"""Monotonic relations between features."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.data.events import Events
from kerashep.evaluation.forest_study import study_events

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FeatureCorrelation:
    """Spearman's rank correlation of every pair of features.

    Args:
        feature_names: The features, in the order of the events.
        matrix: `(features, features)` symmetric, 1 on the diagonal. NaN where a
            feature does not vary over the events in which both are defined.
        order: `(features,)` indices that put strongly related features side by side.
    """

    feature_names: tuple[str, ...]
    matrix: Array
    order: NDArray[np.intp]

    def ordered(self) -> tuple[tuple[str, ...], Array]:
        """Names and matrix in hierarchical order."""
        names = tuple(self.feature_names[i] for i in self.order)
        return names, self.matrix[np.ix_(self.order, self.order)]


def feature_correlation(
    events: Events, *, weight_policy: str = "balanced"
) -> FeatureCorrelation:
    """Weighted Spearman matrix, ordered by average-linkage clustering.

    Each pair is ranked over the events in which both features are defined (not NaN).
    The distance of the clustering is `1 - |correlation|`.

    Reference: arXiv:2002.01427, section 4.2.

    Args:
        events: Events of both classes; physics weights must not be negative.
        weight_policy: As for `kerashep.data.weights.with_training_weights`; `flat`
            gives the ordinary, unweighted coefficient.

    Raises:
        ValueError: For fewer than two features, a negative weight, or one class only.
    """
    sample = study_events(events, weight_policy, None, 0)
    weight = sample.training_weight.astype("float64")
    columns = sample.features.T
    defined = ~np.isnan(columns)
    # Complete columns are ranked once, others anew for each partner.
    ranks = {
        i: _weighted_rank(column, weight)
        for i, column in enumerate(columns)
        if bool(np.all(defined[i]))
    }
    matrix = np.eye(len(columns))
    for i in range(len(columns)):
        for j in range(i):
            if i in ranks and j in ranks:
                value = _correlation(ranks[i], ranks[j], weight)
            else:
                both = defined[i] & defined[j]
                value = spearman(columns[i][both], columns[j][both], weight[both])
            matrix[i, j] = matrix[j, i] = value
    return FeatureCorrelation(sample.feature_names, matrix, _hierarchical(matrix))


def spearman(first: ArrayLike, second: ArrayLike, weight: ArrayLike) -> float:
    """Correlation of weighted ranks; NaN if one of the columns does not vary.

    The rank of a value is the summed weight of smaller values and half that of equal
    ones. Equal weights give the ordinary coefficient.

    Args:
        first: `(events,)` without NaN.
        second: `(events,)` without NaN.
        weight: `(events,)` not negative.
    """
    weights = np.asarray(weight, "float64")
    one, other = (
        _weighted_rank(np.asarray(column), weights) for column in (first, second)
    )
    return _correlation(one, other, weights)


def _weighted_rank(values: NDArray[np.floating], weight: Array) -> Array:
    distinct, group = np.unique(values, return_inverse=True)
    sums = np.bincount(group, weight, minlength=len(distinct))
    return np.asarray((np.cumsum(sums) - 0.5 * sums)[group])


def _correlation(first: Array, second: Array, weight: Array) -> float:
    total = float(weight.sum())
    if not total > 0.0:
        return float("nan")
    first, second = (rank - np.sum(weight * rank) / total for rank in (first, second))
    scale = np.sqrt(np.sum(weight * first**2) * np.sum(weight * second**2))
    # Ranks are of the order of the total weight; a constant column leaves rounding.
    if scale <= 1e-12 * total**3:
        return float("nan")
    return float(np.clip(np.sum(weight * first * second) / scale, -1.0, 1.0))


def _hierarchical(matrix: Array) -> NDArray[np.intp]:
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    distance = 1.0 - np.abs(np.nan_to_num(matrix))
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), "average", optimal_ordering=True)
    return np.asarray(leaves_list(tree), np.intp)
