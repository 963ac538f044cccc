"""Random symmetry transforms of raw Cartesian vectors: rotations and reflections."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

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

    `px' = px cos(a) - py sin(a)`, `py' = px sin(a) + py cos(a)`, `a` uniform in
    [-pi, pi). Invariants (masses, transverse momenta, angles between vectors) need
    no change. Acts on physical units, before any scaling: standardised components
    have different scales, and rotating them is no rotation.

    Args:
        vectors: The vectors; all other features stay as they are.
        feature_names: Names of the columns of `x`; set by `for_features`.
    """

    vectors: tuple[Vector, ...]
    feature_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "vectors", _checked(self.vectors))

    def for_features(self, names: Sequence[str]) -> "PhiRotation":
        """The same rotation for the columns `names`."""
        bound = replace(self, feature_names=tuple(names))
        for vector in self.vectors:
            bound._positions([vector.px, vector.py])
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
        first = self._positions([vector.px for vector in self.vectors])
        second = self._positions([vector.py for vector in self.vectors])
        if xp is np:
            return _rotated(x, first, second, draws)
        partner = np.arange(len(self.feature_names))
        partner[first], partner[second] = second, first
        mask, sign = np.zeros((2, len(partner)), "float32")
        mask[first], mask[second] = 1, 1
        sign[first], sign[second] = -1, 1
        angle = xp.expand_dims(draws, -1)
        own = xp.add(xp.multiply(xp.cos(angle), mask), 1 - mask)
        other = xp.multiply(xp.sin(angle), sign)
        partners = xp.take(x, partner, axis=-1)
        return xp.add(xp.multiply(x, own), xp.multiply(partners, other))

    def _positions(self, names: list[str]) -> NDArray[np.intp]:
        return np.array([_position(self.feature_names, name) for name in names])


@dataclass(frozen=True)
class Reflection:
    """Reverses one component of all vectors of an event with probability 1/2.

    Args:
        axis: `y` (with a rotation, reflection in any plane through the beam) or `z`
            (exchange of the beams). Vectors without `pz` do not change with `z`.
        vectors: The vectors; all other features stay as they are.
        feature_names: Names of the columns of `x`; set by `for_features`.
    """

    axis: str
    vectors: tuple[Vector, ...]
    feature_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "vectors", _checked(self.vectors))
        if self.axis not in ("y", "z"):
            raise ValueError(
                f"`axis` must be 'y' or 'z'. Received: axis='{self.axis}'."
            )
        if not self._names():
            raise ValueError("Reflection along z needs a vector with `pz`.")

    def for_features(self, names: Sequence[str]) -> "Reflection":
        """The same reflection for the columns `names`."""
        bound = replace(self, feature_names=tuple(names))
        bound._mask()
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
        mask = self._mask()
        factor = xp.multiply(xp.expand_dims(draws, -1), mask)
        return xp.multiply(x, xp.add(factor, 1 - mask))

    def _mask(self) -> NDArray[np.float32]:
        mask = np.zeros(len(self.feature_names), "float32")
        for name in self._names():
            mask[_position(self.feature_names, name)] = 1
        return mask

    def _names(self) -> list[str]:
        if self.axis == "y":
            return [vector.py for vector in self.vectors]
        return [vector.pz for vector in self.vectors if vector.pz is not None]


def _checked(vectors: Sequence[Vector]) -> tuple[Vector, ...]:
    names = [n for v in vectors for n in (v.px, v.py, v.pz) if n is not None]
    if not names:
        raise ValueError("`vectors` must hold at least one Vector. Received: none.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"A feature is one component only. Received twice: {twice}.")
    return tuple(vectors)


def _position(names: tuple[str, ...], name: str) -> int:
    if not names:
        raise ValueError("Call `for_features(feature_names)` before `apply`.")
    if name not in names:
        raise ValueError(f"No feature '{name}'." + did_you_mean(name, names))
    return names.index(name)


def _rotated(
    x: NDArray[Any],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    angle: NDArray[np.float32],
) -> NDArray[Any]:
    """Rotation of only the columns concerned, three times as fast in NumPy."""
    result = x.copy()
    columns = np.moveaxis(result, -1, 0)
    px, py = columns[first], columns[second]
    cosine, sine = np.cos(angle), np.sin(angle)
    columns[first] = px * cosine - py * sine
    columns[second] = px * sine + py * cosine
    return result
