"""Baselines without networks, and the estimators of scikit-learn."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerashep.automl.boosted_trees import BoostedTrees as BoostedTrees
    from kerashep.automl.individual_trees import IndividualTrees as IndividualTrees
    from kerashep.automl.keras_classifier import (
        KerasHepClassifier as KerasHepClassifier,
    )
    from kerashep.automl.mljar import AutoMLClassifier as AutoMLClassifier
    from kerashep.automl.tuned_trees import TunedTrees as TunedTrees

_MODULES = {
    "AutoMLClassifier": "kerashep.automl.mljar",
    "BoostedTrees": "kerashep.automl.boosted_trees",
    "IndividualTrees": "kerashep.automl.individual_trees",
    "KerasHepClassifier": "kerashep.automl.keras_classifier",
    "TunedTrees": "kerashep.automl.tuned_trees",
}
__all__ = [
    "AutoMLClassifier",
    "BoostedTrees",
    "IndividualTrees",
    "KerasHepClassifier",
    "TunedTrees",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'kerashep.automl' has no attribute '{name}'")
    return getattr(importlib.import_module(_MODULES[name]), name)
