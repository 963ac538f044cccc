"""The detector: cells, layers, material and noise, roughly those of ATLAS.

Layers are, from the inside, a presampler, three electromagnetic ones of lead and liquid
argon and three hadronic ones. Angles are relative to the centre of the window of cells;
depths count from the end of the tracker, along the direction of flight.
"""

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.kinematics import Array

ETA_CELL, PHI_CELL, STRIPS = 0.025, 0.0245, 8  # strips of em1 in one cell
ETA_EDGES = (ETA_CELL * (np.arange(8) - 3.5)).astype(np.float32)
PHI_EDGES = (PHI_CELL * (np.arange(12) - 5.5)).astype(np.float32)
STRIP_EDGES = (ETA_CELL / STRIPS * (np.arange(57) - 28)).astype(np.float32)
EM_LAYERS, LAYERS = 4, 7
FINE = 1  # the layer of strips
COARSE = (0, 2, 3, 4, 5, 6)

NOISE_GEV = np.array([0.08, 0.03, 0.08, 0.06, 0.05, 0.05, 0.04], np.float32)
# Variance of a cell per energy (GeV): square of the stochastic term.
SAMPLING_GEV = np.array([0.02, 0.015, 0.01, 0.01, 0.35, 0.35, 0.35], np.float32)

CALORIMETER_RADIUS_M, ENDCAP_DISTANCE_M = 1.5, 3.6
TRACKER_RADIUS_M, BENDING_GEV = 1.05, 0.3  # 0.3 B / 2 per metre of radius, B = 2 T
MOLIERE_M = 0.045
CRITICAL_GEV, EFFECTIVE_Z = 0.010, 70.0
LARGEST_ETA = 2.47
CRACK = (1.37, 1.52)
_ETA = (0.0, 0.7, 1.3, 1.7, 2.1, 2.5)
_TRACKER = (0.50, 0.70, 1.50, 2.00, 1.50, 1.20)  # radiation lengths
_BEFORE = (1.2, 1.4, 2.2, 2.0, 1.6, 1.5)  # of cryostat and coil
# Thicknesses after it: presampler, a gap, em1 to em3, a gap, had1 to had3; radiation
# lengths, at |eta| = 0.
_STEPS = np.array([0.5, 0.5, 4.3, 15.5, 2.5, 1.0, 15.0, 40.0, 20.0])
_DEEPER = 0.25  # per unit of |eta|
EM_RADIATION, HAD_RADIATION = 18.0, 10.0  # radiation lengths of an interaction length
# Begin and end of each layer among the boundaries.
BEGIN = np.array([0, 2, 3, 4, 6, 7, 8])
END = np.array([1, 3, 4, 5, 7, 8, 9])


def tracker_material(abs_eta: Array) -> Array:
    """Radiation lengths of the tracker."""
    return _interpolated(abs_eta, _TRACKER)


def boundaries(abs_eta: Array) -> Array:
    """Depths `(candidates, 10)` at which layers begin and end (radiation lengths)."""
    steps = np.empty((len(abs_eta), 10), np.float32)
    steps[:, 0] = _interpolated(abs_eta, _BEFORE)
    steps[:, 1:] = np.multiply.outer(1 + _DEEPER * abs_eta, _STEPS)
    return np.cumsum(steps, axis=1)


def interaction_lengths(depth: Array, calorimeter_end: Array) -> Array:
    """Depths in interaction lengths.

    Args:
        depth: `(candidates, ...)` radiation lengths.
        calorimeter_end: `(candidates, 1)` end of the electromagnetic calorimeter.
    """
    inside = np.minimum(depth, calorimeter_end)
    lengths: Array = inside / EM_RADIATION + (depth - inside) / HAD_RADIATION
    return lengths


def radiation_lengths(lengths: Array, calorimeter_end: Array) -> Array:
    """Depths in radiation lengths: the inverse of `interaction_lengths`."""
    inside = np.minimum(lengths, calorimeter_end / EM_RADIATION)
    depth: Array = inside * EM_RADIATION + (lengths - inside) * HAD_RADIATION
    return depth


def transverse_distance(abs_eta: Array) -> Array:
    """Distance from the beam at which showers are seen (m): barrel or end-cap."""
    far = ENDCAP_DISTANCE_M / np.sinh(np.maximum(abs_eta, 0.1))
    return np.minimum(far, CALORIMETER_RADIUS_M).astype(np.float32)


def in_crack(abs_eta: Array) -> NDArray[np.bool_]:
    """Whether a candidate is between barrel and end-cap, where none are used."""
    return (abs_eta > CRACK[0]) & (abs_eta < CRACK[1])


def _interpolated(abs_eta: Array, values: tuple[float, ...]) -> Array:
    return np.interp(abs_eta, _ETA, values).astype(np.float32)
