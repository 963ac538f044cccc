"""Which columns hold the four-momenta of particles, and how many are kept."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from kerashep._messages import did_you_mean

CARTESIAN = ("E", "px", "py", "pz")
_PUBLIC = ("E", "PX", "PY", "PZ")
_POLAR = ("pt", "eta", "phi", "mass")


class ParticleGroup(BaseModel):
    """Particles of one kind, as written under `data.columns.particles` of a recipe.

    The columns are lists (Parquet), jagged branches (ROOT), or plain numbers, which are
    one particle an event. They become the features `<name>_<i>_E`, `_px`, `_py` and
    `_pz` (GeV) of particle `i = 0 ... count - 1`; absent particles are four zeros.

    Momenta are given by `px` and `py`, with or without `pz` and `E`, or by `pt` and
    `phi`, with or without `eta` and `mass`. Without `pz` or `eta` the particle is
    transverse to the beam (missing momentum); without `E` and `mass` it is massless.

    Attributes:
        name: Of the group, for example `jet`. Empty for the constituents of a jet: the
            features are then `E_0`, `PX_0`, `PY_0`, `PZ_0`, `E_1`, ... as in the public
            top-tagging files.
        E: Column of the energy (GeV).
        px: Column of the component along x (GeV).
        py: Column of the component along y (GeV).
        pz: Column of the component along the beam (GeV).
        pt: Column of the transverse momentum (GeV).
        eta: Column of the pseudorapidity.
        phi: Column of the azimuth (rad).
        mass: Column of the mass (GeV), or its value for all particles.
        count: How many particles of an event are kept.
        order: `pt` sorts by falling transverse momentum, `file` keeps the file's order.

    Raises:
        pydantic.ValidationError: A `ValueError` that names an unknown key or what is
            missing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    E: str | None = None
    px: str | None = None
    py: str | None = None
    pz: str | None = None
    pt: str | None = None
    eta: str | None = None
    phi: str | None = None
    mass: str | FiniteFloat | None = None
    count: Annotated[int, Field(ge=1)] = 1
    order: Literal["pt", "file"] = "pt"

    @property
    def is_polar(self) -> bool:
        """Whether momenta are given as (pt, eta, phi, mass)."""
        return self.pt is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns to read."""
        given = (getattr(self, part) for part in (*CARTESIAN, *_POLAR))
        return tuple(column for column in given if isinstance(column, str))

    @model_validator(mode="before")
    @classmethod
    def _name_unknown_keys(cls, given: Any) -> Any:
        for key in given if isinstance(given, dict) else ():
            if key not in cls.model_fields:
                raise ValueError(
                    f"Unknown key '{key}' of a group of particles."
                    + did_you_mean(str(key), cls.model_fields)
                )
        return given

    @model_validator(mode="after")
    def _check(self) -> Self:
        cartesian = [part for part in CARTESIAN if getattr(self, part) is not None]
        polar = [part for part in _POLAR if getattr(self, part) is not None]
        needed = {"px", "py"} if cartesian else {"pt", "phi"}
        if bool(cartesian) == bool(polar) or not needed <= {*cartesian, *polar}:
            raise ValueError(
                f"Group of particles '{self.name}': expected the columns `px` and "
                "`py`, with or without `pz` and `E`, or `pt` and `phi`, with or "
                "without `eta` and `mass`. Received: "
                f"{', '.join([*cartesian, *polar]) or 'none'}."
            )
        if isinstance(self.mass, float) and self.mass < 0:
            raise ValueError(f"`mass` must not be negative. Received: {self.mass:g}.")
        return self


def particle_names(group: ParticleGroup) -> tuple[str, ...]:
    """Names of the features of a group, particle by particle: E, px, py, pz.

    Args:
        group: Its name and number of particles.
    """
    if not group.name:
        return constituent_names(group.count)
    return tuple(
        f"{group.name}_{i}_{part}" for i in range(group.count) for part in CARTESIAN
    )


def constituent_names(count: int) -> tuple[str, ...]:
    """`E_0`, `PX_0`, `PY_0`, `PZ_0`, `E_1`, ...: names of public top-tagging files.

    Args:
        count: Number of constituents.
    """
    return tuple(f"{part}_{i}" for i in range(count) for part in _PUBLIC)


def groups_of_lists(count: int) -> tuple[ParticleGroup, ...]:
    """A jet's constituents in list columns E, PX, PY and PZ, sorted by pt.

    Args:
        count: Number of constituents kept.
    """
    e, px, py, pz = _PUBLIC
    return (ParticleGroup(E=e, px=px, py=py, pz=pz, count=count),)


def check_groups(groups: Sequence[ParticleGroup], features: Sequence[str]) -> None:
    """Raises if two features would have one name.

    Args:
        groups: All groups of a column map.
        features: Its other features.
    """
    names = [*features, *(name for group in groups for name in particle_names(group))]
    twice = sorted({name for name in names if names.count(name) > 1}) if groups else []
    if twice:
        raise ValueError(
            f"`particles` name features twice: {', '.join(twice[:4])}. Give each group "
            "a `name` of its own."
        )
