"""A fast parametric detector: energy response, jet merging, acceptance, b-tags.

Numbers are those of a generic general-purpose LHC experiment (resolutions of some 10 %
for jets, 2 % for leptons; see for example ATLAS, arXiv:2007.02645).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.kinematics import (
    Array,
    closer_than,
    transverse_momentum,
)

Mask = NDArray[np.bool_]

MINIMUM_PT_GEV = 20.0
MAXIMUM_ETA = 2.5
MAXIMUM_SLOPE = float(np.sinh(MAXIMUM_ETA))  # |pz| / pt there
JET_RADIUS = 0.4
LEPTON_RESOLUTION = 0.02
JET_STOCHASTIC_TERM = 0.8  # sqrt(GeV)
JET_CONSTANT_TERM = 0.05
JET_SCALE = 0.93  # energy loss of the most probable jet
JET_LOW_SIDE = 1.5  # resolution below the peak over that above it
MET_STOCHASTIC_TERM = 0.4  # sqrt(GeV), of the scalar sum of pt, each transverse axis
LIGHT, CHARM, BOTTOM = range(3)  # jet flavours
TAG_RATES = (0.01, 0.12, 0.60)


def in_acceptance(vector: Array, minimum_pt: float = MINIMUM_PT_GEV) -> Mask:
    """Whether objects have pt > 20 GeV (or `minimum_pt`) and |eta| < 2.5."""
    pt = transverse_momentum(vector)
    accepted: Mask = np.abs(vector[3]) < MAXIMUM_SLOPE * pt
    accepted &= pt > minimum_pt
    return accepted


def smear_leptons(rng: np.random.Generator, leptons: Array) -> Array:
    """Leptons with their momentum scaled by a Gaussian response."""
    noise = rng.standard_normal(leptons.shape[1:], np.float32)
    smeared: Array = leptons * (1 + LEPTON_RESOLUTION * noise)
    return smeared


def smear_jets(rng: np.random.Generator, jets: Array) -> None:
    """Scales the momenta of jets by a two-sided Gaussian response, in place.

    The relative resolution is `0.8 / sqrt(pt)` and `0.05` in quadrature; below the peak
    it is wider, for radiation out of the cone. Jets that cannot end up in the
    acceptance (pt < 10 GeV or |eta| > 2.5) are left alone.
    """
    seen = np.flatnonzero(in_acceptance(jets, MINIMUM_PT_GEV / 2))
    pt = transverse_momentum(jets).ravel()[seen]
    width = np.sqrt(JET_STOCHASTIC_TERM**2 / pt + JET_CONSTANT_TERM**2)
    noise = rng.standard_normal(len(pt), np.float32)
    scale = JET_SCALE + width * np.minimum(noise, JET_LOW_SIDE * noise)
    response = np.ones(jets[0].size, np.float32)
    response[seen] = np.maximum(scale, 0.05)
    jets *= response.reshape(jets.shape[1:])


def missing_momentum(rng: np.random.Generator, neutrino: Array, sum_pt: Array) -> Array:
    """Measured missing transverse momentum `(2, events)` (GeV).

    Args:
        rng: Source of the noise.
        neutrino: `(4, events)` four-momentum of the neutrino (GeV).
        sum_pt: `(events,)` scalar sum of the visible transverse momenta (GeV), whose
            square root the resolution is proportional to.
    """
    noise = rng.standard_normal((2, len(sum_pt)), np.float32)
    met: Array = neutrino[1:3] + MET_STOCHASTIC_TERM * np.sqrt(sum_pt) * noise
    return met


def merge_jets(jets: Array, count: int) -> None:
    """Adds each of the first `count` jets to an earlier one closer than 0.4, in place.

    A merged jet leaves a vanishing vector behind.

    Args:
        jets: `(4, jets, events)` four-momenta (GeV), massless.
        count: How many of the jets are tried against each other.
    """
    for first in range(count - 1):
        for second in range(first + 1, count):
            close = np.flatnonzero(
                closer_than(JET_RADIUS, jets[:, first], jets[:, second])
            )
            jets[:, first, close] += jets[:, second, close]
            jets[:, second, close] = 0


def isolated(leptons: Array, jets: Array, accepted: Mask) -> Mask:
    """Whether no accepted jet comes closer than 0.4 to the lepton.

    Args:
        leptons: `(4, events)` four-momenta (GeV).
        jets: `(4, jets, events)` four-momenta (GeV).
        accepted: `(jets, events)` which of them count as jets.
    """
    close = closer_than(JET_RADIUS, leptons[:, np.newaxis], jets)
    free: Mask = np.logical_not((close & accepted).any(axis=0))
    return free


def tag_jets(rng: np.random.Generator, flavour: NDArray[Any]) -> Mask:
    """Draws b-tags by the flavours `LIGHT`, `CHARM`, `BOTTOM`."""
    rate = np.array(TAG_RATES, np.float32)[flavour]
    tags: Mask = np.less(rng.random(flavour.shape, np.float32), rate)
    return tags
