"""Detector and selection of events with one muon and two or three jets.

One isolated muon (pt > 26 GeV, |eta| < 2.1), two or three jets (pt > 30 GeV, |eta| <
4.7), at least one of them b-tagged (|eta| < 2.4): as in the searches of CMS with single
tops (arXiv:1610.03545), with the parametric detector of this package.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.detector import (
    Mask,
    in_acceptance,
    isolated,
    merge_jets,
    smear_leptons,
)
from kerashep.datasets.simulators.higgs_observation import smeared_jets
from kerashep.datasets.simulators.kinematics import Array, transverse_momentum
from kerashep.datasets.simulators.production import JETS
from kerashep.datasets.simulators.single_top_processes import (
    MUON_ETA,
    MUON_PT_GEV,
    LeptonEvents,
)

JET_PT_GEV, JET_ETA, TAG_ETA = 30.0, 4.7, 2.4
SEEN_JET_PT_GEV = 15.0  # jets that are calibrated as such in the missing momentum
SOFT_RESPONSE = 0.6  # what the missing momentum has of all that is softer
MET_NOISE_GEV = 8.0  # each transverse component: pile-up and the underlying event
FEWEST_JETS, MOST_JETS = 2, 3


@dataclass(frozen=True)
class Observed:
    """Selected events.

    Attributes:
        lepton: `(4, events)` four-momenta (GeV).
        charge: `(events,)` its sign.
        met: `(2, events)` missing transverse momentum (GeV).
        jets: `(4, 3, events)` four-momenta (GeV) by falling pt; an absent third
            vanishes.
        tags: `(3, events)` whether they are b-tagged.
        number: `(events,)` how many there are.
    """

    lepton: Array
    charge: Array
    met: Array
    jets: Array
    tags: Mask
    number: NDArray[np.int64]


def observe(rng: np.random.Generator, events: LeptonEvents) -> Observed:
    """Measures and selects.

    Args:
        rng: Source of the detector's noise.
        events: Of any number; their jets are merged in place.
    """
    merge_jets(events.jets, JETS)
    lepton = smear_leptons(rng, events.lepton)
    jets = smeared_jets(rng, events.jets)
    pt = transverse_momentum(jets)
    seen = _inside(jets, pt, JET_ETA) & (pt > SEEN_JET_PT_GEV)
    counted = seen & (pt > JET_PT_GEV)
    tagged = events.tags & counted & _inside(jets, pt, TAG_ETA)
    number = counted.sum(axis=0)
    chosen = in_acceptance(lepton, MUON_PT_GEV)
    chosen &= _inside(lepton, transverse_momentum(lepton), MUON_ETA)
    chosen &= (number >= FEWEST_JETS) & (number <= MOST_JETS) & tagged.any(axis=0)
    chosen &= isolated(lepton, jets, counted)
    rows = np.flatnonzero(chosen)
    met = _missing(rng, events, lepton, jets, seen, rows)
    ranked = np.argsort(-(pt * counted)[:, rows], axis=0)[:MOST_JETS]
    present = np.take_along_axis(counted[:, rows], ranked, axis=0)
    leading = np.take_along_axis(jets[:, :, rows], ranked[np.newaxis], axis=1)
    return Observed(
        lepton=lepton[:, rows],
        charge=events.charge[rows],
        met=met,
        jets=leading * present,
        tags=np.take_along_axis(tagged[:, rows], ranked, axis=0),
        number=number[rows],
    )


def _inside(vectors: Array, pt: Array, eta: float) -> Mask:
    inside: Mask = np.abs(vectors[3]) < np.float32(np.sinh(eta)) * pt
    return inside


def _missing(
    rng: np.random.Generator,
    events: LeptonEvents,
    lepton: Array,
    jets: Array,
    seen: Mask,
    rows: NDArray[np.intp],
) -> Array:
    """Missing transverse momentum `(2, rows)` (GeV).

    Momentum is conserved: what is neither lepton, seen jet nor invisible is soft.
    """
    visible = seen[:, rows]
    true_jets = (events.jets[1:3, :, rows] * visible).sum(axis=1)
    hard = events.lepton[1:3, rows] + events.invisible[1:3, rows] + true_jets
    measured = lepton[1:3, rows] + (jets[1:3, :, rows] * visible).sum(axis=1)
    noise = np.float32(MET_NOISE_GEV) * rng.standard_normal((2, len(rows)), np.float32)
    met: Array = noise - measured + np.float32(SOFT_RESPONSE) * hard
    return met
