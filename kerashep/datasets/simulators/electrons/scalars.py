"""The variables of a likelihood selection, from images and the candidate's track.

In the cells of the window, whose centre is the cell (3, 5) of em2:

- `r_had`: energy of had1 over that of the cluster;
- `f3`, `f1`: energy of em3, of em1, over that of the electromagnetic layers;
- `w_eta2`: width in pseudorapidity of em2, sqrt(<eta^2> - <eta>^2) in 3 x 5 cells;
- `r_phi`, `r_eta`: in em2, energy of 3 x 3 cells over 3 x 7, and 3 x 7 over 7 x 7;
- `e_ratio`: in em1, difference of the largest and the second largest local maximum of
  strips over their sum;
- `d0` (mm), `d0_significance`: impact parameter, and its absolute value over its error;
- `delta_p_over_p`: part of the momentum lost in the tracker, 1 - p(end) / p(origin);
- `pixel_hits`: number of hits in the pixel detector;
- `trt_probability`: of an electron, by transition radiation;
- `delta_eta1`: strips' mean pseudorapidity minus the track's;
- `delta_phi2`: em2's mean azimuth minus the track's, times the charge;
- `e_over_p`: energy of the cluster over the momentum of the track.

Energies are of 3 x 7 cells (pseudorapidity x azimuth), 24 x 7 in strips, except of
had1 (7 x 11 cells).

Source: ATLAS, arXiv:1902.04655, table 1.
"""

import numpy as np

from kerashep.datasets.electron_schema import SCALARS
from kerashep.datasets.simulators.electrons.calorimeter import Images
from kerashep.datasets.simulators.electrons.geometry import (
    ETA_EDGES,
    PHI_EDGES,
    STRIP_EDGES,
)
from kerashep.datasets.simulators.electrons.tracker import Matched
from kerashep.datasets.simulators.kinematics import Array

_ROWS, _COLUMNS = slice(2, 5), slice(2, 9)  # of the cluster
_STRIPS = slice(16, 40)
_LEAST_GEV = 0.05  # in denominators


def cluster_energy(images: Images) -> Array:
    """Energies of clusters `(candidates,)` in GeV, over the electromagnetic layers."""
    coarse = images.coarse[:, :3, _ROWS, _COLUMNS].sum(axis=(1, 2, 3))
    energy: Array = coarse + images.fine[:, _STRIPS, _COLUMNS].sum(axis=(1, 2))
    return energy


def likelihood_scalars(images: Images, track: Matched, abs_eta: Array) -> Array:
    """The scalars `(candidates, 15)` in the order of `SCALARS`.

    Args:
        images: With noise.
        track: Of each candidate.
        abs_eta: `(candidates,)` pseudorapidities.
    """
    found = {
        **_of_layers(images),
        **_of_em2(images.coarse[:, 1]),
        **_of_track(images, track, abs_eta),
        "e_ratio": _e_ratio(images.fine),
    }
    return np.stack([found[name] for name in SCALARS], axis=-1).astype(np.float32)


def _of_layers(images: Images) -> dict[str, Array]:
    total = np.maximum(cluster_energy(images), _LEAST_GEV)
    em1 = images.fine[:, _STRIPS, _COLUMNS].sum(axis=(1, 2))
    em3 = images.coarse[:, 2, _ROWS, _COLUMNS].sum(axis=(1, 2))
    behind = images.coarse[:, 3].sum(axis=(1, 2))
    return {"r_had": behind / total, "f1": em1 / total, "f3": em3 / total}


def _of_em2(em2: Array) -> dict[str, Array]:
    core = em2[:, 2:5, 4:7].sum(axis=(1, 2))
    middle = em2[:, 2:5, 2:9].sum(axis=(1, 2))
    wide = em2[:, :, 2:9].sum(axis=(1, 2))
    profile = em2[:, 2:5, 3:8].sum(axis=2)
    return {
        "r_phi": _ratio(core, middle),
        "r_eta": _ratio(middle, wide),
        "w_eta2": np.sqrt(np.maximum(_moments(profile, ETA_EDGES[2:6])[1], 0)),
    }


def _of_track(images: Images, track: Matched, abs_eta: Array) -> dict[str, Array]:
    strips = np.maximum(images.fine[:, _STRIPS, _COLUMNS].sum(axis=2), 0)
    azimuths = np.maximum(images.coarse[:, 1, _ROWS, 2:9].sum(axis=1), 0)
    eta = _moments(strips, STRIP_EDGES[16:41])[0]
    phi = _moments(azimuths, PHI_EDGES[2:10])[0]
    momentum = track.pt * np.cosh(abs_eta)
    return {
        "d0": track.d0,
        "d0_significance": np.abs(track.d0) / track.d0_error,
        "delta_p_over_p": 1 - track.last_pt / track.pt,
        "pixel_hits": track.pixel_hits,
        "trt_probability": track.trt_probability,
        "delta_eta1": eta - track.eta,
        "delta_phi2": (phi - track.phi) * track.charge,
        "e_over_p": cluster_energy(images) / momentum,
    }


def _e_ratio(fine: Array) -> Array:
    """Contrast of the two highest local maxima of strips near the centre."""
    strips = fine[:, 14:42, 3:8].sum(axis=2)
    inner = strips[:, 1:-1]
    peak = (inner > strips[:, :-2]) & (inner >= strips[:, 2:])
    heights = np.where(peak, np.maximum(inner, 0), 0)
    first, second = np.partition(heights, -2, axis=1)[:, :-3:-1].T
    return _ratio(first - second, first + second)


def _moments(energy: Array, edges: Array) -> tuple[Array, Array]:
    """Mean and variance of positions of cells, weighted with their energies."""
    centres = (edges[1:] + edges[:-1]) / 2
    total = np.maximum(energy.sum(axis=1), _LEAST_GEV)
    mean = energy @ centres / total
    return mean, energy @ centres**2 / total - mean**2


def _ratio(above: Array, below: Array) -> Array:
    ratio: Array = above / np.maximum(below, _LEAST_GEV)
    return ratio
