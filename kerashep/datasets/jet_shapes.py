"""Sixteen shape variables of a jet from its constituents.

z is a constituent's share of the sum of transverse momenta, dR its distance from the
jet's axis (the sum of the constituents) in pseudorapidity and azimuth, R = 0.8.

- `pt`, `mass` (GeV) of the jet, `multiplicity` of constituents;
- angularities (Larkoski, Thaler, Waalewijn, arXiv:1408.3122): `width` sum z dR / R,
  `lha` sum z (dR / R)^0.5, `thrust` sum z (dR / R)^2, and `ptd` sqrt(sum z^2);
- N-subjettiness, beta = 1 (Thaler, Van Tilburg, arXiv:1011.2268): `tau1`, `tau2`,
  `tau3` = sum z min_k(dR_k) / R and the ratios `tau21`, `tau32`. The axes stand in for
  those of the exclusive kT algorithm: the hardest constituent, then those with the
  largest z dR from the axes found so far, moved to the centres of their constituents;
- energy correlations of the 30 leading constituents, `c2` = e3 / e2^2 (Larkoski, Salam,
  Thaler, arXiv:1305.0007) and `d2` = e3 / e2^3 (Larkoski, Moult, Neill,
  arXiv:1409.6298), beta = 1;
- `leading_share`, z of the hardest constituent, and `min_pair_mass` (GeV), the lowest
  mass of two of the three subjets of `tau3`, near m_W for tops (Kaplan, Rehermann,
  Schwartz, Tweedie, arXiv:0806.0848).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

RADIUS = 0.8
LEADING = 30
JET_SHAPES = (
    *("pt", "mass", "multiplicity", "width", "lha", "thrust", "ptd"),
    *("tau1", "tau2", "tau3", "tau21", "tau32"),
    *("c2", "d2", "leading_share", "min_pair_mass"),
)
IN_GEV = ("pt", "mass", "min_pair_mass")
_JETS_A_BLOCK = 256
_STEPS = 4  # of moving the axes
Array = NDArray[np.floating[Any]]


def shape_variables(constituents: Array) -> NDArray[np.float32]:
    """The variables `JET_SHAPES` of each jet.

    Args:
        constituents: `(jets, n, 4)` (E, px, py, pz) in GeV, absent ones four zeros, or
            the same as `(jets, 4 n)` features.

    Returns:
        `(jets, 16)` float32. Ratios are 0 where their denominator is, and a jet without
        constituents has zeros.

    Raises:
        ValueError: If the shape does not fit.
    """
    vectors = np.asarray(constituents)
    if vectors.ndim == 2 and vectors.shape[1] % 4 == 0:
        vectors = vectors.reshape(len(vectors), -1, 4)
    if vectors.ndim != 3 or vectors.shape[2] != 4:
        raise ValueError(
            "`constituents` must have shape (jets, n, 4) or (jets, 4 n). Received: "
            f"shape {vectors.shape}."
        )
    found = np.empty((len(vectors), len(JET_SHAPES)), "float32")
    for start in range(0, len(vectors), _JETS_A_BLOCK):
        rows = slice(start, start + _JETS_A_BLOCK)
        found[rows] = _block(vectors[rows].astype("float64"))
    return found


def _block(vectors: Array) -> Array:
    pt = np.hypot(vectors[..., 1], vectors[..., 2])
    order = np.argsort(-pt, axis=1, kind="stable")[:, : max(1, int(_most(pt)))]
    vectors = np.take_along_axis(vectors, order[..., np.newaxis], axis=1)
    pt = np.take_along_axis(pt, order, axis=1)
    jet = vectors.sum(axis=1)
    z = _ratio(pt, pt.sum(axis=1, keepdims=True))
    place = _relative(vectors, jet, pt).astype("float32")
    z = z.astype("float32")
    apart = np.sqrt((place**2).sum(axis=-1)) / RADIUS
    columns: dict[str, Any] = {
        "pt": np.hypot(jet[:, 1], jet[:, 2]),
        "mass": _mass(jet),
        "multiplicity": (pt > 0).sum(axis=1),
        "width": (z * apart).sum(axis=1),
        "lha": (z * np.sqrt(apart)).sum(axis=1),
        "thrust": (z * apart**2).sum(axis=1),
        "ptd": np.sqrt((z**2).sum(axis=1)),
        "leading_share": z[:, 0],
    }
    for number in (1, 2, 3):
        columns[f"tau{number}"], members = _subjettiness(z, place, number)
    columns["tau21"] = _ratio(columns["tau2"], columns["tau1"])
    columns["tau32"] = _ratio(columns["tau3"], columns["tau2"])
    columns["min_pair_mass"] = _min_pair_mass(vectors, members)
    columns["c2"], columns["d2"] = _correlations(z[:, :LEADING], place[:, :LEADING])
    return np.stack([columns[name] for name in JET_SHAPES], axis=1)


def _most(pt: Array) -> int:
    """Largest number of constituents of a jet."""
    return int((pt > 0).sum(axis=1).max(initial=0))


def _relative(vectors: Array, jet: Array, pt: Array) -> Array:
    """`(jets, n, 2)` pseudorapidity and azimuth from the jet's axis, 0 if absent."""
    eta = np.arcsinh(_ratio(vectors[..., 3], pt))
    jet_pt = np.hypot(jet[:, 1], jet[:, 2])
    eta = eta - np.arcsinh(_ratio(jet[:, 3], jet_pt))[:, np.newaxis]
    phi = np.arctan2(vectors[..., 2], vectors[..., 1])
    phi = phi - np.arctan2(jet[:, 2], jet[:, 1])[:, np.newaxis]
    phi -= 2 * np.pi * np.round(phi / (2 * np.pi))
    place: Array = np.stack([eta, phi], -1) * (pt > 0)[..., np.newaxis]
    return place


