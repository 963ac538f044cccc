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
