"""How the energy of a shower is shared among the layers.

Electromagnetic showers have the gamma-function profile of GFLASH for homogeneous media
(Grindhammer, Peters, hep-ex/0001020, appendix A): ln T and ln alpha, T the depth of the
maximum, are normal and correlated, with means and widths that depend on ln(E / E_c).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc

from kerashep.datasets.simulators.electrons.geometry import (
    BEGIN,
    CRITICAL_GEV,
    EFFECTIVE_Z,
    END,
)
from kerashep.datasets.simulators.kinematics import Array

_LEAST_LOG = 3.0  # ln(E / E_c) below which the parametrisation is not used


@dataclass(frozen=True, eq=False)
class Profile:
    """Showers along their axis.

    Args:
        share: `(showers, 7)` part of the energy in each layer.
        age: `(showers, 7)` depth from the start of the shower at which it is in each
            layer, in units of the depth of its maximum.
    """

    share: Array
    age: Array


def electromagnetic(
    rng: np.random.Generator, energy: Array, start: Array, depths: Array
) -> Profile:
    """Profiles of electrons and photons.

    Args:
        rng: Source of all randomness.
        energy: `(showers,)` GeV.
        start: `(showers,)` depth at which the shower starts (radiation lengths).
        depths: `(showers, 10)` boundaries of layers.
    """
    log = np.maximum(np.log(energy / CRITICAL_GEV), _LEAST_LOG)
    first, second = rng.standard_normal((2, len(energy)), np.float32)
    rho = 0.705 - 0.023 * log
    second = rho * first + np.sqrt(1 - rho**2) * second
    deepest = np.log(log - 0.812) + first / (1.26 * log - 1.4)
    alpha = np.log(0.81 + (0.458 + 2.26 / EFFECTIVE_Z) * log)
    alpha = np.exp(alpha + second / (0.86 * log - 0.58))
    alpha, maximum = np.maximum(alpha, 1.1), np.exp(deepest)
    return gamma_profile(alpha, (alpha - 1) / maximum, maximum, start, depths)


def gamma_profile(
    alpha: Array, beta: Array, maximum: Array, start: Array, depths: Array
) -> Profile:
    """Profiles of the form t^(alpha - 1) exp(-beta t), t from the start.

    Args:
        alpha: `(showers,)` shape.
        beta: `(showers,)` rate, per unit of `depths`.
        maximum: `(showers,)` unit of the age.
        start: `(showers,)` depth of the start.
        depths: `(showers, 10)` boundaries of layers.
    """
    inside = np.maximum(depths - start[:, np.newaxis], 0).astype(np.float32)
    alpha, beta = (part[:, np.newaxis].astype(np.float32) for part in (alpha, beta))
    until = gammainc(alpha, beta * inside)
    centre = np.clip(alpha / beta, inside[:, BEGIN], inside[:, END])
    return Profile(until[:, END] - until[:, BEGIN], centre / maximum[:, np.newaxis])
