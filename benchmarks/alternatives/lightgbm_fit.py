"""LightGBM, for scale: what boosted trees take on the same events."""

from typing import Any

import lightgbm

from benchmarks.events import from_settings, weighted_loss
from benchmarks.worker import Work

ROUNDS = 100
OPTIONS = {"objective": "binary", "num_threads": 1, "verbose": -1, "seed": 0}


class LightGBMFit(Work):
    """100 trees of 31 leaves, binning of the features included."""

    packages = ("lightgbm",)

    def __init__(self, settings: dict[str, Any]) -> None:
        self.sample, self.held_out = from_settings(settings)

    def run(self, name: str) -> None:  # noqa: ARG002
        """Trains."""
        one = self.sample
        data = lightgbm.Dataset(one.x, one.y[:, 0], weight=one.w)
        self.trees = lightgbm.train(OPTIONS, data, num_boost_round=ROUNDS)

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """Loss on held-out events."""
        scores = self.trees.predict(self.held_out.x, num_threads=1)
        return {"held_out_loss": weighted_loss(scores, self.held_out)}


def build(settings: dict[str, Any]) -> LightGBMFit:
    """Called by the worker."""
    return LightGBMFit(settings)
