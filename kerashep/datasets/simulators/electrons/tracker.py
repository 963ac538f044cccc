"""What the tracker measures, and which track belongs to the cluster."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.electrons.particles import (
    Rows,
    Tracks,
    blank_tracks,
)
from kerashep.datasets.simulators.electrons.transport import SOFTEST_GEV
from kerashep.datasets.simulators.kinematics import Array

MOST_TRACKS = 15
ETA_RESOLUTION, PHI_RESOLUTION = 0.0006, 0.0012
MATCH_ETA, MATCH_PHI = 0.05, 0.1  # of a track to the centre of the window
CONE = 0.3  # in which tracks are kept
PIXEL_RADII_M = np.array([0.033, 0.051, 0.089, 0.123], np.float32)
PIXEL_EFFICIENCY = 0.97
TRT_HITS, TRT_ETA = 30, 2.0
HIGH_THRESHOLD = (0.07, 0.15)  # chance of a TRT hit, of hadrons and electrons


@dataclass(frozen=True, eq=False)
class Matched(Rows):
    """The track of each candidate.

    Args:
        found: `(candidates,)` whether there is one; the rest is arbitrary otherwise.
        pt: `(candidates,)` GeV.
        last_pt: `(candidates,)` GeV, at the outer end.
        charge: `(candidates,)` 1 or -1.
        eta: `(candidates,)` relative to the centre of the window.
        phi: `(candidates,)` the same in azimuth.
        d0: `(candidates,)` mm.
        d0_error: `(candidates,)` mm.
        radius: `(candidates,)` where the particle comes into being (m).
        electron: `(candidates,)` whether it is one.
        pixel_hits: `(candidates,)` number of hits in the pixel detector.
        trt_probability: `(candidates,)` that it is an electron, by transition radiation
            alone; 0.5 where there is no such detector.
    """

    found: NDArray[np.bool_]
    pt: Array
    last_pt: Array
    charge: Array
    eta: Array
    phi: Array
    d0: Array
    d0_error: Array
    radius: Array
    electron: NDArray[np.bool_]
    pixel_hits: Array
    trt_probability: Array


def measure(rng: np.random.Generator, tracks: Tracks, abs_eta: Array) -> Tracks:
    """Tracks with the resolution of the tracker; soft and far ones are dropped."""
    own_eta = abs_eta[tracks.candidate]
    noise = rng.standard_normal((5, len(own_eta)), np.float32)
    momenta = []
    for pt, normal in ((tracks.pt, noise[0]), (tracks.last_pt, 15 * noise[1])):
        spread = (0.012 + 0.0005 * pt) * (1 + 0.3 * own_eta)
        momenta.append(pt / np.maximum(1 + spread * normal, 0.2))
    measured = Tracks(
        candidate=tracks.candidate,
        pt=momenta[0],
        last_pt=momenta[1],
        charge=tracks.charge,
        eta=tracks.eta + ETA_RESOLUTION * noise[2],
        phi=tracks.phi + PHI_RESOLUTION * noise[3],
        d0=tracks.d0 + d0_error(tracks.pt, own_eta) * noise[4],
        radius=tracks.radius,
        electron=tracks.electron,
    )
    kept = (measured.pt > SOFTEST_GEV) & (np.hypot(measured.eta, measured.phi) < CONE)
    return measured.take(kept)


def d0_error(pt: Array, abs_eta: Array) -> Array:
    """Resolution of the impact parameter (mm)."""
    error: Array = 0.012 + 0.11 / pt * np.sqrt(np.cosh(abs_eta))
    return error


def match(rng: np.random.Generator, tracks: Tracks, abs_eta: Array) -> Matched:
    """The hardest track near the centre of each window, with its hits.

    Args:
        rng: Source of all randomness.
        tracks: As measured.
        abs_eta: `(candidates,)` pseudorapidities.
    """
    count = len(abs_eta)
    best = np.full(count, -1, np.intp)
    near = (np.abs(tracks.eta) < MATCH_ETA) & (np.abs(tracks.phi) < MATCH_PHI)
    rising = np.argsort(tracks.pt, kind="stable")
    rising = rising[near[rising]]
    best[tracks.candidate[rising]] = rising  # the last, hardest one stays
    found = tracks.take(best) if len(tracks.pt) else blank_tracks(count)
    crossed = found.radius[:, np.newaxis] < PIXEL_RADII_M
    hit = rng.random(crossed.shape, np.float32) < PIXEL_EFFICIENCY
    return Matched(
        found=best >= 0,
        pt=found.pt,
        last_pt=found.last_pt,
        charge=found.charge,
        eta=found.eta,
        phi=found.phi,
        d0=found.d0,
        d0_error=d0_error(found.pt, abs_eta),
        radius=found.radius,
        electron=found.electron,
        pixel_hits=(crossed & hit).sum(axis=1, dtype=np.float32),
        trt_probability=_trt(rng, found.electron, abs_eta),
    )


def padded(tracks: Tracks, candidates: int) -> Array:
    """Tracks `(candidates, 15, 5)` by falling pt: pt, charge, eta, phi, d0."""
    order = np.lexsort([-tracks.pt, tracks.candidate])
    sorted_ = tracks.take(order)
    counts = np.bincount(sorted_.candidate, minlength=candidates)
    first = np.cumsum(counts) - counts
    place = np.arange(len(order)) - first[sorted_.candidate]
    few = sorted_.take(place < MOST_TRACKS)
    columns = [few.pt, few.charge, few.eta, few.phi, few.d0]
    array = np.zeros((candidates, MOST_TRACKS, len(columns)), np.float32)
    array[few.candidate, place[place < MOST_TRACKS]] = np.stack(columns, axis=-1)
    return array


def _trt(
    rng: np.random.Generator, electron: NDArray[np.bool_], abs_eta: Array
) -> Array:
    """Probabilities from the number of high-threshold hits, by Bayes' theorem."""
    low, high = HIGH_THRESHOLD
    fired = rng.binomial(TRT_HITS, np.where(electron, high, low))
    log = fired * np.log(high / low)
    log += (TRT_HITS - fired) * np.log((1 - high) / (1 - low))
    probability = 1 / (1 + np.exp(-log))
    return np.where(abs_eta < TRT_ETA, probability, 0.5).astype(np.float32)
