"""Baselines without networks: boosted trees."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerashep.automl.boosted_trees import BoostedTrees as BoostedTrees
    from kerashep.automl.individual_trees import IndividualTrees as IndividualTrees
    from kerashep.automl.tuned_trees import TunedTrees as TunedTrees

_MODULES = {
    "BoostedTrees": "kerashep.automl.boosted_trees",
    "IndividualTrees": "kerashep.automl.individual_trees",
    "TunedTrees": "kerashep.automl.tuned_trees",
}
__all__ = ["BoostedTrees", "IndividualTrees", "TunedTrees"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'kerashep.automl' has no attribute '{name}'")
    return getattr(importlib.import_module(_MODULES[name]), name)
