"""Four-vectors for tests, and Lorentz transformations in float64 NumPy."""

import numpy as np


def massive(shape, seed=0, mass=(1.0, 20.0), spread=30.0):
    """`(*shape, 4)` float64 as (E, px, py, pz)."""
    rng = np.random.default_rng(seed)
    momentum = rng.normal(0.0, spread, (*shape, 3))
    m = rng.uniform(*mass, (*shape, 1))
    energy = np.sqrt(m**2 + np.sum(momentum**2, axis=-1, keepdims=True))
    return np.concatenate([energy, momentum], axis=-1)


def fast(count, gamma, seed=0, masses=(1e-3, 1e4)):
    """`(count, 4)` of one Lorentz factor, masses log-uniform, any direction."""
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=(count, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    m = np.exp(rng.uniform(*np.log(masses), (count, 1)))
    return np.concatenate([gamma * m, m * np.sqrt(gamma**2 - 1) * direction], axis=1)


def mass_of(vectors):
    v = np.asarray(vectors, "float64")
    p = np.linalg.norm(v[..., 1:], axis=-1)
    return np.sqrt(np.maximum((v[..., 0] - p) * (v[..., 0] + p), 0.0))


def boost_matrix(frame):
    """4 x 4 matrix into the rest frame of one four-vector, as in the paper."""
    beta = frame[1:] / frame[0]
    b2 = beta @ beta
    gamma = 1.0 / np.sqrt(1.0 - b2)
    matrix = np.eye(4)
    matrix[0, 0] = gamma
    matrix[0, 1:] = matrix[1:, 0] = -gamma * beta
    matrix[1:, 1:] += (gamma - 1.0) * np.outer(beta, beta) / b2
    return matrix


def rotation(seed=0):
    """A proper rotation, as a 4 x 4 matrix."""
    q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    matrix = np.eye(4)
    matrix[1:, 1:] = q * np.sign(np.linalg.det(q))
    return matrix
