"""Measured share of a fast tau's momentum that its visible decay products keep.

Unpolarised taus, decay products along the tau. A lepton's share has the density
`5/3 - 3 x^2 + 4/3 x^3`. A hadronic system of mass m is isotropic in the tau's rest
frame, so its share is uniform between `(m / m_tau)^2` and 1; pion, rho and a1 stand for
all of them.
"""

import numpy as np

from kerashep.datasets.simulators.detector import LEPTON_RESOLUTION
from kerashep.datasets.simulators.kinematics import Array

TAU_RESOLUTION = 0.10
# Fraction of the decays to one tau neutrino and hadrons, and (m / m_tau)^2.
HADRONS = ((0.20, 0.0), (0.50, 0.19), (0.30, 0.48))
_ROWS = 4096


def tau_to_lepton(rng: np.random.Generator, events: int) -> Array:
    """Shares of charged leptons, with their resolution of 2 %."""
    return _drawn(rng, _LEPTON_SHARES, events, LEPTON_RESOLUTION)


def tau_to_hadrons(rng: np.random.Generator, events: int) -> Array:
    """Shares of hadronic taus, with their resolution of 10 %."""
    return _drawn(rng, _HADRON_SHARES, events, TAU_RESOLUTION)


def _drawn(
    rng: np.random.Generator, quantiles: Array, events: int, resolution: float
) -> Array:
    place = rng.random(events, np.float32) * np.float32(_ROWS)
    share = quantiles[place.astype(np.int32)]
    noise = rng.standard_normal(events, np.float32)
    measured: Array = share * (1 + np.float32(resolution) * noise)
    return measured


def _quantiles(cumulative: Array, share: Array) -> Array:
    """Shares in the middle of `_ROWS + 1` (the last for rounding) equal steps."""
    steps = np.minimum((np.arange(_ROWS + 1) + 0.5) / _ROWS, 1)
    return np.interp(steps, cumulative, share).astype(np.float32)


_SHARE = np.linspace(0, 1, 10_001)
_LEPTON_SHARES = _quantiles((5 * _SHARE - 3 * _SHARE**3 + _SHARE**4) / 3, _SHARE)
_HADRON_SHARES = _quantiles(
    np.sum(
        [part * np.clip((_SHARE - low) / (1 - low), 0, 1) for part, low in HADRONS],
        axis=0,
    ),
    _SHARE,
)
