"""Training: recipes, resumable fits, compiled epochs, many trainings at once."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerashep.training.compiled import CompiledTrainer as CompiledTrainer
    from kerashep.training.fit import TrainedModel as TrainedModel
    from kerashep.training.fit import train as train
    from kerashep.training.pool import run_pool as run_pool
    from kerashep.training.recipe import Recipe as Recipe
    from kerashep.training.recipe import load_recipe as load_recipe
    from kerashep.training.run_folder import RunFolder as RunFolder

_HOMES = {
    "CompiledTrainer": "compiled",
    "Recipe": "recipe",
    "RunFolder": "run_folder",
    "TrainedModel": "fit",
    "load_recipe": "recipe",
    "run_pool": "pool",
    "train": "fit",
}
__all__ = [  # noqa: PLE0604
    *_HOMES,
]


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used: Keras takes seconds to load."""
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
