"""The recipe's optimizer: its name, its rate, and the keys that belong to it."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, PositiveFloat, model_validator

from kerashep.training.recipe_sections import Section, refuse_foreign_keys

_Share = Annotated[float, Field(ge=0, lt=1)]
_KEYS = {
    "adam": ("beta_1", "beta_2", "epsilon", "clipnorm"),
    "adamw": ("beta_1", "beta_2", "epsilon", "weight_decay", "clipnorm"),
    "sgd": ("momentum", "nesterov", "clipnorm"),
}


class OptimizerSection(Section):
    """Keys of `training` that decide the optimizer.

    A key that is left out has Keras' default; one that the optimizer does not have is
    an error.

    Attributes:
        optimizer: `adam`, `adamw` or `sgd`.
        learning_rate: Constant, unless there is a schedule, which it then scales.
        beta_1: Decay of the first moment of `adam` and `adamw`; 0.9 by default.
        beta_2: Decay of their second moment; 0.999 by default.
        epsilon: Added to the root of the second moment; 1e-7 by default.
        weight_decay: Of `adamw`, times the learning rate; 0.004 by default.
        momentum: Of `sgd`; 0 by default.
        nesterov: Whether `sgd` takes Nesterov's step; no by default.
        clipnorm: Largest norm of the gradient of each weight; unlimited by default.
    """

    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    learning_rate: PositiveFloat = 3e-4
    beta_1: _Share | None = None
    beta_2: _Share | None = None
    epsilon: PositiveFloat | None = None
    weight_decay: Annotated[float, Field(ge=0)] | None = None
    momentum: _Share | None = None
    nesterov: bool | None = None
    clipnorm: PositiveFloat | None = None

    @model_validator(mode="after")
    def _check_optimizer(self) -> Self:
        refuse_foreign_keys(self, "optimizer", self.optimizer, _KEYS)
        return self

    def optimizer_settings(self) -> dict[str, Any]:
        """The keys that are given, besides the rate, as Keras names them."""
        values = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "weight_decay": self.weight_decay,
            "momentum": self.momentum,
            "nesterov": self.nesterov,
            "clipnorm": self.clipnorm,
        }
        return {key: value for key, value in values.items() if value is not None}
