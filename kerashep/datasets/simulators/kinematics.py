"""Relativistic kinematics on arrays.

A four-vector array has shape `(4, ..., events)` with rows E, px, py, pz (GeV).
Functions keep the dtype of their inputs: float32 halves the memory traffic.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def from_pt_eta_phi(pt: Array, eta: Array, phi: Array) -> Array:
    """Massless four-vectors of transverse momentum `pt` (GeV) and direction."""
    return np.stack(
        [pt * np.cosh(eta), pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)]
    )


def from_mass_rapidity(mass: Array, rapidity: Array, px: Array, py: Array) -> Array:
    """Four-vectors of `mass` (GeV), rapidity and transverse momentum (GeV)."""
    transverse_mass = np.sqrt(mass**2 + px**2 + py**2)
    energy = transverse_mass * np.cosh(rapidity)
    return np.stack([energy, px, py, transverse_mass * np.sinh(rapidity)])


def dot(first: Array, second: Array) -> Array:
    """Minkowski products (GeV^2), metric (+, -, -, -)."""
    product: Array = (
        first[0] * second[0]
        - first[1] * second[1]
        - first[2] * second[2]
        - first[3] * second[3]
    )
    return product


def invariant_mass(vector: Array) -> Array:
    """Masses (GeV); 0 where rounding makes the square negative."""
    energy, px, py, pz = vector
    momentum = np.sqrt(px**2 + py**2 + pz**2)
    mass: Array = np.sqrt(np.maximum((energy - momentum) * (energy + momentum), 0))
    return mass


def transverse_momentum(vector: Array) -> Array:
    """Transverse momenta (GeV)."""
    pt: Array = np.sqrt(vector[1] ** 2 + vector[2] ** 2)
    return pt


def pseudorapidity(vector: Array) -> Array:
    """Pseudorapidities; the transverse momentum must not vanish."""
    eta: Array = np.arcsinh(vector[3] / transverse_momentum(vector))
    return eta


def azimuth(vector: Array) -> Array:
    """Azimuthal angles in (-pi, pi]."""
    phi: Array = np.arctan2(vector[2], vector[1])
    return phi


def closer_than(radius: float, first: Array, second: Array) -> NDArray[np.bool_]:
    """Whether massless vectors are closer than `radius` in eta and phi.

    Distance is `2 (cosh(delta eta) - cos(delta phi))`, which is the squared
    `(delta eta)^2 + (delta phi)^2` up to fourth order and needs no angle. A vanishing
    vector is close to none.
    """
    pts = transverse_momentum(first) * transverse_momentum(second)
    close: NDArray[np.bool_] = 2 * dot(first, second) < radius**2 * pts
    return close


def boost(vector: Array, frame: Array, frame_mass: Array | float) -> Array:
    """Vectors given in the rest frame of `frame`, as seen where `frame` is given.

    Args:
        vector: `(4, events)` in the rest frame (GeV).
        frame: `(4, events)` four-momentum of the moving system (GeV).
        frame_mass: Its mass (GeV): known exactly, where `frame` would give it with
            the rounding of a difference of large numbers.
    """
    moved = np.empty(np.broadcast_shapes(vector.shape, frame.shape), vector.dtype)
    along = frame[1] * vector[1] + frame[2] * vector[2] + frame[3] * vector[3]
    moved[0] = (frame[0] * vector[0] + along) / frame_mass
    factor = (vector[0] + moved[0]) / (frame[0] + frame_mass)
    for axis in (1, 2, 3):
        moved[axis] = vector[axis] + factor * frame[axis]
    return moved


def breakup_momentum(mass: Array | float, mass_1: float, mass_2: float) -> Array:
    """Momentum (GeV) of both products of a two-body decay in the parent's rest frame.

    From the Kallen function; 0 below threshold.
    """
    square = np.asarray(mass) ** 2
    kallen = (square - (mass_1 + mass_2) ** 2) * (square - (mass_1 - mass_2) ** 2)
    momentum: Array = np.sqrt(np.maximum(kallen, 0)) / (2 * np.asarray(mass))
    return momentum


def two_body_decay(
    parent: Array,
    parent_mass: Array | float,
    masses: tuple[float, float],
    direction: Array,
) -> tuple[Array, Array]:
    """Both products of the decay of `parent`, in the frame in which it is given.

    Args:
        parent: `(4, events)` four-momenta (GeV).
        parent_mass: Their masses (GeV).
        masses: Masses of the products (GeV).
        direction: `(3, events)` unit vectors along which the first product leaves in
            the parent's rest frame.
    """
    momentum = breakup_momentum(parent_mass, *masses)
    first = np.empty_like(parent)
    first[0] = np.sqrt(momentum**2 + masses[0] ** 2)
    first[1:] = momentum * direction
    first = boost(first, parent, parent_mass)
    return first, parent - first


def uniform(rng: np.random.Generator, low: float, high: float, size: Any) -> Array:
    """Uniform float32 numbers in `[low, high)`."""
    number: Array = low + (high - low) * rng.random(size, np.float32)
    return number


def direction_around_z(rng: np.random.Generator, cos_theta: Array) -> Array:
    """Unit vectors `(3, events)` of given polar cosine and random azimuth."""
    phi = uniform(rng, -np.pi, np.pi, cos_theta.shape)
    sin_theta = np.sqrt(np.maximum(1 - cos_theta**2, 0))
    return np.stack([sin_theta * np.cos(phi), sin_theta * np.sin(phi), cos_theta])


def rotate_z_to(axis: Array, vector: Array) -> Array:
    """Rotates `vector` by a rotation that takes the z axis to `axis`.

    With the branch-free orthonormal basis of Duff et al., JCGT 6 (2017) 1.

    Args:
        axis: `(3, events)` unit vectors.
        vector: `(3, events)`.
    """
    x, y, z = axis
    sign = np.copysign(np.ones_like(z), z)
    a = -1 / (sign + z)
    b = x * y * a
    first, second, third = vector
    return np.stack(
        [
            (1 + sign * x**2 * a) * first + b * second + x * third,
            sign * b * first + (sign + y**2 * a) * second + y * third,
            -sign * x * first - y * second + z * third,
        ]
    )


def helicity_axis(vector: Array, frame: Array, frame_mass: float) -> Array:
    """Unit vectors `(3, events)` opposite to `vector` in the rest frame of `frame`.

    For a decay chain: where `frame` flies to, as seen from its parent, if `vector` is
    the other product of the parent's decay.
    """
    reverse = np.concatenate([frame[:1], -frame[1:]])
    _, x, y, z = boost(vector, reverse, frame_mass)
    axis: Array = np.stack([x, y, z]) / -np.sqrt(x**2 + y**2 + z**2)
    return axis
