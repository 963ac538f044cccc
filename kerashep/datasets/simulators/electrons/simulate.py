"""Candidates that pass the preselection: from particles to columns."""

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.electron_schema import ELECTRON_SCHEMA
from kerashep.datasets.simulators.electrons.calorimeter import (
    Images,
    add_noise,
    true_images,
)
from kerashep.datasets.simulators.electrons.candidate_classes import (
    CandidateClass,
    draw,
)
from kerashep.datasets.simulators.electrons.deposits import Deposits, deposit
from kerashep.datasets.simulators.electrons.geometry import (
    COARSE,
    ETA_EDGES,
    PHI_EDGES,
)
from kerashep.datasets.simulators.electrons.particles import Particles, Tracks
from kerashep.datasets.simulators.electrons.scalars import (
    cluster_energy,
    likelihood_scalars,
)
from kerashep.datasets.simulators.electrons.selection import promising, selected
from kerashep.datasets.simulators.electrons.surroundings import pileup
from kerashep.datasets.simulators.electrons.tracker import match, measure, padded
from kerashep.datasets.simulators.kinematics import Array

_MOST, _SPARE = 4096, 500  # candidates of a block
_MARGIN = 0.04  # around the window, from where showers reach it

OfCandidates = TypeVar("OfCandidates", Tracks, Deposits)


def simulate(
    kind: CandidateClass, candidates: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Features `(candidates, 1170)` of one class, see `ELECTRON_SCHEMA`.

    Args:
        kind: The class.
        candidates: How many are wanted after the preselection.
        rng: Source of all randomness.
    """
    features = np.empty((candidates, len(ELECTRON_SCHEMA.feature_names)), np.float32)
    filled = 0
    while filled < candidates:
        missing = candidates - filled
        some = block(kind, min(_MOST, 4 * missing + _SPARE), rng)[:missing]
        features[filled : filled + len(some)] = some
        filled += len(some)
    return features


def block(
    kind: CandidateClass, candidates: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Features of those of some candidates that pass the preselection.

    Args:
        kind: The class.
        candidates: How many are simulated.
        rng: Source of all randomness.
    """
    particles, tracks, abs_eta, charge = draw(rng, kind, candidates)
    tracks = measure(rng, tracks, abs_eta)
    track = match(rng, tracks, abs_eta)
    good = track.found & kind.is_true(track, charge)
    deposits = deposit(rng, _near(_only(particles, good)), abs_eta)
    kept = np.flatnonzero(good & promising(deposits, track, abs_eta))
    track, abs_eta = track.take(kept), abs_eta[kept]
    # Other collisions: their tracks are too soft to be that of a candidate.
    soft, soft_tracks = pileup(rng, abs_eta)
    soft_tracks = measure(rng, soft_tracks, abs_eta)
    soft_deposits = deposit(rng, _near(soft), abs_eta)
    tracks = Tracks.join([_renumbered(tracks, kept), soft_tracks])
    deposits = Deposits.join([_renumbered(deposits, kept), soft_deposits])
    images = true_images(deposits, len(kept))
    add_noise(rng, images)
    scalars = likelihood_scalars(images, track, abs_eta)
    pt = cluster_energy(images) / np.cosh(abs_eta)
    passed = selected(pt, track.pt, scalars)
    arrays = {
        **_by_layer(images.take(passed)),
        "tracks": padded(tracks, len(kept))[passed],
        "scalars": scalars[passed],
        "abs_eta": abs_eta[passed],
        "pt": pt[passed],
    }
    return ELECTRON_SCHEMA.join(arrays)


def _near(particles: Particles) -> Particles:
    """Those that hit the window or its margin."""
    return particles.take(
        (np.abs(particles.eta) < ETA_EDGES[-1] + _MARGIN)
        & (np.abs(particles.phi) < PHI_EDGES[-1] + _MARGIN)
    )


def _only(particles: Particles, good: NDArray[np.bool_]) -> Particles:
    """Those of candidates that are `good`."""
    return particles.take(good[particles.candidate])


def _renumbered(rows: OfCandidates, kept: NDArray[np.intp]) -> OfCandidates:
    """Rows of the candidates `kept`, which are then 0, 1, ..."""
    rows = rows.take(np.isin(rows.candidate, kept))
    return replace(rows, candidate=np.searchsorted(kept, rows.candidate))


def _by_layer(images: Images) -> dict[str, Array]:
    names = [image.name for image in ELECTRON_SCHEMA.images]
    coarse = {names[layer]: images.coarse[:, i] for i, layer in enumerate(COARSE)}
    return {**coarse, "em1": images.fine}
