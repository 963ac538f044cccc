"""The study's `space`: which settings its trials differ in."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from kerashep.training.plan_file import StrictModel
from kerashep.tuning.model_spaces import model_space
from kerashep.tuning.training_spaces import training_space

Number = int | float
_SIMPLE = (bool, int, float, str)


class Range(StrictModel):
    """Numbers between two ends; integers, if both ends are such.

    Attributes:
        low: The least.
        high: The largest.
        step: Distance of neighbours; for `scale: log` their ratio. Any by default.
        scale: Whether equal differences or equal ratios count the same.
    """

    low: Number
    high: Number
    step: Number | None = None
    scale: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.low < self.high:
            raise ValueError(
                "`low` must be less than `high`. Received: "
                f"low={self.low}, high={self.high}."
            )
        if self.scale == "log" and self.low <= 0:
            raise ValueError(
                f"`scale: log` needs a positive `low`. Received: low={self.low}."
            )
        least = 1 if self.scale == "log" else 0
        if self.step is not None and self.step <= least:
            raise ValueError(
                f"`step` must be more than {least} with `scale: {self.scale}`. "
                f"Received: step={self.step}."
            )
        return self

    def drawn(self, hp: Any, name: str) -> Number:
        """A value of it.

        Args:
            hp: KerasTuner's hyperparameters.
            name: Of the hyperparameter.
        """
        whole = isinstance(self.low, int) and isinstance(self.high, int)
        kind = hp.Int if whole else hp.Float
        value: Number = kind(
            name, self.low, self.high, step=self.step, sampling=self.scale
        )
        return value


class ParameterLimits(StrictModel):
    """Networks with fewer or more parameters are drawn anew.

    Attributes:
        least: Trainable and other parameters of the network.
        most: The same.
    """

    least: Annotated[int, Field(ge=0)] = 0
    most: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.least > self.most:
            raise ValueError(
                f"`least` must not exceed `most`. Received: least={self.least}, "
                f"most={self.most}."
            )
        return self


class SpaceSection(StrictModel):
    """What is searched; at least one of `model`, `training` and `values`.

    Attributes:
        model: A named space of constructor arguments, see
            `kerashep.tuning.MODEL_SPACES`; the recipe's model must be its own.
        training: Named choices of training, see `kerashep.tuning.TRAINING_SPACES`.
        values: Any recipe value by dotted path: a list to choose from, or a range.
        parameter_limits: Instead of those of the model space.
    """

    model: str | None = None
    training: tuple[str, ...] = ()
    values: dict[str, Annotated[list[Any], Field(min_length=1)] | Range] = Field(
        default_factory=dict
    )
    parameter_limits: ParameterLimits | None = None

    @field_validator("model")
    @classmethod
    def _known_model(cls, name: str | None) -> str | None:
        if name is not None:
            model_space(name)
        return name

    @field_validator("training")
    @classmethod
    def _known_training(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            training_space(name)
        return names

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not (self.model or self.training or self.values):
            raise ValueError("`space` must hold `model`, `training` or `values`.")
        return self
