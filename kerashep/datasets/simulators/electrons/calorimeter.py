"""Images of the calorimeter's layers, from energy deposits."""

from dataclasses import dataclass

import numpy as np

from kerashep.datasets.simulators.electrons.deposits import Deposits
from kerashep.datasets.simulators.electrons.geometry import (
    COARSE,
    FINE,
    NOISE_GEV,
    SAMPLING_GEV,
)
from kerashep.datasets.simulators.electrons.lateral import cell_energies
from kerashep.datasets.simulators.electrons.particles import Rows
from kerashep.datasets.simulators.kinematics import Array

_AT_ONCE = 512  # showers: their images fit a processor's cache


@dataclass(frozen=True, eq=False)
class Images(Rows):
    """Energies of cells (GeV).

    Args:
        coarse: `(candidates, 6, 7, 11)` presampler, em2, em3, had1, had2, had3.
        fine: `(candidates, 56, 11)` em1.
    """

    coarse: Array
    fine: Array


def true_images(deposits: Deposits, candidates: int) -> Images:
    """Energies before noise.

    Args:
        deposits: Of the candidates 0 to `candidates` - 1.
        candidates: How many images of each layer.
    """
    images = Images(
        np.zeros((candidates, 6, 7, 11), np.float32),
        np.zeros((candidates, 56, 11), np.float32),
    )
    order = np.argsort(deposits.candidate, kind="stable")
    counts = np.bincount(deposits.candidate, minlength=candidates)
    first = np.cumsum(counts) - counts
    for count in np.unique(counts[counts > 0]):
        alike, step = np.flatnonzero(counts == count), max(1, _AT_ONCE // count)
        for some in np.split(alike, range(step, len(alike), step)):
            rows = order[first[some, np.newaxis] + np.arange(count)]
            images.coarse[some], images.fine[some] = cell_energies(
                deposits.energy[rows],
                np.stack([deposits.eta[rows], deposits.phi[rows]]),
                deposits.widths[rows],
                deposits.weights[rows],
            )
    return images


def add_noise(rng: np.random.Generator, images: Images) -> None:
    """Adds the fluctuations of sampling and the noise of cells, in place."""
    layers = list(COARSE)
    images.coarse[...] += _fluctuations(
        rng, images.coarse, SAMPLING_GEV[layers], NOISE_GEV[layers]
    )
    images.fine[...] += _fluctuations(
        rng, images.fine, SAMPLING_GEV[FINE], NOISE_GEV[FINE]
    )


def _fluctuations(
    rng: np.random.Generator, energy: Array, sampling: Array, noise: Array
) -> Array:
    variance = energy * sampling[..., np.newaxis, np.newaxis]
    variance += noise[..., np.newaxis, np.newaxis] ** 2
    made: Array = np.sqrt(variance) * rng.standard_normal(energy.shape, np.float32)
    return made
