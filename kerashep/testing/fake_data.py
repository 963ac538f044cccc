"""Events that any working classifier separates, for tests of training."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.float32]]


def fake_events(
    num_events: int,
    num_features: int,
    grid: Sequence[Sequence[float]] = (),
    *,
    separation: float = 4.0,
    seed: int = 0,
) -> tuple[Arrays, NDArray[np.float32]]:
    """Two unit Gaussians, half signal, `separation` standard deviations apart.

    Args:
        num_events: Number of events.
        num_features: Number of features; the shift is spread evenly over them.
        grid: Values of the physics parameters, drawn for every event of both
            classes; empty for none.
        separation: Distance of the means; AUC = Phi(separation / sqrt(2)).
        seed: Seed of the generator.

    Returns:
        `({"x": (events, features), "m": (events, parameters)}, label (events, 1))`,
        without `m` if `grid` is empty.
    """
    rng = np.random.default_rng(seed)
    label = (np.arange(num_events) % 2).astype("float32")[:, None]
    shift = separation * (label - 0.5) / np.sqrt(num_features)
    x = rng.normal(size=(num_events, num_features)) + shift
    inputs = {"x": x.astype("float32")}
    if len(grid):
        rows = rng.integers(len(grid), size=num_events)
        inputs["m"] = np.asarray(grid, "float32")[rows]
    return inputs, label


def fake_jets(
    num_events: int, num_features: int, *, seed: int = 0
) -> tuple[Arrays, NDArray[np.float32]]:
    """Four-vectors of mass 1 whose momenta are three times as large in the signal.

    Args:
        num_events: Number of events, half of them signal.
        num_features: Four times the number of particles.
        seed: Seed of the generator.

    Returns:
        `({"x": (events, features)}, label (events, 1))`, (E, px, py, pz) of each
        particle in turn.
    """
    rng = np.random.default_rng(seed)
    label = (np.arange(num_events) % 2).astype("float32")[:, None]
    momenta = rng.normal(size=(num_events, num_features // 4, 3))
    momenta *= 1 + 2 * label[..., None]
    energy = np.sqrt(1 + np.sum(momenta**2, axis=-1, keepdims=True))
    vectors = np.concatenate([energy, momenta], axis=-1)
    return {"x": vectors.reshape(num_events, -1).astype("float32")}, label
