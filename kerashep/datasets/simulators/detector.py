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

MINIMUM_PT_GEV = 20.0
MAXIMUM_ETA = 2.5
JET_RADIUS = 0.4
LEPTON_RESOLUTION = 0.02
JET_STOCHASTIC_TERM = 0.8  # sqrt(GeV)
JET_CONSTANT_TERM = 0.05
JET_SCALE = 0.93  # energy loss of the most probable jet
JET_LOW_SIDE = 1.5  # resolution below the peak over that above it
MET_STOCHASTIC_TERM = 0.4  # sqrt(GeV), of the scalar sum of pt, each transverse axis
LIGHT, CHARM, BOTTOM = range(3)  # jet flavours
TAG_RATES = (0.01, 0.12, 0.60)


def in_acceptance(vector: Array) -> NDArray[np.bool_]:
    """Whether objects have pt > 20 GeV and |eta| < 2.5."""
    pt = transverse_momentum(vector)
    central = np.abs(vector[3]) < np.sinh(MAXIMUM_ETA).astype(pt.dtype) * pt
    accepted: NDArray[np.bool_] = (pt > MINIMUM_PT_GEV) & central
    return accepted


def smear_leptons(rng: np.random.Generator, leptons: Array) -> Array:
    """Leptons with their momentum scaled by a Gaussian response."""
    noise = rng.standard_normal(leptons.shape[1:], np.float32)
    smeared: Array = leptons * (1 + LEPTON_RESOLUTION * noise)
    return smeared


def smear_jets(rng: np.random.Generator, jets: Array) -> None:
    """Scales the momenta of jets by a two-sided Gaussian response, in place.

    The relative resolution is `0.8 / sqrt(pt)` and `0.05` in quadrature; below the peak
    it is wider, for radiation out of the cone.
    """
    pt = transverse_momentum(jets)
    present = np.flatnonzero(pt)
    pt = pt.ravel()[present]
    width = np.sqrt(JET_STOCHASTIC_TERM**2 / np.maximum(pt, 1) + JET_CONSTANT_TERM**2)
    noise = rng.standard_normal(len(pt), np.float32)
    scale = JET_SCALE + width * np.minimum(noise, JET_LOW_SIDE * noise)
    response = np.ones(jets[0].size, np.float32)
    response[present] = np.maximum(scale, 0.05)
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


def isolated(
    leptons: Array, jets: Array, accepted: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether no accepted jet comes closer than 0.4 to the lepton.

    Args:
        leptons: `(4, events)` four-momenta (GeV).
        jets: `(4, jets, events)` four-momenta (GeV).
        accepted: `(jets, events)` which of them count as jets.
    """
    close = closer_than(JET_RADIUS, leptons[:, np.newaxis], jets)
    free: NDArray[np.bool_] = ~(close & accepted).any(axis=0)
    return free


def tag_jets(rng: np.random.Generator, flavour: NDArray[Any]) -> NDArray[np.bool_]:
    """Draws b-tags by the flavours `LIGHT`, `CHARM`, `BOTTOM`."""
    rate = np.array(TAG_RATES, np.float32)[flavour]
    return np.less(rng.random(flavour.shape, np.float32), rate)
