"""A recipe: one YAML file that says everything about a training."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, PositiveInt, ValidationError, model_validator

from kerashep._resources import find_resource
from kerashep.training.data_section import DataSection
from kerashep.training.ensemble_section import EnsembleSection
from kerashep.training.file_section import FileList, FileSection
from kerashep.training.optimizer_section import OptimizerSection
from kerashep.training.overrides import (
    apply_overrides,
    missing_key,
    no_section,
    parse_overrides,
    unknown_key,
)
from kerashep.training.preprocessing_section import PreprocessingSection
from kerashep.training.recipe_paths import with_absolute_files, with_absolute_paths
from kerashep.training.recipe_sections import (
    BackgroundMassSection,
    EarlyStoppingSection,
    EvaluationSection,
    ExportSection,
    ModelSection,
    Section,
)
from kerashep.training.recipe_yaml import read_yaml
from kerashep.training.regression_rules import REGRESSION_LOSSES, check_regression
from kerashep.training.schedule_section import ScheduleSection
from kerashep.training.symmetry_section import SymmetrySection

FILE_NAME = "recipe.yaml"


class TrainingSection(OptimizerSection):
    """How the network is trained; see `OptimizerSection` for the optimizer's keys.

    Attributes:
        epochs: Passes over the training events.
        batch_size: Events in a batch.
        schedule: Learning rate against step.
        balance: Composition of batches, see `kerashep.data.balance`.
        background_mass: Mass hypothesis of background events.
        symmetry: Random rotations and reflections of training events; none, if absent.
        early_stopping: When to stop before the last epoch; never, if absent.
        loss: `binary_crossentropy`, or `soft_ams` (see `kerashep.losses.SoftAMS`, and
            its pitfalls) of the yields that the physics weights of the training events
            give. `trimmed_ratio` (see `kerashep.losses.TrimmedRatioLoss`; aimed at a
            ratio of 1) and `mean_squared_error` regress the target of the events.
        ensemble: One training a fold, served as one model; one training, if absent.
        compiled: Whether many steps run in one compiled program (the same batches,
            less waiting).
        checkpoint_every: Epochs between the states a killed run can continue from.
        tensorboard: Whether to write TensorBoard logs into the run folder.
    """

    epochs: PositiveInt = 25
    batch_size: PositiveInt = 1024
    schedule: ScheduleSection | None = None
    balance: Literal["none", "class", "signal", "background", "full"] = "none"
    background_mass: BackgroundMassSection = BackgroundMassSection()
    symmetry: SymmetrySection | None = None
    early_stopping: EarlyStoppingSection | None = None
    loss: Literal[
        "binary_crossentropy", "soft_ams", "trimmed_ratio", "mean_squared_error"
    ] = "binary_crossentropy"
    ensemble: EnsembleSection | None = None
    compiled: bool = True
    checkpoint_every: PositiveInt = 1
    tensorboard: bool = False

    @property
    def regresses(self) -> bool:
        """Whether the loss is that of a regression of the events' target."""
        return self.loss in REGRESSION_LOSSES

    @model_validator(mode="after")
    def _check(self) -> Self:
        schedule = self.schedule
        if schedule and schedule.warmup_epochs >= self.epochs:
            raise ValueError(
                "`schedule.warmup_epochs` must be shorter than the training. Received: "
                f"warmup_epochs={schedule.warmup_epochs:g}, epochs={self.epochs}."
            )
        if schedule and schedule.name == "one_cycle" and self.optimizer == "adamw":
            raise ValueError(
                "`schedule.name: one_cycle` moves the momentum, as `optimizer: adam` "
                f"or `sgd` allow. Received: optimizer='{self.optimizer}'."
            )
        for key in ("beta_1", "momentum"):
            given = getattr(self, key) is not None
            if schedule and schedule.name == "one_cycle" and given:
                raise ValueError(
                    f"`schedule.name: one_cycle` moves `{key}`: set "
                    "`schedule.momentum_high` and `schedule.momentum_low` instead. "
                    f"Received: {key}={getattr(self, key)}."
                )
        if self.ensemble is not None:
            self._check_ensemble(self.ensemble)
        elif self.symmetry and (self.symmetry.frame or self.symmetry.test_rotations):
            raise ValueError(
                "`symmetry.frame` and `symmetry.test_rotations` are part of a served "
                "ensemble: give `training.ensemble` (`members: 1` is one model)."
            )
        return self

    def _check_ensemble(self, ensemble: EnsembleSection) -> None:
        stopping, cycles = self.early_stopping, ("sgdr", "cyclical")
        schedule = self.schedule.name if self.schedule else None
        problems = {
            "`early_stopping.monitor` must be `val_loss` with `ensemble`": stopping
            and stopping.monitor != "val_loss",
            "`loss: soft_ams` is no number an event, by which folds are compared": (
                self.loss == "soft_ams"
            ),
            "`compiled: false` trains one model, no `ensemble`": not self.compiled,
            "`tensorboard` writes one training, no `ensemble`": self.tensorboard,
            f"`ensemble.snapshots` needs `schedule.name` {' or '.join(cycles)}": (
                ensemble.snapshots and schedule not in cycles
            ),
            "`ensemble.geometric` needs a `schedule`": ensemble.geometric
            and schedule is None,
        }
        for problem, found in problems.items():
            if found:
                raise ValueError(f"{problem}.")


