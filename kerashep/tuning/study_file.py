"""Search studies: one `study.yaml` that says what is searched, how, and how long."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)

from kerashep._messages import did_you_mean
from kerashep._resources import find_resource
from kerashep.training.plan_file import StrictModel, read_plan
from kerashep.tuning.model_spaces import model_space
from kerashep.tuning.objectives import OBJECTIVES
from kerashep.tuning.space_section import SpaceSection

FILE_NAME = "study.yaml"


class Objective(StrictModel):
    """What is maximised: a number of the events that a fold leaves out.

    Attributes:
        name: One of `kerashep.tuning.OBJECTIVES`.
        fraction: Share of the events, by score, at which the AMS is taken.
        regularisation: Events added to the background in the AMS.
    """

    name: str = "roc_auc"
    fraction: Annotated[float, Field(gt=0, le=1)] = 0.15
    regularisation: Annotated[float, Field(ge=0)] = 10.0

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in OBJECTIVES:
            raise ValueError(
                f"Unknown objective '{name}'." + did_you_mean(name, OBJECTIVES)
            )
        return name


class Tuner(StrictModel):
    """Who proposes the trials.

    Attributes:
        name: `random`, `grid`, `bayesian` (a Gaussian process; explores little of a
            space of many local optima) or `hyperband` (many short trainings, the best
            of them longer: misleading where settings differ in how fast they learn,
            such as learning rates, as the single-top study found).
        initial_trials: Random trials before the Gaussian process of `bayesian`; three a
            hyperparameter by default.
        factor: Of `hyperband`: by which trainings become longer and fewer.
    """

    name: Literal["random", "grid", "bayesian", "hyperband"] = "random"
    initial_trials: PositiveInt | None = None
    factor: Annotated[int, Field(ge=2)] = 3


class Budget(StrictModel):
    """When the search ends; at least one of the two, but for `grid`.

    Attributes:
        trials: Number of different trials.
        seconds: Wall time, interruptions not counted; trials under way are finished.
    """

    trials: PositiveInt | None = None
    seconds: PositiveFloat | None = None


class Pruning(StrictModel):
    """Hopeless trials are stopped between folds, by the median of earlier trials.

    Attributes:
        first_folds: Folds that every trial gets.
        least_trials: Earlier trials that a median needs.
    """

    first_folds: PositiveInt = 1
    least_trials: Annotated[int, Field(ge=2)] = 10


class Repeats(StrictModel):
    """The best trials are trained anew in the end, beyond the budget.

    Attributes:
        trials: How many.
        seeds: How often, each time with other folds and trainings.
    """

    trials: PositiveInt = 5
    seeds: Annotated[int, Field(ge=2)] = 3


class QuickStudy(StrictModel):
    """What `--quick` changes."""

    trials: PositiveInt = 4
    folds: Annotated[int, Field(ge=2)] = 2
    settings: dict[str, Any] = Field(default_factory=dict, alias="set")


class TuningStudy(StrictModel):
    """One search.

    Attributes:
        title: What is searched for.
        recipe: Name or path of the recipe that trials start from.
        settings: Overrides of all trials.
        space: What trials differ in.
        tuner: Who proposes them.
        budget: When the search ends.
        folds: Into how many folds the events, but for the recipe's test part, are
            divided; each is scored by a training on the others.
        objective: What is maximised, as the mean over folds.
        pruning: When trials are stopped early; never, if absent.
        repeats: Which trials are repeated in the end: how much scores fluctuate, and an
            unbiased score of the best. None, if absent.
        pending: Number of trials that may be under way when the next is proposed. It
            decides the proposals, the number of processes does not; with fewer pending
            trials than processes some are idle.
        seed: Of the folds, the trainings and the proposals.
        quick: What `--quick` changes.
    """

    title: str
    recipe: str
    settings: dict[str, Any] = Field(default_factory=dict, alias="set")
    space: SpaceSection
    tuner: Tuner = Tuner()
    budget: Budget = Budget()
    folds: Annotated[int, Field(ge=2)] = 3
    objective: Objective = Objective()
    pruning: Pruning | None = None
    repeats: Repeats | None = None
    pending: PositiveInt = 4
    seed: Annotated[int, Field(ge=0)] = 1
    quick: QuickStudy = QuickStudy()

    @model_validator(mode="after")
    def _check(self) -> Self:
        name, budget = self.tuner.name, self.budget
        if budget.trials is None and budget.seconds is None and name != "grid":
            raise ValueError(
                "`budget` must hold `trials` or `seconds`; only a grid has an end of "
                f"its own. Received: tuner '{name}' without."
            )
        if self.pruning is not None and name == "hyperband":
            raise ValueError(
                "`pruning` compares trainings of equal length: leave it out with "
                "`tuner.name: hyperband`, which stops trials itself."
            )
        space = self.space
        named = space.model is not None and model_space(space.model).parameter_limits
        limited = space.parameter_limits is not None or named
        if limited and name in ("bayesian", "hyperband"):
            raise ValueError(
                "Limits of the number of parameters need `tuner.name: random` or "
                f"`grid`, which can draw again. Received: {name}."
            )
        return self

    def quickened(self) -> "TuningStudy":
        """The study with its `quick` settings."""
        quick = self.quick
        return self.model_copy(
            update={
                "settings": {**self.settings, **quick.settings},
                "budget": Budget(trials=quick.trials),
                "folds": quick.folds,
            }
        )


def override_texts(settings: Mapping[str, Any]) -> list[str]:
    """Overrides as `load_recipe` takes them.

    Args:
        settings: Dotted path -> value.
    """
    # JSON is YAML too, as which overrides are read.
    return [f"{path}={json.dumps(value)}" for path, value in settings.items()]


def find_study(name: str) -> Path:
    """The file of a search study.

    Args:
        name: Published name, or the path of a folder or file.

    Raises:
        ValueError: If there is none.
    """
    return find_resource("studies", name, FILE_NAME)


def load_tuning_study(path: Path) -> TuningStudy:
    """Reads and validates a study.

    Args:
        path: From `find_study`. A recipe that is a path starts from its folder.

    Raises:
        ValueError: Naming each key at fault, and an unknown objective or space.
    """
    study = read_plan(TuningStudy, path, "Search study")
    beside = path.parent / study.recipe
    if beside.exists():
        return study.model_copy(update={"recipe": str(beside)})
    return study
