"""The recipe's `preprocessing.cartesian`: momenta that become components first."""

from collections.abc import Sequence

from pydantic import model_validator

from kerashep.training.recipe_sections import Section

_PHI = "_phi"


class MomentumSection(Section):
    """A momentum as the files have it.

    The features `X_phi` and, if there is an `eta`, the others become `X_px`, `X_py` and
    `X_pz`; without `eta` the magnitude stays beside `X_px` and `X_py`.

    Attributes:
        pt: Feature that holds the transverse momentum.
        phi: Feature that holds the azimuth in radians; its name ends in `_phi`.
        eta: Feature that holds the pseudorapidity, if it is measured.
    """

    pt: str
    phi: str
    eta: str | None = None

    @model_validator(mode="after")
    def _check(self) -> "MomentumSection":
        if not self.phi.endswith(_PHI):
            raise ValueError(
                f"`phi` must name a feature that ends in {_PHI}: the components are "
                f"named after it. Received: '{self.phi}'."
            )
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The features, in the order of `kerashep.layers.CartesianMomenta`."""
        between = () if self.eta is None else (self.eta,)
        return (self.pt, *between, self.phi)


def component_names(
    momenta: Sequence[MomentumSection], feature_names: Sequence[str]
) -> tuple[str, ...]:
    """Names of the features after the components have taken their places.

    Args:
        momenta: Of the recipe.
        feature_names: Of the raw events.
    """
    instead: dict[str, tuple[str, ...]] = {}
    for one in momenta:
        owner = one.phi.removesuffix(_PHI)
        if one.eta is None:
            instead[one.phi] = (f"{owner}_px", f"{owner}_py")
        else:
            for name, component in zip(one.columns, ("px", "py", "pz"), strict=True):
                instead[name] = (f"{owner}_{component}",)
    return tuple(new for name in feature_names for new in instead.get(name, (name,)))
