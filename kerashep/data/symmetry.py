"""Random symmetry transforms of raw momenta: rotations and reflections."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from kerashep._symmetry import reflected, rotated, turned
from kerashep.data.vectors import (
    AnyVector,
    PolarVector,
    Vector,
    checked_vectors,
    columns_of,
)


class Symmetry(Protocol):
    """A stage of the pipeline that leaves the physics of an event unchanged."""

    def for_features(self, names: Sequence[str]) -> Self:
        """The same transform, knowing in which column each feature is."""

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...]
    ) -> NDArray[np.float32]:
        """Random numbers for `shape` events, drawn one event after the other."""

    def apply(self, x: Any, draws: Any, xp: Any = np) -> Any:
        """Transformed features; `xp` is NumPy or `keras.ops`."""


@dataclass(frozen=True)
class PhiRotation:
    """Rotates all vectors of an event about the beam by one random angle.

    `px' = px cos(a) - py sin(a)`, `py' = px sin(a) + py cos(a)`, or `phi' = phi + a`
    brought back into [-pi, pi); `a` uniform in [-pi, pi). Invariants (masses,
    transverse momenta, angles between vectors) need no change. Acts on physical units,
    before any scaling: standardised components have different scales, and rotating
    them is no rotation.

    Args:
        vectors: The vectors, Cartesian or polar; all other features stay as they are.
        feature_names: Names of the columns of `x`; set by `for_features`.
    """

    vectors: tuple[AnyVector, ...]
    feature_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "vectors", checked_vectors(self.vectors))

    def for_features(self, names: Sequence[str]) -> "PhiRotation":
        """The same rotation for the columns `names`."""
        bound = replace(self, feature_names=tuple(names))
        bound._columns()
        return bound

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...]
    ) -> NDArray[np.float32]:
        """One angle an event, in radians."""
        unit = rng.random(shape, dtype="float32")
        return (unit - np.float32(0.5)) * np.float32(2 * np.pi)

    def apply(self, x: Any, draws: Any, xp: Any = np) -> Any:
        """Rotates.

        Args:
            x: `(..., features)` raw features.
            draws: `(...)` angles in radians, one an event.
            xp: `numpy`, or `keras.ops` for tensors.

        Returns:
            `(..., features)`.
        """
        first, second, phi = self._columns()
        if len(first):
            x = rotated(x, first, second, xp.cos(draws), xp.sin(draws), xp)
        return turned(x, phi, draws, xp) if len(phi) else x

    def _columns(self) -> tuple[NDArray[np.intp], ...]:
        cartesian = [v for v in self.vectors if isinstance(v, Vector)]
        polar = [v for v in self.vectors if isinstance(v, PolarVector)]
        named = ([v.px for v in cartesian], [v.py for v in cartesian])
        groups = (*named, [v.phi for v in polar])
        return tuple(columns_of(names, self.feature_names) for names in groups)


@dataclass(frozen=True)
class Reflection:
    """Reverses one component of all vectors of an event with probability 1/2.

    Args:
        axis: `y` (with a rotation, reflection in any plane through the beam; reverses
            phi of polar vectors) or `z` (exchange of the beams; reverses eta). Vectors
            without `pz` or `eta` do not change with `z`.
        vectors: The vectors, Cartesian or polar; all other features stay as they are.
        feature_names: Names of the columns of `x`; set by `for_features`.
    """

    axis: str
    vectors: tuple[AnyVector, ...]
    feature_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "vectors", checked_vectors(self.vectors))
        if self.axis not in ("y", "z"):
            raise ValueError(
                f"`axis` must be 'y' or 'z'. Received: axis='{self.axis}'."
            )
        if not self._names():
            raise ValueError("Reflection along z needs a vector with `pz` or `eta`.")

    def for_features(self, names: Sequence[str]) -> "Reflection":
        """The same reflection for the columns `names`."""
        bound = replace(self, feature_names=tuple(names))
        columns_of(bound._names(), bound.feature_names)
        return bound

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, ...]
    ) -> NDArray[np.float32]:
        """+1 or -1 an event."""
        positive = rng.random(shape, dtype="float32") < 0.5
        return np.where(positive, np.float32(1), np.float32(-1))

    def apply(self, x: Any, draws: Any, xp: Any = np) -> Any:
        """Reflects.

        Args:
            x: `(..., features)` raw features.
            draws: `(...)` +1 or -1, one an event.
            xp: `numpy`, or `keras.ops` for tensors.

        Returns:
            `(..., features)`.
        """
        columns = columns_of(self._names(), self.feature_names)
        return reflected(x, columns, draws, xp)

    def _names(self) -> list[str]:
        return [name for v in self.vectors for name in v.reversed_by(self.axis)]
