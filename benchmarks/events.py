"""Simulated events for all alternatives, made by NumPy alone.

The peers' environment has neither kerashep nor TensorFlow, so neither is imported here.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
MASSES = (500.0, 750.0, 1000.0, 1250.0, 1500.0)
HELD_OUT = 50_000
_BLOCK = 100_000


@dataclass(frozen=True)
class Sample:
    """Events of a binary classification.

    Args:
        x: `(events, features)`, standardised.
        y: `(events, 1)`, 1 = signal.
        w: `(events,)` training weights of mean 1.
        m: `(events, 1)` mass in GeV, or None.
    """

    x: Array
    y: Array
    w: Array
    m: Array | None = None

    @property
    def inputs(self) -> dict[str, Array]:
        """Named inputs of a Keras model."""
        return {"x": self.x} if self.m is None else {"x": self.x, "m": self.m}


def make_sample(
    count: int, features: int, *, parametric: bool = False, seed: int = 0
) -> Sample:
    """Standard normal features; the classes differ in products of some of them.

    The log-odds are `x0 x1 + sin(2 x2) + (x3^2 - 1) / 2 + x4`, and `x5 (m - 1 TeV) / 1
    TeV` besides for parametric events. The weights are uniform in 0.5 to 1.5.

    Args:
        count: Number of events.
        features: Number of features, at least 6.
        parametric: Whether events have a mass, of five, drawn alike in both classes.
        seed: Of all random numbers.
    """
    rng = np.random.default_rng((seed, 0x6265))
    x = np.empty((count, features), "float32")
    for first in range(0, count, _BLOCK):
        rng.standard_normal(out=x[first : first + _BLOCK], dtype="float32")
    mass = rng.choice(np.array(MASSES, "float32"), (count, 1)) if parametric else None
    log_odds = x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + (x[:, 3] ** 2 - 1) / 2
    log_odds += x[:, 4]
    if mass is not None:
        log_odds += x[:, 5] * (mass[:, 0] / 1000 - 1)
    y = rng.random(count, dtype="float32") < 1 / (1 + np.exp(-log_odds))
    w = rng.uniform(0.5, 1.5, count)
    w = (w / w.mean()).astype("float32")
    return Sample(x, y[:, None].astype("float32"), w, mass)


def from_settings(settings: dict[str, Any]) -> tuple[Sample, Sample]:
    """Training and held-out events of a benchmark: `events`, `features`, `network`."""
    features, parametric = settings["features"], settings["network"] == "affine_pnn"
    train = make_sample(settings["events"], features, parametric=parametric)
    return train, make_sample(HELD_OUT, features, parametric=parametric, seed=1)


def weighted_loss(scores: Array, sample: Sample) -> float:
    """Weighted mean binary cross-entropy of signal probabilities."""
    p = np.clip(np.reshape(scores, -1).astype("float64"), 1e-7, 1 - 1e-7)
    each = -np.where(sample.y[:, 0] == 1, np.log(p), np.log1p(-p))
    return float(np.average(each, weights=sample.w))