class Recipe(Section):
    """Everything about one training, evaluation and export.

    Attributes:
        name: Of the recipe; also of the default run folder.
        description: One line for the catalogue.
        model: Which network.
        data: Which events.
        preprocessing: What happens to features first.
        training: How it is trained.
        evaluation: What is measured.
        export: What is written for use elsewhere.
        seed: The one seed.
        quick: Overrides (dotted path -> value) that `--quick` applies.
    """

    name: Annotated[str, Field(min_length=1, pattern=r"^[\w.-]+$")]
    description: str = ""
    model: ModelSection
    data: DataSection
    preprocessing: PreprocessingSection = PreprocessingSection()
    training: TrainingSection = TrainingSection()
    evaluation: EvaluationSection = EvaluationSection()
    export: ExportSection = ExportSection()
    seed: Annotated[int, Field(ge=0)] = 0
    quick: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.preprocessing.cartesian and self.training.ensemble is None:
            raise ValueError(
                "`preprocessing.cartesian` is part of a served ensemble: give "
                "`training.ensemble` (`members: 1` is one model)."
            )
        if self.training.regresses:
            check_regression(self.training, self.data, self.evaluation)
        stopping = self.training.early_stopping
        validated = (
            "validation" in self.data.split.fractions
            or self.training.ensemble is not None
        )
        if stopping and stopping.monitor.startswith("val_") and not validated:
            raise ValueError(
                f"`training.early_stopping` watches '{stopping.monitor}', which needs "
                "events: give `data.split.fractions.validation` a part."
            )
        return self

    def to_yaml(self) -> str:
        """The whole recipe with all defaults filled in; `load_recipe` reads it."""
        content = self.model_dump(mode="json")
        return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def load_recipe(
    name: str | Path, *, overrides: Iterable[str] = (), quick: bool = False
) -> Recipe:
    """Reads, overrides and validates a recipe.

    Args:
        name: Published name such as `affine_pnn_resonance`, or the path of a folder
            or YAML file.
        overrides: `path=value` texts, applied last.
        quick: Whether to apply the recipe's own `quick` overrides first.

    Raises:
        ValueError: If the recipe does not exist or is not valid, with the file, each
            key at fault and the closest valid one.
    """
    path = find_resource("recipes", str(name), FILE_NAME)
    content = read_yaml(path)
    faster = content.get("quick") or {}
    if not isinstance(faster, dict):
        raise ValueError(  # noqa: TRY004
            f"{path}: `quick` must map dotted paths to values."
        )
    content = _with_overrides(content, faster if quick else {}, str(path))
    content = with_absolute_paths(content, path.parent)
    stated = parse_overrides(overrides)
    content = _with_overrides(content, stated, "Overrides")
    content = with_absolute_paths(content, Path())
    source = f"{path} with overrides {', '.join(stated)}" if stated else str(path)
    recipe = recipe_from_dict(content, source=source)
    recipe_from_dict(
        _with_overrides(content, faster, str(path)), source=f"{path} (quick)"
    )
    return recipe


def recipe_from_dict(content: Mapping[str, Any], *, source: str = "Recipe") -> Recipe:
    """Validates `content`.

    Args:
        content: Nested mappings, as read from YAML.
        source: Where it is from, for error messages.

    Raises:
        ValueError: Listing each key at fault.
    """
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise ValueError(f"{source} is not a valid recipe:\n{_lines(error)}") from None


def load_file_list(path: Path) -> tuple[FileSection, ...]:
    """Files listed in a YAML file, as under `data.files` of a recipe.

    Args:
        path: Holds the one key `files`; paths in it are relative to its folder.

    Raises:
        ValueError: Listing each key at fault.
    """
    try:
        content = with_absolute_files(read_yaml(path), path.parent)
        return FileList.model_validate(content).files
    except ValidationError as error:
        raise ValueError(
            f"{path} is not a valid list of files (`files:`, as in the `data` section "
            f"of a recipe):\n{_lines(error)}"
        ) from None


def _with_overrides(
    content: Mapping[str, Any], overrides: Mapping[str, Any], source: str
) -> dict[str, Any]:
    for path in overrides:
        if path.partition(".")[0] == "quick":
            raise ValueError(
                f"{source}: 'quick' itself cannot be overridden: it is applied first. "
                f"Received: '{path}'."
            )
    try:
        return apply_overrides(content, overrides, Recipe)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from error


def _lines(error: ValidationError) -> str:
    return "\n".join(f"  {_explain(item)}" for item in error.errors())


def _explain(item: Any) -> str:
    """One pydantic error as one line: path, what was expected, what arrived."""
    path = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        return unknown_key(path, Recipe)
    message = item["msg"].removeprefix("Value error, ").rstrip(".")
    message = message.replace("Input should be", "must be")
    if item["type"] == "missing":
        return missing_key(path)
    if item["type"] == "model_type":
        return no_section(path, Recipe, item["input"])
    if item["type"] == "value_error":
        return f"{path}: {message}." if path else f"{message}."
    return f"{path} {message}. Received: {item['input']!r}."
