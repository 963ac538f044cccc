"""Random events with three momenta and what a symmetry leaves alone in them."""

import numpy as np

# Lepton, tau, missing momentum (transverse only), and two other features.
VECTORS = ((1, 0, 4), (3, 5, 2), (7, 8))
OTHERS = (6, 9)
WIDTH = 10


def events(count, seed=0):
    """`(count, 10)` float32 in GeV; column 6 is missing in every third event."""
    x = np.random.default_rng(seed).normal(0.0, 40.0, (count, WIDTH))
    x[::3, 6] = np.nan
    return x.astype("float32")


def components(x, number):
    """px, py and pz (0 if there is none) of a vector, in double precision."""
    columns = VECTORS[number]
    parts = [x[..., column].astype("float64") for column in columns]
    return parts if len(parts) == 3 else [*parts, np.zeros_like(parts[0])]


def invariants(x):
    """What neither rotations about the beam nor reflections change."""
    vectors = [np.stack(components(x, i)) for i in range(3)]
    pt = [np.hypot(v[0], v[1]) for v in vectors]
    transverse = [np.sum(vectors[i][:2] * vectors[j][:2], axis=0) for i, j in PAIRS]
    spatial = np.sum(vectors[0] * vectors[1], axis=0)
    eta_product = np.arcsinh(vectors[0][2] / pt[0]) * np.arcsinh(vectors[1][2] / pt[1])
    size = [np.sqrt(np.sum(v**2, axis=0)) for v in vectors[:2]]
    mass = np.sqrt(2.0 * np.maximum(size[0] * size[1] - spatial, 0.0))
    return np.stack([*pt, *transverse, spatial, eta_product, mass], axis=-1)


PAIRS = ((0, 1), (0, 2), (1, 2))
