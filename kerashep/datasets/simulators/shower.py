"""Angular-ordered branching of partons, for many jets at once.

A parton of transverse momentum pt emits gluons with the density

    2 C alpha_s(kt) / pi  d(ln theta) d(ln kt),  kt = z pt theta > 0.28 GeV,

at ever smaller angles theta in the plane of rapidity and azimuth; C is 4/3 for quarks
and 3 for gluons, alpha_s runs with one loop, and the splitting functions' factors for
hard z are applied by rejection (Ellis, Stirling, Webber: QCD and Collider Physics,
chapter 5). Both products go on below the angle of their branching. There are no quarks
from gluons, no spin correlations and no hadrons: partons at the low cutoff stand in for
them, somewhat fewer than there would be.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.kinematics import Array, uniform

QUARK, GLUON = np.float32(4 / 3), np.float32(3)  # colour factors
CUTOFF_GEV = 0.28
LAMBDA_GEV = 0.2
_BETA = (33 - 2 * 5) / (12 * np.pi)  # one loop, five flavours
_LOW = np.float32(2 * np.log(CUTOFF_GEV / LAMBDA_GEV))


@dataclass(frozen=True, eq=False)
class Particles:
    """Massless particles of many jets, in any order.

    Args:
        jet: `(n,)` number of the jet that each belongs to.
        pt: `(n,)` transverse momentum (GeV).
        eta: `(n,)` pseudorapidity.
        phi: `(n,)` azimuth (rad), of any period.
    """

    jet: NDArray[np.int32]
    pt: Array
    eta: Array
    phi: Array

    def take(self, index: NDArray[Any]) -> "Particles":
        """Some of them, by number or mask."""
        parts = (self.jet, self.pt, self.eta, self.phi)
        return Particles(*(part[index] for part in parts))

    @staticmethod
    def concatenate(parts: "list[Particles]") -> "Particles":
        """All particles of `parts`."""
        names = ("jet", "pt", "eta", "phi")
        return Particles(
            *(np.concatenate([getattr(p, n) for p in parts]) for n in names)
        )


def shower(
    rng: np.random.Generator, partons: Particles, colour: Array, angle: Array
) -> Particles:
    """Final particles of the branching of `partons`.

    Args:
        rng: Source of all randomness.
        partons: Where the branching starts.
        colour: `(n,)` colour factors, `QUARK` or `GLUON`.
        angle: `(n,)` largest angle of an emission.
    """
    # Rows: pt, eta, phi, colour, angle.
    rows = np.stack([partons.pt, partons.eta, partons.phi, colour, angle])
    rows, jet = rows.astype(np.float32), partons.jet
    done = []
    while len(jet):
        # 2 ln(kt / Lambda) of the hardest possible emission.
        high = 2 * np.log(np.maximum(rows[0] * rows[4], CUTOFF_GEV) / LAMBDA_GEV)
        active = high > _LOW * 1.001
        if not active.all():
            left = ~active
            done.append(Particles(jet[left], *rows[:3, left]))
            rows, jet, high = rows[:, active], jet[active], high[active]
        rows, jet = _emit(rng, rows, jet, high)
    return Particles.concatenate(done)


def _emit(
    rng: np.random.Generator, rows: Array, jet: NDArray[np.int32], high: Array
) -> tuple[Array, NDArray[np.int32]]:
    """One trial emission of each parton; emitted gluons are appended."""
    span = np.log(high / _LOW)
    rate = rows[3] * span * np.float32(1 / (np.pi * _BETA))
    rows[4] *= np.exp(-rng.standard_exponential(len(jet), np.float32) / rate)
    kt = LAMBDA_GEV * np.exp(_LOW / 2 * np.exp(span * rng.random(len(jet), np.float32)))
    z = kt / np.maximum(rows[0] * rows[4], CUTOFF_GEV / 4)
    # Splitting functions relative to 1/z: quark (1 + (1-z)^2) / 2, gluon symmetrised.
    weight = np.where(rows[3] == QUARK, (1 + (1 - z) ** 2) / 2, (1 - z * (1 - z)) ** 2)
    emits = np.flatnonzero((z < 1) & (rng.random(len(jet), np.float32) < weight))
    z, parent = z[emits], rows[:, emits]
    turn = uniform(rng, -np.pi, np.pi, len(emits))
    step = np.stack([parent[4] * np.cos(turn), parent[4] * np.sin(turn)])
    gluon = parent.copy()
    gluon[0] *= z
    gluon[1:3] += (1 - z) * step
    gluon[3] = GLUON
    rows[0, emits] *= 1 - z
    rows[1:3, emits] -= z * step
    return np.concatenate([rows, gluon], axis=1), np.concatenate([jet, jet[emits]])
