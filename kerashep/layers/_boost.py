"""Lorentz transformation into rest frames, without epsilons and large differences.

Arrays are `(batch, components, vectors)`, with the components E, px, py, pz.
"""

from typing import Any

from keras import ops

from kerashep.layers._four_vectors import resolution, safe_quotient, safe_sqrt

Frames = tuple[Any, Any, Any]


def rest_frames(vectors: Any) -> Frames:
    """Lorentz factor, `p / m` and direction of the rest frames of four-vectors.

    The squared mass is at least `epsilon p^2` (`epsilon` of the dtype, below which it
    is not resolved), so that `p / m` is at most `1 / sqrt(epsilon)`. The Lorentz factor
    follows from it, so that the boost is a Lorentz transformation whatever the vector.
    A zero vector is at rest. With a negative energy, which only negative weights give,
    the velocity `p / E` is against the momentum.

    Args:
        vectors: `(batch, 4, frames)`.

    Returns:
        `(batch, 1, frames)`, the same, and `(batch, 3, frames)`.
    """
    energy, size, direction = _split(vectors)
    direction = ops.where(energy < 0, -direction, direction)
    least = resolution(vectors) * size * size
    mass2 = ops.maximum((energy - size) * (energy + size), least)
    speed = safe_quotient(size, safe_sqrt(mass2), ops.zeros_like(size))
    return ops.sqrt(1 + speed * speed), speed, direction


def boosted(particles: Any, frames: Frames, *, every: bool) -> Any:
    """Particles in rest frames.

    `E' = gamma E - w.p` and `p' = p - w (E' + E) / (1 + gamma)` with `w` the spatial
    part of the frame's four-velocity. `E'` is computed as
    `E / (gamma + |w|) + |w| (E - |p| + |p| |n - n_R|^2 / 2)` with the directions of
    both momenta, a sum of positive terms: a fast particle along a fast frame loses no
    digits.

    Args:
        particles: `(batch, 4, particles)`.
        frames: What `rest_frames` returns.
        every: Whether every particle is boosted into every frame, rather than each into
            its own.

    Returns:
        `(batch, 4, particles)`, or `(batch, 4, particles, frames)`.
    """
    parts = (particles[:, 1:], *_split(particles))
    if every:
        parts = tuple(ops.expand_dims(part, 3) for part in parts)
        frames = tuple(ops.expand_dims(part, 2) for part in frames)
    momentum, energy, size, direction = parts
    gamma, speed, towards = frames
    apart = direction - towards
    angle = ops.sum(apart * apart, axis=1, keepdims=True) / 2
    forward = energy - size + size * angle
    new_energy = energy / (gamma + speed) + speed * forward
    shift = speed * (new_energy + energy) / (1 + gamma)
    return ops.concatenate([new_energy, momentum - shift * towards], axis=1)


def _split(vectors: Any) -> tuple[Any, Any, Any]:
    """Energy, size and direction of the momentum."""
    energy, momentum = vectors[:, :1], vectors[:, 1:]
    size = safe_sqrt(ops.sum(momentum * momentum, axis=1, keepdims=True))
    return energy, size, safe_quotient(momentum, size, ops.zeros_like(momentum))
