"""The recipe's `preprocessing`: what happens to features before the network."""

from typing import Annotated

from pydantic import Field

from kerashep.training.cartesian_section import MomentumSection
from kerashep.training.recipe_sections import Section


class PreprocessingSection(Section):
    """What happens to features before the network; part of the saved model.

    Attributes:
        cartesian: Momenta that become Cartesian components before anything else; all
            that follows names the components.
        log_features: Features x that become sign(x) log(1 + |x|) before they are
            standardised.
        categorical: Features that hold category numbers 0, 1, ..., and how many there
            are: for models with an embedding. They are not standardised.
    """

    cartesian: tuple[MomentumSection, ...] = ()
    log_features: tuple[str, ...] = ()
    categorical: dict[str, Annotated[int, Field(ge=2)]] = Field(default_factory=dict)
