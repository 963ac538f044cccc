"""Search spaces over how a network is trained: recipe values by dotted path."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from kerashep._messages import did_you_mean
from kerashep.training.model_arguments import takes_parameters
from kerashep.training.recipe import Recipe
from kerashep.tuning.model_spaces import L2_FACTORS
from kerashep.zoo.registry import model_class

Overrides = dict[str, Any]
Space = Callable[[Any, Recipe], Overrides]


def balance(hp: Any, recipe: Recipe) -> Overrides:
    """Composition of batches; those over masses for models that take the mass.

    Args:
        hp: KerasTuner's hyperparameters.
        recipe: That trials start from.
    """
    known = ["none", "class"]
    if takes_parameters(recipe.model.name):
        known = ["none", "class", "signal", "background", "full"]
    return {"training.balance": hp.Choice("balance", known)}


def background_mass(hp: Any, recipe: Recipe) -> Overrides:
    """Which mass hypothesis background events get, once or in each batch.

    Args:
        hp: KerasTuner's hyperparameters.
        recipe: That trials start from.

    Raises:
        ValueError: If the model takes no mass.
    """
    if not takes_parameters(recipe.model.name):
        raise ValueError(
            "`background_mass` is for models that take the mass. Received: the model "
            f"'{recipe.model.name}'. Leave it out of `space.training`."
        )
    chosen = hp.Choice(
        "background_mass",
        ["identical sampled", "identical fixed", "uniform sampled", "uniform fixed"],
    )
    distribution, assignment = chosen.split()
    section = {"distribution": distribution, "assignment": assignment}
    return {"training.background_mass": section}


def augmentation(hp: Any, recipe: Recipe) -> Overrides:
    """With and without the recipe's random rotations and reflections.

    Args:
        hp: KerasTuner's hyperparameters.
        recipe: That trials start from.

    Raises:
        ValueError: If it has none.
    """
    if recipe.training.symmetry is None:
        raise ValueError(
            "`augmentation` tries the recipe with and without `training.symmetry`. "
            f"Received: the recipe '{recipe.name}', which has none. Add it by `set`."
        )
    section = recipe.training.symmetry.model_dump(mode="json", exclude_none=True)
    used = hp.Boolean("augmentation", default=True)
    return {"training.symmetry": section if used else None}


def one_cycle_peak(hp: Any, recipe: Recipe) -> Overrides:  # noqa: ARG001
    """Largest learning rate of a 1cycle schedule.

    Args:
        hp: KerasTuner's hyperparameters.
        recipe: That trials start from.
    """
    peak = hp.Float("one_cycle_peak", 3e-4, 3e-2, sampling="log")
    return {
        "training.schedule": {"name": "one_cycle"},
        "training.learning_rate": peak,
    }


def l2(hp: Any, recipe: Recipe) -> Overrides:
    """L2 factor of the model's kernels.

    Args:
        hp: KerasTuner's hyperparameters.
        recipe: That trials start from.

    Raises:
        ValueError: If the model has no such argument.
    """
    accepted = inspect.signature(model_class(recipe.model.name)).parameters
    argument = next((name for name in ("l2", "kernel_l2") if name in accepted), None)
    if argument is None:
        raise ValueError(
            f"The model '{recipe.model.name}' has no L2 factor: leave `l2` out of "
            "`space.training`."
        )
    return {f"model.arguments.{argument}": hp.Choice("l2", L2_FACTORS)}


def batch_size(hp: Any, recipe: Recipe) -> Overrides:  # noqa: ARG001
    """Events in a batch.

    Args:
        hp: KerasTuner's hyperparameters.
        recipe: That trials start from.
    """
    sizes = [128, 256, 512, 1024, 2048, 4096]
    return {"training.batch_size": hp.Choice("batch_size", sizes)}


TRAINING_SPACES: Mapping[str, Space] = {
    "augmentation": augmentation,
    "background_mass": background_mass,
    "balance": balance,
    "batch_size": batch_size,
    "l2": l2,
    "one_cycle_peak": one_cycle_peak,
}


def training_space(name: str) -> Space:
    """The space of that name.

    Args:
        name: One of `TRAINING_SPACES`.

    Raises:
        ValueError: If there is none, naming the closest one.
    """
    if name not in TRAINING_SPACES:
        raise ValueError(
            f"Unknown training space '{name}'." + did_you_mean(name, TRAINING_SPACES)
        )
    return TRAINING_SPACES[name]
