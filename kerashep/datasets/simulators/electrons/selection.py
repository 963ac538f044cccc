"""The preselection: loose cuts that reconstruction makes, in two steps.

The cluster's transverse momentum is 15 to 150 GeV, `f1` at least 0.05, `r_eta` at least
0.8, `r_had` at most 0.07 and `delta_eta1` within 0.012; the track has at least 30 % of
the cluster's transverse momentum, and 1 GeV. The first step, on the true energies of
layers, spares most of the others the simulation of cells.
"""

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.electron_schema import SCALARS
from kerashep.datasets.simulators.electrons.deposits import Deposits
from kerashep.datasets.simulators.electrons.geometry import (
    EM_LAYERS,
    ETA_EDGES,
    FINE,
    PHI_EDGES,
)
from kerashep.datasets.simulators.electrons.tracker import Matched
from kerashep.datasets.simulators.kinematics import Array

PT_GEV = (15.0, 150.0)
LEAST_TRACK_GEV, LEAST_TRACK_SHARE = 1.0, 0.3
LEAST_F1, LEAST_R_ETA = 0.05, 0.8
LARGEST_R_HAD, LARGEST_DELTA_ETA = 0.07, 0.012
_LOOSER = 1.2  # the first step
_EM2 = 2


def promising(deposits: Deposits, track: Matched, abs_eta: Array) -> NDArray[np.bool_]:
    """Whether the energies of layers could pass the preselection, `(candidates,)`.

    Args:
        deposits: Without those of other collisions.
        track: Of each candidate.
        abs_eta: `(candidates,)` pseudorapidities.
    """
    inside = (np.abs(deposits.eta[:, _EM2]) < ETA_EDGES[-1]) & (
        np.abs(deposits.phi[:, _EM2]) < PHI_EDGES[-1]
    )
    energy = deposits.energy * inside[:, np.newaxis]
    em, behind, em1, moment = (
        np.bincount(deposits.candidate, part, len(abs_eta))
        for part in (
            energy[:, :EM_LAYERS].sum(axis=1),
            energy[:, EM_LAYERS],
            energy[:, FINE],
            energy[:, FINE] * deposits.eta[:, FINE],
        )
    )
    pt = em / np.cosh(abs_eta)
    apart = np.abs(moment - em1 * track.eta)
    found: NDArray[np.bool_] = (
        (pt > PT_GEV[0] / _LOOSER)
        & (pt < PT_GEV[1] * _LOOSER)
        & (track.pt > LEAST_TRACK_SHARE / _LOOSER * pt)
        & (em1 > LEAST_F1 / _LOOSER * em)
        & (behind < _LOOSER * LARGEST_R_HAD * em)
        & (apart < _LOOSER * LARGEST_DELTA_ETA * em1)
    )
    return found


def selected(pt: Array, track_pt: Array, scalars: Array) -> NDArray[np.bool_]:
    """Whether candidates pass the preselection, `(candidates,)`.

    Args:
        pt: `(candidates,)` of the cluster (GeV).
        track_pt: `(candidates,)` GeV.
        scalars: `(candidates, 15)`.
    """
    named = dict(zip(SCALARS, scalars.T, strict=True))
    passed: NDArray[np.bool_] = (
        (pt > PT_GEV[0])
        & (pt < PT_GEV[1])
        & (track_pt > np.maximum(LEAST_TRACK_SHARE * pt, LEAST_TRACK_GEV))
        & (named["f1"] > LEAST_F1)
        & (named["r_eta"] > LEAST_R_ETA)
        & (named["r_had"] < LARGEST_R_HAD)
        & (np.abs(named["delta_eta1"]) < LARGEST_DELTA_ETA)
    )
    return passed
