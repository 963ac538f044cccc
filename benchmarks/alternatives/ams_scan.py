"""The AMS at every cut of simulated scores: `kerashep.evaluation.ams_scan`."""

from typing import Any

import numpy as np

from benchmarks.worker import Work
from kerashep.evaluation.ams import ams_scan

SIGNAL_SHARE = 0.34
YIELDS = {"signal": 691.99, "background": 410_999.85}


class Scan(Work):
    """Events of the challenge's class sizes and yields, with overlapping scores."""

    packages = ("kerashep",)

    def __init__(self, settings: dict[str, Any]) -> None:
        count = int(settings["events"])
        rng = np.random.default_rng(0)
        signal = rng.random(count, np.float32) < SIGNAL_SHARE
        logit = 1.5 * rng.standard_normal(count, np.float32) + 2.0 * signal - 1.0
        score = 1.0 / (1.0 + np.exp(-logit.astype("float32")))
        each = [YIELDS["background"] / (~signal).sum(), YIELDS["signal"] / signal.sum()]
        self.columns = (signal.astype("float32"), score, np.where(signal, *each[::-1]))
        self.best = float("nan")

    def run(self, name: str) -> None:  # noqa: ARG002
        """Checks, ranks, sums, and takes the best of all cuts."""
        self.best = ams_scan(*self.columns).ams

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """The largest AMS."""
        return {"ams": self.best}


def build(settings: dict[str, Any]) -> Scan:
    """Called by the worker."""
    return Scan(settings)
