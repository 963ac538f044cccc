"""Particles and tracks of many candidates, as rows in any order."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.kinematics import Array

ELECTRON, PHOTON, HADRON = 0, 1, 2


class Rows:
    """Base of dataclasses whose fields are columns of one length."""

    def take(self, index: NDArray[Any]) -> Self:
        """Some rows, by number or mask."""
        return type(self)(*(column[index] for column in self._columns()))

    @classmethod
    def join(cls, parts: list[Self]) -> Self:
        """All rows of `parts`."""
        columns = zip(*(part._columns() for part in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))

    def _columns(self) -> list[NDArray[Any]]:
        names = [field.name for field in fields(self)]  # type: ignore[arg-type]
        return [getattr(self, name) for name in names]


@dataclass(frozen=True, eq=False)
class Particles(Rows):
    """What reaches the calorimeter.

    Args:
        candidate: `(n,)` number of the candidate.
        kind: `(n,)` `ELECTRON`, `PHOTON` or `HADRON`.
        pt: `(n,)` transverse momentum (GeV).
        eta: `(n,)` pseudorapidity, relative to that of the candidate.
        phi: `(n,)` azimuth at the calorimeter.
    """

    candidate: NDArray[np.intp]
    kind: NDArray[np.int8]
    pt: Array
    eta: Array
    phi: Array


@dataclass(frozen=True, eq=False)
class Tracks(Rows):
    """Charged particles in the tracker.

    Args:
        candidate: `(n,)` number of the candidate.
        pt: `(n,)` transverse momentum that the fit finds at the origin (GeV).
        last_pt: `(n,)` the same at the outer end.
        charge: `(n,)` 1 or -1.
        eta: `(n,)` pseudorapidity, relative to that of the candidate.
        phi: `(n,)` azimuth of the fit at the calorimeter.
        d0: `(n,)` impact parameter (mm).
        radius: `(n,)` where the particle comes into being (m).
        electron: `(n,)` whether it is one.
    """

    candidate: NDArray[np.intp]
    pt: Array
    last_pt: Array
    charge: Array
    eta: Array
    phi: Array
    d0: Array
    radius: Array
    electron: NDArray[np.bool_]


def blank_tracks(count: int) -> Tracks:
    """One track of 1 GeV for each of `count` candidates, to be used where none is.

    Args:
        count: How many, or 0.
    """
    one, zero = np.ones(count, np.float32), np.zeros(count, np.float32)
    return Tracks(
        candidate=np.arange(count),
        pt=one,
        last_pt=one,
        charge=one,
        eta=zero,
        phi=zero,
        d0=zero,
        radius=zero,
        electron=np.zeros(count, np.bool_),
    )
