"""Training with the tree libraries, behind one signature."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.automl.tree_settings import TreeSettings

Table = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float64]]
_CURVATURE = 0.25  # of the logistic loss at p = 1/2, an event of weight 1


def fit_lightgbm(train: Table, validation: Table, settings: TreeSettings) -> Any:
    """A LightGBM booster, stopped early.

    Args:
        train: Features, labels, weights.
        validation: Likewise.
        settings: Of the trees.
    """
    lightgbm = _library("lightgbm", "LightGBM")
    first = lightgbm.Dataset(train[0], train[1], weight=train[2])
    second = lightgbm.Dataset(
        validation[0], validation[1], weight=validation[2], reference=first
    )
    parameters = {
        "objective": "binary",
        "metric": "binary_logloss",
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": settings.min_child_events,
        "bagging_fraction": settings.event_fraction,
        "bagging_freq": int(settings.event_fraction < 1),
        "feature_fraction": settings.feature_fraction,
        "lambda_l2": settings.l2,
        "seed": settings.seed,
        "num_threads": settings.threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    stop = lightgbm.early_stopping(settings.patience, verbose=False)
    return lightgbm.train(
        parameters,
        first,
        num_boost_round=settings.rounds,
        valid_sets=[second],
        callbacks=[stop],
    )


def fit_xgboost(train: Table, validation: Table, settings: TreeSettings) -> Any:
    """An XGBoost booster with leaf-wise growth, stopped early.

    Args:
        train: Features, labels, weights.
        validation: Likewise.
        settings: Of the trees.
    """
    xgboost = _library("xgboost", "XGBoost")
    tables = [xgboost.DMatrix(x, y, weight=w) for x, y, w in (train, validation)]
    parameters = {
        "objective": "binary:logistic",
        "eval_metric": "logloss",
        "tree_method": "hist",
        "grow_policy": "lossguide",
        "max_depth": 0,
        "max_leaves": settings.leaves,
        "learning_rate": settings.learning_rate,
        "min_child_weight": _CURVATURE * settings.min_child_events,
        "subsample": settings.event_fraction,
        "colsample_bytree": settings.feature_fraction,
        "lambda": settings.l2,
        "seed": settings.seed,
        "nthread": settings.threads,
    }
    booster = xgboost.train(
        parameters,
        tables[0],
        num_boost_round=settings.rounds,
        evals=[(tables[1], "validation")],
        early_stopping_rounds=settings.patience,
        verbose_eval=False,
    )
    return XgboostModel(booster, xgboost)


class XgboostModel:
    """An XGBoost booster that is used as one of LightGBM.

    Args:
        booster: After early stopping.
        xgboost: The library.
    """

    def __init__(self, booster: Any, xgboost: Any) -> None:
        self.booster = booster
        self._matrix = xgboost.DMatrix

    @property
    def best_iteration(self) -> int:
        """Number of rounds kept."""
        return int(self.booster.best_iteration) + 1

    def num_trees(self) -> int:
        """Number of rounds trained."""
        return int(self.booster.num_boosted_rounds())

    def predict(self, x: NDArray[Any], num_threads: int = 1) -> NDArray[np.float32]:
        """Signal probability of each event."""
        table = self._matrix(x, nthread=num_threads)
        rounds = (0, self.best_iteration)
        return np.asarray(self.booster.predict(table, iteration_range=rounds))


def _library(name: str, title: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        extra = "trees" if name == "lightgbm" else "automl"
        raise ImportError(
            f"Boosted trees of {title} need it: `pip install kerashep[{extra}]`."
        ) from error
