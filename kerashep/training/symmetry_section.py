"""The recipe's `training.symmetry`: random transforms that leave the physics alone."""

import re
import warnings
from collections.abc import Sequence
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from kerashep._messages import did_you_mean
from kerashep.data.events import Events
from kerashep.data.symmetry import PhiRotation, Reflection, Symmetry
from kerashep.data.vectors import AnyVector, PolarVector, Vector
from kerashep.training.recipe_sections import Section

_COMPONENT = re.compile(r"_(px|py|pz|phi|eta)$", re.IGNORECASE)
_DIFFERENCE = re.compile(r"(delta|diff|centrality)", re.IGNORECASE)


class VectorSection(Section):
    """One momentum: Cartesian (`px`, `py`, `pz`) or polar (`phi`, `eta`) features.

    A `*` in each name stands for any text, the same in all of them: `{px: PX_*, py:
    PY_*, pz: PZ_*}` are the momenta of all particles.

    Attributes:
        px: Feature that holds the component along x.
        py: Feature that holds the component along y.
        pz: Feature that holds the component along the beam, if it is measured.
        phi: Feature that holds the azimuth in radians.
        eta: Feature that holds the pseudorapidity, if it is measured.
    """

    px: str | None = None
    py: str | None = None
    pz: str | None = None
    phi: str | None = None
    eta: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        named = {name for name in type(self).model_fields if getattr(self, name)}
        cartesian = {"px", "py"} <= named <= {"px", "py", "pz"}
        polar = {"phi"} <= named <= {"phi", "eta"}
        if not cartesian and not polar:
            raise ValueError(
                "A vector is `px`, `py` and perhaps `pz`, or `phi` and perhaps `eta`. "
                f"Received: {sorted(named)}."
            )
        stars = {getattr(self, name).count("*") for name in named}
        if stars not in ({0}, {1}):
            raise ValueError(
                "A vector has one `*` in each of its names, or none. "
                f"Received: {', '.join(getattr(self, name) for name in sorted(named))}."
            )
        return self

    def expanded(self, feature_names: Sequence[str]) -> tuple["VectorSection", ...]:
        """All vectors that this one stands for; itself, if there is no `*` in it.

        Args:
            feature_names: Of the events.
        """
        names = self.model_dump(exclude_none=True)
        first = str(self.px or self.phi)
        if "*" not in first:
            return (self,)
        start, _, end = first.partition("*")
        pattern = re.compile(f"{re.escape(start)}(.+){re.escape(end)}")
        found = [match[1] for match in map(pattern.fullmatch, feature_names) if match]
        return tuple(
            VectorSection(**{k: v.replace("*", text) for k, v in names.items()})
            for text in found
        )

    def vector(self) -> AnyVector:
        """The same for the pipeline."""
        if self.phi is not None:
            return PolarVector(self.phi, self.eta)
        return Vector(str(self.px), str(self.py), self.pz)


class FrameSection(Section):
    """All events are turned to one orientation instead ("data fixing").

    Attributes:
        reference: The `px` of the momentum that gets azimuth 0 and a positive `pz`; its
            `py` is then left out.
        partner: The `px` of the momentum that gets a positive `py`.
    """

    reference: str
    partner: str


