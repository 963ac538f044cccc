"""From hard events to the primary features of the HiggsML challenge."""

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.detector import (
    JET_CONSTANT_TERM,
    JET_RADIUS,
    JET_STOCHASTIC_TERM,
    Mask,
)
from kerashep.datasets.simulators.higgs_hard_process import HardEvents
from kerashep.datasets.simulators.kinematics import (
    Array,
    azimuth,
    closer_than,
    pseudorapidity,
    transverse_momentum,
)
from kerashep.datasets.simulators.production import JETS

JET_PT_GEV, MAXIMUM_JET_ETA = 30.0, 4.5
SEEN_JET_PT_GEV = 20.0  # jets that are calibrated as such in the missing momentum
SOFT_RESPONSE = 0.12  # what the missing momentum has of all that is softer
MET_NOISE_GEV = 1.5  # each transverse component
UNDERLYING_EVENT_GEV = 18.0  # sum of transverse energies: gamma law of shape 2
MOST_JETS = 3  # larger numbers are written as this one


def observe(rng: np.random.Generator, events: HardEvents) -> dict[str, Array]:
    """Jets, missing momentum and the 17 features `PRI_...`.

    Args:
        rng: Source of the detector's noise.
        events: `n` events in the acceptance for lepton and tau.

    Returns:
        Name -> `(m,)` float32 with m <= n: events in which lepton and tau are not
        closer than 0.4 to each other. GeV and radians; jets that are absent are NaN.
    """
    apart = np.flatnonzero(~closer_than(JET_RADIUS, events.lepton, events.tau))
    lepton, tau = events.lepton[:, apart], events.tau[:, apart]
    true_jets, soft = events.jets[:, :, apart], events.soft[:, apart]
    jets = smeared_jets(rng, true_jets)
    pt = transverse_momentum(jets)
    central = np.abs(jets[3]) < np.float32(np.sinh(MAXIMUM_JET_ETA)) * pt
    for part in (lepton, tau):
        central &= ~closer_than(JET_RADIUS, part[:, np.newaxis], jets)
    seen = central & (pt > SEEN_JET_PT_GEV)
    visible = lepton[1:3] + tau[1:3] + (jets[1:3] * seen).sum(axis=1)
    softer = soft + (true_jets[1:3] * ~seen).sum(axis=1)
    noise = MET_NOISE_GEV * rng.standard_normal(soft.shape, np.float32)
    met = noise - visible - np.float32(SOFT_RESPONSE) * softer
    underlying = rng.standard_gamma(2.0, len(apart), np.float32)
    underlying *= np.float32(UNDERLYING_EVENT_GEV)
    seen_pt = (pt * seen).sum(axis=0)
    sum_pt = transverse_momentum(lepton) + transverse_momentum(tau)
    return {
        **_momentum("PRI_tau", tau),
        **_momentum("PRI_lep", lepton),
        "PRI_met": np.hypot(*met),
        "PRI_met_phi": np.arctan2(met[1], met[0]),
        "PRI_met_sumet": sum_pt + seen_pt + underlying,
        **_jet_features(jets, pt, central & (pt > JET_PT_GEV)),
    }


def smeared_jets(rng: np.random.Generator, jets: Array) -> Array:
    """Jets scaled by a Gaussian response; soft ones are not, none are lost."""
    flat = jets.reshape(4, -1)
    hard = np.flatnonzero(flat[1] ** 2 + flat[2] ** 2 > 100)
    vectors = flat[:, hard]
    stochastic = JET_STOCHASTIC_TERM**2 / transverse_momentum(vectors)
    width = np.sqrt(stochastic + np.float32(JET_CONSTANT_TERM**2))
    response = 1 + width * rng.standard_normal(len(hard), np.float32)
    smeared = flat.copy()
    smeared[:, hard] = vectors * np.maximum(response, np.float32(0.1))
    return smeared.reshape(jets.shape)


def _jet_features(jets: Array, pt: Array, counted: Mask) -> dict[str, Array]:
    pt = pt * counted
    number = counted.sum(axis=0, dtype=np.int8)
    features = {"PRI_jet_num": np.minimum(number, MOST_JETS).astype(np.float32)}
    order = _leading_two(pt)
    event = np.arange(len(number))
    for place, name in enumerate(("PRI_jet_leading", "PRI_jet_subleading")):
        missing = number <= place
        vector = jets[:, order[place], event]
        vector[1, missing] = 1  # any direction: it is not used
        for feature, values in _momentum(name, vector).items():
            features[feature] = np.where(missing, np.float32(np.nan), values)
    features["PRI_jet_all_pt"] = pt.sum(axis=0)
    return features


def _leading_two(pt: Array) -> NDArray[np.intp]:
    """Places `(2, events)` of the largest and second largest of `(JETS, events)`."""
    best, second = np.zeros((2, pt.shape[1]), np.intp)
    highest, next_highest = np.full((2, pt.shape[1]), -1, np.float32)
    for place in range(JETS):
        first = pt[place] > highest
        higher = first | (pt[place] > next_highest)
        second = np.where(first, best, np.where(higher, place, second))
        next_highest = np.where(
            first, highest, np.where(higher, pt[place], next_highest)
        )
        best = np.where(first, place, best)
        highest = np.where(first, pt[place], highest)
    return np.stack([best, second])


def _momentum(name: str, vector: Array) -> dict[str, Array]:
    return {
        f"{name}_pt": transverse_momentum(vector),
        f"{name}_eta": pseudorapidity(vector),
        f"{name}_phi": azimuth(vector),
    }
