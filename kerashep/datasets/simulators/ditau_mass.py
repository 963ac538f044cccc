"""Mass of a pair of tau leptons from what is seen of them: a likelihood on a grid.

Stands in for the missing mass calculator (Elagin et al., arXiv:1012.4686), whose code
ran inside ATLAS' software. Neutrinos fly along the visible decay products; the shares
of momentum that lepton and hadronic tau keep are scanned; each point is weighted by how
probable the shares are and how well the neutrinos explain the missing momentum.
"""

import numpy as np

from kerashep.datasets.simulators.kinematics import Array

POINTS = 8  # of the scan, for each of the two shares
LOWEST_LEPTON_SHARE, LOWEST_TAU_SHARE = 0.08, 0.2
# Resolution of each component of the missing momentum: sqrt(9^2 + 0.7^2 sumet) GeV.
CONSTANT_TERM_GEV, STOCHASTIC_TERM = 9.0, 0.7
SHARE_POWER = 2.0  # small shares need fast taus, which are rare
SCALE = 1.036  # these numbers: fitted to ATLAS' own result in published events
WORST_CHI_SQUARE = 12.9  # beyond it there is no mass: as often as in the same events
BLOCK = 2048


def tau_pair_mass(
    lepton: Array, tau: Array, met: Array, sum_et: Array, visible_mass: Array
) -> Array:
    """Masses (GeV), NaN where no pair of taus explains the missing momentum.

    Args:
        lepton: `(2, events)` transverse momenta px, py (GeV) of the lepton.
        tau: Those of the visible hadronic tau.
        met: Those missing.
        sum_et: `(events,)` scalar sum of transverse energies (GeV).
        visible_mass: `(events,)` mass of lepton and visible tau (GeV).
    """
    mass = np.empty(len(sum_et), np.float32)
    for start in range(0, len(mass), BLOCK):
        rows = slice(start, start + BLOCK)
        factor, chi_square = _scan(
            lepton[:, rows], tau[:, rows], met[:, rows], sum_et[rows]
        )
        factor[chi_square > WORST_CHI_SQUARE] = np.nan
        mass[rows] = SCALE * visible_mass[rows] * factor
    return mass


def _scan(lepton: Array, tau: Array, met: Array, sum_et: Array) -> tuple[Array, Array]:
    """Mean of log(mass / visible mass), exponentiated, and the least chi square."""
    share = (np.arange(POINTS) + 0.5) / POINTS
    share_1 = LOWEST_LEPTON_SHARE + share * (1 - LOWEST_LEPTON_SHARE)
    share_2 = LOWEST_TAU_SHARE + share * (1 - LOWEST_TAU_SHARE)
    # A charged lepton keeps the share x with density 5/3 - 3 x^2 + 4/3 x^3.
    density = 5 / 3 - 3 * share_1**2 + 4 / 3 * share_1**3
    prior = _column(density * share_1**SHARE_POWER)[:, np.newaxis]
    prior = prior * _column(share_2**SHARE_POWER)
    resolution = np.sqrt(CONSTANT_TERM_GEV**2 + STOCHASTIC_TERM**2 * sum_et)
    lepton, tau, met = (part / resolution for part in (lepton, tau, met))
    after_1 = met[:, np.newaxis] - _column(1 / share_1 - 1) * lepton[:, np.newaxis]
    along_2 = _column(1 / share_2 - 1) * tau[:, np.newaxis]
    chi_square = np.square(after_1[0][:, np.newaxis] - along_2[0])
    chi_square += np.square(after_1[1][:, np.newaxis] - along_2[1])
    least = chi_square.min(axis=(0, 1))
    weight = np.exp((least - chi_square) / 2)
    weight *= prior
    log_1, log_2 = -np.log(share_1) / 2, -np.log(share_2) / 2
    total = np.tensordot(log_1.astype(np.float32), weight.sum(axis=1), 1)
    total += np.tensordot(log_2.astype(np.float32), weight.sum(axis=0), 1)
    factor: Array = np.exp(total / weight.sum(axis=(0, 1)))
    return factor, least


def _column(values: Array) -> Array:
    column: Array = values.astype(np.float32)[:, np.newaxis]
    return column