class SymmetrySection(Section):
    """Training events are rotated about the beam and reflected at random, each batch.

    The detector does not know directions, but a network has to learn that from events;
    so it learns from as many copies as it likes. Acts on raw features, before
    logarithms and scaling. Features that are invariant (masses, transverse momenta)
    are not named; features that are not and are not named (a px without its py) would
    no longer fit the rest.

    Attributes:
        vectors: All momenta among the features.
        rotation: Whether to rotate about the beam, by one angle an event.
        reflections: Axes that are reversed, each with probability 1/2.
        frame: One orientation for all events, instead of random ones: `rotation` and
            `reflections` are left out beside it.
        test_rotations: Angles at which the served model looks at each event, together
            with all `reflections`, and takes the mean; 2 and both reflections are the
            eight copies of the HiggsML study. 0 scores events as they are. Needs
            `rotation`, by which training has seen events at such angles.
    """

    vectors: Annotated[tuple[VectorSection, ...], Field(min_length=1)]
    rotation: bool = True
    reflections: tuple[Literal["y", "z"], ...] = ("y", "z")
    frame: FrameSection | None = None
    test_rotations: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        self.stages()
        if self.test_rotations and not self.rotation:
            raise ValueError(
                "`test_rotations` shows events at other angles to a network that "
                "`rotation: false` trains at their own: use `rotation: true`, or leave "
                f"`test_rotations` out. Received: test_rotations={self.test_rotations}."
            )
        if self.frame is not None:
            self._check_frame(self.frame)
        cartesian = [section.px for section in self.vectors if section.px is not None]
        if (self.frame or self.test_rotations) and len(cartesian) < len(self.vectors):
            raise ValueError(
                "`frame` and `test_rotations` need all momenta as `px`, `py`, `pz`. "
                "Received: some as `phi`, `eta`."
            )
        return self

    def _check_frame(self, frame: FrameSection) -> None:
        """Refuses what has no effect in a common frame, and unknown momenta."""
        for key in ("rotation", "reflections", "test_rotations"):
            value = getattr(self, key)
            if value != type(self).model_fields[key].default:
                raise ValueError(
                    "`frame` turns all events to one orientation, so that random ones "
                    f"and copies are the same: leave `{key}` out. Received: "
                    f"{key}={value!r}."
                )
        momenta = [section.px for section in self.vectors if section.px is not None]
        for key, name in (("reference", frame.reference), ("partner", frame.partner)):
            if name not in momenta:
                raise ValueError(
                    f"`frame.{key}` must be the `px` of one of `vectors`."
                    + did_you_mean(name, momenta)
                )

    def for_features(self, feature_names: Sequence[str]) -> "SymmetrySection":
        """The same with every vector by name, instead of by `*`.

        Args:
            feature_names: Of the events.

        Raises:
            ValueError: If a `*` stands for nothing.
        """
        expanded = [one.expanded(feature_names) for one in self.vectors]
        for section, found in zip(self.vectors, expanded, strict=True):
            if not found:
                raise ValueError(
                    f"`training.symmetry.vectors`: no feature is named like "
                    f"'{section.px or section.phi}'. Features: {tuple(feature_names)}."
                )
        vectors = tuple(one for found in expanded for one in found)
        return self.model_copy(update={"vectors": vectors})

    def stages(self) -> tuple[Symmetry, ...]:
        """The random transforms for a pipeline; none in a common frame."""
        if self.frame is not None:
            return ()
        vectors = tuple(section.vector() for section in self.vectors)
        turns: tuple[Symmetry, ...] = (PhiRotation(vectors),) if self.rotation else ()
        return (*turns, *(Reflection(axis, vectors) for axis in self.reflections))

    def check_events(self, events: Events) -> None:
        """Refuses events that the transforms do not fit.

        Raises:
            ValueError: If a feature is not there, or an azimuth is not in radians.
        """
        for section in self.vectors:
            for name in section.vector().names:
                if name not in events.feature_names:
                    raise ValueError(
                        f"`training.symmetry.vectors` names '{name}', which is no "
                        "feature. Name the momenta of these events, or set "
                        f"training.symmetry=null. Features: {events.feature_names}."
                    )
            if section.phi is not None:
                _check_radians(section.phi, events)
        named = {name for one in self.vectors for name in one.vector().names}
        _warn_of_others(named, events)


def _warn_of_others(named: set[str], events: Events) -> None:
    """Warns of features that look like components or angles and are left behind."""
    pairs = zip(events.feature_names, events.feature_units, strict=True)
    others = [
        name
        for name, unit in pairs
        if name not in named
        and (unit == "rad" or _COMPONENT.search(name))
        and not _DIFFERENCE.search(name)
    ]
    if others:
        warnings.warn(
            "`training.symmetry` turns the momenta it names. These features look like "
            f"components or angles too and stay as they are: {', '.join(others[:5])}"
            f"{', ...' if len(others) > 5 else ''}. Name them under `vectors`, unless "
            "they do not change when an event is turned.",
            stacklevel=3,
        )


def _check_radians(name: str, events: Events) -> None:
    values = events.features[:, events.feature_names.index(name)]
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    if largest > 2 * np.pi + 1e-3:
        raise ValueError(
            f"`training.symmetry.vectors`: '{name}' must be an azimuth in radians. "
            f"Received: values up to {largest:g}."
        )
