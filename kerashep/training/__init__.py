"""Training: recipes, resumable fits, compiled epochs, many trainings at once."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerashep.training.batch_norm import (
        recompute_batch_norm as recompute_batch_norm,
    )
    from kerashep.training.compiled import CompiledTrainer as CompiledTrainer
    from kerashep.training.entropy_sgd import EntropySGD as EntropySGD
    from kerashep.training.fit import TrainedModel as TrainedModel
    from kerashep.training.fit import train as train
    from kerashep.training.fold_trainer import FoldSetup as FoldSetup
    from kerashep.training.held_out import HeldOutLoss as HeldOutLoss
    from kerashep.training.joined_schedules import Joined as Joined
    from kerashep.training.joined_schedules import (
        averaging_schedule as averaging_schedule,
    )
    from kerashep.training.kfold import FoldPlan as FoldPlan
    from kerashep.training.kfold import train_folds as train_folds
    from kerashep.training.loss_surface import LossSurface as LossSurface
    from kerashep.training.pool import run_pool as run_pool
    from kerashep.training.range_test import (
        learning_rate_range_test as learning_rate_range_test,
    )
    from kerashep.training.recipe import Recipe as Recipe
    from kerashep.training.recipe import load_recipe as load_recipe
    from kerashep.training.run_folder import RunFolder as RunFolder
    from kerashep.training.sharpness import Sharpness as Sharpness
    from kerashep.training.sharpness import measure_sharpness as measure_sharpness
    from kerashep.training.sharpness_aware import SharpnessAware as SharpnessAware
    from kerashep.training.snapshots import Snapshots as Snapshots
    from kerashep.training.snapshots import (
        fast_geometric_ensemble as fast_geometric_ensemble,
    )
    from kerashep.training.snapshots import snapshot_epochs as snapshot_epochs
    from kerashep.training.sub_epochs import SubEpochs as SubEpochs
    from kerashep.training.swa import (
        StochasticWeightAveraging as StochasticWeightAveraging,
    )

_HOMES = {
    "CompiledTrainer": "compiled",
    "EntropySGD": "entropy_sgd",
    "FoldPlan": "kfold",
    "FoldSetup": "fold_trainer",
    "HeldOutLoss": "held_out",
    "Joined": "joined_schedules",
    "LossSurface": "loss_surface",
    "Recipe": "recipe",
    "RunFolder": "run_folder",
    "Sharpness": "sharpness",
    "SharpnessAware": "sharpness_aware",
    "Snapshots": "snapshots",
    "StochasticWeightAveraging": "swa",
    "SubEpochs": "sub_epochs",
    "TrainedModel": "fit",
    "averaging_schedule": "joined_schedules",
    "fast_geometric_ensemble": "snapshots",
    "learning_rate_range_test": "range_test",
    "load_recipe": "recipe",
    "measure_sharpness": "sharpness",
    "recompute_batch_norm": "batch_norm",
    "run_pool": "pool",
    "snapshot_epochs": "snapshots",
    "train": "fit",
    "train_folds": "kfold",
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
