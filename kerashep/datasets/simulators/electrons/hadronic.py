"""Showers of hadrons: ionisation, then a fluctuating part of it electromagnetic.

A hadron ionises until it interacts, after an exponential number of interaction lengths.
A part of its energy with mean 0.11 ln E (Wigmans, Calorimetry, 2nd edition, section
2.3) then goes to neutral pions and makes an electromagnetic shower; the part is drawn
from a beta distribution, so that charge exchange, nearly all of it electromagnetic,
happens. The rest makes a broad shower with the gamma-function profile of Bock et al.,
Nucl. Instrum. Meth. 186 (1981) 533, of which less is seen than of an electromagnetic
one.
"""

from dataclasses import dataclass

import numpy as np

from kerashep.datasets.simulators.electrons.geometry import (
    BEGIN,
    EM_LAYERS,
    END,
    interaction_lengths,
    radiation_lengths,
)
from kerashep.datasets.simulators.electrons.longitudinal import gamma_profile
from kerashep.datasets.simulators.kinematics import Array

CONCENTRATION = 2.5  # of the beta distribution: low means large fluctuations
SEEN, SEEN_SPREAD = 0.65, 0.25  # of the energy that is not electromagnetic
IONISATION_GEV = 0.35  # an interaction length
RADIUS_M, NARROW_M = 0.035, 0.005  # of the broad shower, and of ionisation


@dataclass(frozen=True, eq=False)
class HadronShowers:
    """What hadrons leave in the calorimeter.

    Args:
        em_energy: `(n,)` GeV of the electromagnetic shower.
        start: `(n,)` depth of the interaction (radiation lengths).
        broad: `(n, 7)` GeV of the other shower in each layer.
        ionisation: `(n, 7)` GeV before the interaction in each layer.
    """

    em_energy: Array
    start: Array
    broad: Array
    ionisation: Array


def hadronic(rng: np.random.Generator, energy: Array, depths: Array) -> HadronShowers:
    """Showers of hadrons.

    Args:
        rng: Source of all randomness.
        energy: `(n,)` GeV.
        depths: `(n, 10)` boundaries of layers (radiation lengths).
    """
    end = depths[:, END[EM_LAYERS - 1], np.newaxis]
    lengths = interaction_lengths(depths, end)
    start = rng.standard_exponential(len(energy), np.float32)
    log = np.log(np.maximum(energy, 1))
    mean = np.clip(0.11 * log, 0.05, 0.7)
    part = rng.beta(CONCENTRATION * mean, CONCENTRATION * (1 - mean))
    noise = rng.standard_normal((2, len(energy)), np.float32)
    seen = np.maximum(SEEN * (1 + SEEN_SPREAD * noise[0]), 0.1) * (1 - part) * energy
    alpha = (0.6165 + 0.3183 * log) * np.exp(0.2 * noise[1])
    beta = np.maximum(0.9099 - 0.0237 * log, 0.5)
    profile = gamma_profile(alpha, beta, np.ones_like(beta), start, lengths)
    travelled = np.minimum(lengths, start[:, np.newaxis])
    path = travelled[:, END] - travelled[:, BEGIN]
    landau = np.exp(0.25 * rng.standard_normal(path.shape, np.float32))
    ionisation = np.minimum(IONISATION_GEV * path * landau, 0.2 * energy[:, np.newaxis])
    return HadronShowers(
        em_energy=(part * energy).astype(np.float32),
        start=radiation_lengths(start[:, np.newaxis], end)[:, 0],
        broad=seen[:, np.newaxis] * profile.share,
        ionisation=ionisation,
    )
