"""Which features hold the components of a momentum."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean


@dataclass(frozen=True)
class Vector:
    """Names of the features that hold the components of a momentum.

    Args:
        px: Component along x, transverse to the beam.
        py: Component along y, transverse to the beam.
        pz: Component along the beam; None where it is not measured (missing momentum).
    """

    px: str
    py: str
    pz: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All features of the vector."""
        return tuple(name for name in (self.px, self.py, self.pz) if name is not None)

    def reversed_by(self, axis: str) -> tuple[str, ...]:
        """Features that change sign when the axis `y` or `z` is reversed."""
        component = {"y": self.py, "z": self.pz}[axis]
        return () if component is None else (component,)


@dataclass(frozen=True)
class PolarVector:
    """Names of the features that hold the direction of a momentum as angles.

    The transverse momentum stays the same under rotations about the beam and
    reflections, so it is not named here.

    Args:
        phi: Azimuth in radians, in [-pi, pi).
        eta: Pseudorapidity; None where it is not measured (missing momentum).
    """

    phi: str
    eta: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All features of the vector."""
        return (self.phi,) if self.eta is None else (self.phi, self.eta)

    def reversed_by(self, axis: str) -> tuple[str, ...]:
        """Features that change sign when the axis `y` or `z` is reversed."""
        component = {"y": self.phi, "z": self.eta}[axis]
        return () if component is None else (component,)


AnyVector = Vector | PolarVector


def checked_vectors(vectors: Sequence[AnyVector]) -> tuple[AnyVector, ...]:
    """The vectors as a tuple.

    Raises:
        ValueError: If there is none, or a feature is named twice.
    """
    names = [name for vector in vectors for name in vector.names]
    if not names:
        raise ValueError("`vectors` must hold at least one Vector. Received: none.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"A feature is one component only. Received twice: {twice}.")
    return tuple(vectors)


def columns_of(names: Sequence[str], among: Sequence[str]) -> NDArray[np.intp]:
    """Columns of the features `names` in the table whose columns are `among`.

    Raises:
        ValueError: If `among` is empty or a name is not there.
    """
    if names and not among:
        raise ValueError("Call `for_features(feature_names)` before `apply`.")
    for name in names:
        if name not in among:
            raise ValueError(f"No feature '{name}'." + did_you_mean(name, among))
    return np.array([list(among).index(name) for name in names], dtype=np.intp)
