"""The recipe's `preprocessing`: what happens to features before the network."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kerashep.training.cartesian_section import MomentumSection
from kerashep.training.recipe_sections import Section


class PreprocessingSection(Section):
    """What happens to features before the network; part of the saved model.

    Attributes:
        cartesian: Momenta that become Cartesian components before anything else; all
            that follows names the components.
        scaling: `standard` shifts and scales each feature to mean 0 and standard
            deviation 1. `none` leaves all of them as they are: for models of
            four-vectors, whose components belong together.
        log_features: Features x that become sign(x) log(1 + |x|) before they are
            standardised.
        categorical: Features that hold category numbers 0, 1, ..., and how many there
            are: for models with an embedding. They are not standardised.
    """

    cartesian: tuple[MomentumSection, ...] = ()
    scaling: Literal["standard", "none"] = "standard"
    log_features: tuple[str, ...] = ()
    categorical: dict[str, Annotated[int, Field(ge=2)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.scaling == "none" and self.log_features:
            raise ValueError(
                "`log_features` have no effect with `scaling: none`; leave one out. "
                f"Received: {', '.join(self.log_features)}."
            )
        return self
