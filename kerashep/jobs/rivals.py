"""What a comparison sets beside a network: trees, AutoML, a search for a network."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import PositiveFloat, PositiveInt

from kerashep.data.events import Events
from kerashep.training.plan_file import StrictModel
from kerashep.training.recipe import Recipe

Score = Callable[[NDArray[np.float32], NDArray[np.float32]], ArrayLike]


class Trees(StrictModel):
    """Boosted trees in the place of a network; see `kerashep.automl.TunedTrees`.

    Attributes:
        backend: The library.
        trials: Random settings tried on each training part, at most.
        members: Boosters averaged.
        seconds: Time budget of a fold.
    """

    backend: Literal["lightgbm", "xgboost"]
    trials: PositiveInt = 20
    members: PositiveInt = 5
    seconds: PositiveFloat | None = None


class AutoML(StrictModel):
    """mljar-supervised; see `kerashep.automl.AutoMLClassifier`.

    Attributes:
        mode: Of mljar.
        seconds: Time budget of a fold.
    """

    mode: Literal["Explain", "Perform", "Compete"] = "Perform"
    seconds: PositiveFloat


class NetworkSearch(StrictModel):
    """The recipe's network with the best of random settings.

    Attributes:
        space: A named space, see `kerashep.tuning.MODEL_SPACES`.
        trials: Random settings tried on each training part, at most.
        seconds: Time budget of a fold.
    """

    space: str
    trials: PositiveInt = 1000
    seconds: PositiveFloat


Rival = Trees | AutoML | NetworkSearch


def fit_rival(
    rival: Rival, recipe: Recipe, train: Events, *, seed: int, folder: Path
) -> Score:
    """Trains on all of `train`, of which a part decides what is chosen.

    Args:
        rival: What to train.
        recipe: That a search for a network starts from.
        train: Training events; training weights count.
        seed: Of all that is random.
        folder: Where mljar writes; emptied first.

    Returns:
        From features and parameters to scores.
    """
    if isinstance(rival, Trees):
        from kerashep.automl import TunedTrees

        return TunedTrees(**rival.model_dump(), seed=seed).fit(train).score
    if isinstance(rival, AutoML):
        return _fit_automl(rival, train, seed, folder)
    from kerashep.jobs.network_search import search_network

    return search_network(rival, recipe, train, seed=seed)


def software(rival: Rival | None) -> tuple[str, ...]:
    """Packages whose versions decide the scores, besides those of every training."""
    if isinstance(rival, Trees):
        return (rival.backend,)
    if isinstance(rival, AutoML):
        return ("catboost", "lightgbm", "mljar-supervised", "xgboost")
    return ("keras-tuner",) if isinstance(rival, NetworkSearch) else ()


def _fit_automl(rival: AutoML, train: Events, seed: int, folder: Path) -> Score:
    from kerashep.automl import AutoMLClassifier

    shutil.rmtree(folder, ignore_errors=True)  # of an interrupted training
    automl = AutoMLClassifier(
        mode=rival.mode, seconds=rival.seconds, folder=folder, seed=seed
    )
    automl.fit(train.features, train.label, sample_weight=train.training_weight)

    def score(x: NDArray[np.float32], m: NDArray[np.float32]) -> NDArray[np.float32]:  # noqa: ARG001
        return automl.predict_proba(x)[:, 1].astype("float32")

    return score