def _subjettiness(
    z: Array, place: Array, number: int
) -> tuple[Array, NDArray[np.bool_]]:
    """N-subjettiness `(jets,)` by `number` axes, and the members of each axis."""
    rows = np.arange(len(z))
    axes = place[:, :1]
    for _ in range(number - 1):
        far = (z * _distances(place, axes).min(axis=1)).argmax(axis=1)
        axes = np.concatenate([axes, place[rows, far][:, np.newaxis]], axis=1)
    for _ in range(_STEPS):
        share = _members(_distances(place, axes)) * z[:, np.newaxis]
        total = share.sum(axis=2)[..., np.newaxis]
        axes = np.where(total > 0, _ratio(share @ place, total), axes)
    apart = _distances(place, axes)
    return (z * apart.min(axis=1)).sum(axis=1) / RADIUS, _members(apart)


def _distances(place: Array, axes: Array) -> Array:
    """`(jets, axes, n)`."""
    eta = place[:, np.newaxis, :, 0] - axes[..., np.newaxis, 0]
    phi = place[:, np.newaxis, :, 1] - axes[..., np.newaxis, 1]
    apart: Array = np.sqrt(eta * eta + phi * phi)
    return apart


def _members(apart: Array) -> NDArray[np.bool_]:
    """`(jets, axes, n)`: whether the axis is the constituent's nearest."""
    members: NDArray[np.bool_] = (
        apart.argmin(axis=1)[:, np.newaxis] == np.arange(apart.shape[1])[:, np.newaxis]
    )
    return members


def _min_pair_mass(vectors: Array, members: NDArray[np.bool_]) -> Array:
    """Lowest mass of two of the three subjets."""
    subjets = members.astype(vectors.dtype) @ vectors
    pairs = [subjets[:, i] + subjets[:, j] for i, j in ((0, 1), (0, 2), (1, 2))]
    lowest: Array = np.min([_mass(pair) for pair in pairs], axis=0)
    return lowest


def _correlations(z: Array, place: Array) -> tuple[Array, Array]:
    """C2 and D2, from traces of powers of `sqrt(z_i z_j) dR_ij`."""
    root = np.sqrt(z)
    apart = _distances(place, place)
    matrix = apart * root[:, :, np.newaxis] * root[:, np.newaxis]
    e2 = (z[:, np.newaxis] @ apart @ z[..., np.newaxis]).ravel() / 2
    e3 = ((matrix @ matrix) * matrix).sum(axis=(1, 2)) / 6
    return _ratio(e3, e2**2), _ratio(e3, e2**3)


def _mass(vector: Array) -> Array:
    momentum = np.sqrt((vector[..., 1:] ** 2).sum(axis=-1))
    energy = vector[..., 0]
    square: Array = np.maximum((energy - momentum) * (energy + momentum), 0)
    return np.sqrt(square)


def _ratio(top: Array, bottom: Array) -> Array:
    """`top / bottom`, 0 where `bottom` is not positive."""
    positive = bottom > 0
    safe = np.where(positive, bottom, 1)
    ratio: Array = np.where(positive, top / safe, 0)
    return ratio
