"""Four-vectors as (E, px, py, pz) and as (pt, eta, phi, mass)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.floating[Any]]
_LEAST_PT_GEV = 1e-9


def to_cartesian(polar: Vectors) -> Vectors:
    """(E, px, py, pz) of (pt, eta, phi, mass).

    `px = pt cos(phi)`, `py = pt sin(phi)`, `pz = pt sinh(eta)` and
    `E = sqrt(px^2 + py^2 + pz^2 + m^2)`. A vanishing vector stays one.

    Args:
        polar: `(..., 4)`: transverse momentum (GeV), pseudorapidity, azimuth (rad) and
            mass (GeV).

    Returns:
        `(..., 4)` in GeV, computed in float64 and of the dtype of `polar`.
    """
    pt, eta, phi, mass = np.moveaxis(np.asarray(polar, "float64"), -1, 0)
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    energy = np.sqrt((pt * np.cosh(eta)) ** 2 + mass**2)
    return np.stack([energy, px, py, pz], -1).astype(_dtype(polar))


def to_polar(cartesian: Vectors) -> Vectors:
    """(pt, eta, phi, mass) of (E, px, py, pz).

    The mass is `sqrt((E - p) (E + p))`, 0 where rounding makes the square negative. A
    vanishing vector has eta = phi = 0. Along the beam eta is that of pt = 1e-9 GeV:
    large, not infinite.

    Args:
        cartesian: `(..., 4)` in GeV.

    Returns:
        `(..., 4)`: GeV, 1, rad in [-pi, pi], GeV; computed in float64 and of the dtype
        of `cartesian`.
    """
    energy, px, py, pz = np.moveaxis(np.asarray(cartesian, "float64"), -1, 0)
    pt = np.hypot(px, py)
    momentum = np.hypot(pt, pz)
    eta = np.arcsinh(pz / np.maximum(pt, _LEAST_PT_GEV))
    mass = np.sqrt(np.maximum((energy - momentum) * (energy + momentum), 0))
    polar = np.stack([pt, eta, np.arctan2(py, px), mass], -1)
    return polar.astype(_dtype(cartesian))


def _dtype(vectors: Vectors) -> Any:
    """That of the vectors, float64 for integers."""
    return np.result_type(np.asarray(vectors).dtype, np.float16)
