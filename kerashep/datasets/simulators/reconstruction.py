"""Reconstruction of tt -> l nu qq bb from one lepton, missing pt and four jets."""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.kinematics import Array, dot
from kerashep.datasets.simulators.top_decay import TOP_MASS_GEV, W_MASS_GEV

JETS = 4
PAIRS = tuple(combinations(range(JETS), 2))
# For each pair, the other two jets: one belongs to each top.
OTHERS = np.array([sorted({*range(JETS)} - {*pair}) for pair in PAIRS])
# Resolutions (GeV) of the masses of a right assignment, and the penalty for a b-tagged
# jet in the W.
W_RESOLUTION, HADRONIC_TOP_RESOLUTION, LEPTONIC_TOP_RESOLUTION = 15.0, 20.0, 25.0
TAGGED_W_PENALTY = 2.0


def solve_neutrino(lepton: Array, met_x: Array, met_y: Array) -> tuple[Array, Array]:
    """Neutrino from the W mass constraint, and the mass of lepton and neutrino.

    Of two real solutions for pz the one with smaller |pz| is taken; of complex ones the
    real part, in which case the mass comes out above the W's instead of equal to it.

    Args:
        lepton: `(4, events)` four-momenta (GeV).
        met_x: `(events,)` missing transverse momentum (GeV).
        met_y: Its other component.

    Returns:
        `(4, events)` four-momenta and `(events,)` masses `m_lv` (GeV).
    """
    pt2 = lepton[1] ** 2 + lepton[2] ** 2
    met2 = met_x**2 + met_y**2
    mu = W_MASS_GEV**2 / 2 + lepton[1] * met_x + lepton[2] * met_y
    centre = mu * lepton[3] / pt2
    discriminant = lepton[0] ** 2 * (mu**2 - pt2 * met2)
    root = np.sqrt(np.maximum(discriminant, 0)) / pt2
    pz = centre - np.copysign(root, centre)
    neutrino = np.stack([np.sqrt(met2 + pz**2), met_x, met_y, pz])
    mass = _root(2 * dot(lepton, neutrino))
    return neutrino, np.where(discriminant < 0, mass, np.float32(W_MASS_GEV))


def top_masses(
    leptonic_w: Array, jets: Array, tags: NDArray[np.bool_]
) -> dict[str, NDArray[Any]]:
    """Invariant masses (GeV) of the most probable assignment of jets to quarks.

    Args:
        leptonic_w: `(4, events)` sum of lepton and neutrino (GeV).
        jets: `(4, 4, events)` the four leading jets (GeV).
        tags: `(4, events)` their b-tags.

    Returns:
        `m_jj`, `m_jjj`, `m_jlv`, `m_WWbb`, each `(events,)`.
    """
    w2 = dot(leptonic_w, leptonic_w)
    jet2 = dot(jets, jets)
    pair2 = np.stack(
        [jet2[i] + jet2[j] + 2 * dot(jets[:, i], jets[:, j]) for i, j in PAIRS]
    )
    m_jj = _root(pair2)
    m_jjj = _root(_triple_squares(jet2, pair2))
    lepton_jet2 = w2 + jet2 + 2 * dot(leptonic_w[:, np.newaxis], jets)
    m_jlv = _root(lepton_jet2)
    w_chi2 = ((m_jj - W_MASS_GEV) / W_RESOLUTION) ** 2
    penalty = TAGGED_W_PENALTY * tags.astype(np.float32)
    for row, (i, j) in enumerate(PAIRS):
        w_chi2[row] += penalty[i] + penalty[j]
    top_chi2 = ((m_jjj - TOP_MASS_GEV) / HADRONIC_TOP_RESOLUTION) ** 2
    top_chi2 += ((m_jlv - TOP_MASS_GEV) / LEPTONIC_TOP_RESOLUTION) ** 2
    first, second = top_chi2[OTHERS[:, 0]], top_chi2[OTHERS[:, 1]]
    pair = (w_chi2 + np.minimum(first, second)).argmin(axis=0)
    event = np.arange(len(pair))
    jet = OTHERS[pair, (second < first)[pair, event].astype(np.intp)]
    total = leptonic_w + jets.sum(axis=1)
    return {
        "m_jj": m_jj[pair, event],
        "m_jjj": m_jjj[jet, event],
        "m_jlv": m_jlv[jet, event],
        "m_WWbb": _root(dot(total, total)),
    }


def _triple_squares(jet2: Array, pair2: Array) -> Array:
    """Squared masses of the three jets other than each one: `(4, events)`."""
    triples: Array = jet2 - jet2.sum(axis=0)
    for row, pair in enumerate(PAIRS):
        for other in range(JETS):
            if other not in pair:
                triples[other] += pair2[row]
    return triples


def _root(square: Array) -> Array:
    root: Array = np.sqrt(np.maximum(square, 0))
    return root
