"""The best possible classifier, for the data set whose likelihood ratio is known."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.evaluation.measured import Measured
from kerashep.evaluation.per_mass import Score
from kerashep.training.recipe import Recipe

_DATASET = "gaussian_resonance"


def knows_limit(recipe: Recipe) -> bool:
    """Whether the likelihood ratio of the recipe's data set is known."""
    return recipe.data.dataset == _DATASET


def likelihood_ratio(recipe: Recipe) -> Score:
    """The true likelihood ratio as a score, which no classifier exceeds.

    Args:
        recipe: Names the data set.

    Raises:
        ValueError: If the likelihood ratio of the data set is not known.
    """
    if not knows_limit(recipe):
        raise ValueError(
            "`limit: true` needs a data set with a known likelihood ratio: "
            f"{_DATASET}. Received: dataset='{recipe.data.dataset}'."
        )
    from kerashep.datasets.gaussian_resonance import log_likelihood_ratio

    def score(x: NDArray[np.float32], m: NDArray[np.float32]) -> ArrayLike:
        return np.asarray(log_likelihood_ratio(x, float(m[0, 0])))

    return score


def mean_limit_auc(masses_gev: Sequence[float]) -> Measured:
    """Mean over the masses of the best possible ROC AUC, which is known exactly.

    Args:
        masses_gev: Signal masses (GeV) of the data set `gaussian_resonance`.
    """
    from kerashep.datasets.gaussian_resonance import limit

    areas = [limit(mass).auc for mass in masses_gev]
    return Measured(float(np.mean(areas)), 0.0)
