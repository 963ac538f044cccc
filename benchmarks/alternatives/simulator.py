"""Simulated events: `kerashep.datasets.simulators`, as the data set `resonance`."""

from typing import Any

import numpy as np

from benchmarks.worker import Work
from kerashep.datasets.simulators.resonance import (
    FEATURE_NAMES,
    resonance,
    simulate,
    ttbar,
)

PROCESSES = {"background": ttbar(), "signal": resonance(1000.0, 0.03)}


class Simulation(Work):
    """Events of the process that is named, with other random numbers each time."""

    packages = ("kerashep",)

    def __init__(self, settings: dict[str, Any]) -> None:
        self.events = int(settings["events"])
        self.seed = 0
        self.mean = float("nan")

    def run(self, name: str) -> None:
        """Draws, smears, selects and computes the features."""
        self.seed += 1
        rng = np.random.default_rng(self.seed)
        features = simulate(PROCESSES[name], self.events, rng)
        self.mean = float(np.mean(features[:, FEATURE_NAMES.index("m_WWbb")]))

    def outcome(self, name: str) -> dict[str, float]:  # noqa: ARG002
        """Mean reconstructed mass in GeV."""
        return {"mean_m_wwbb_gev": self.mean}


def build(settings: dict[str, Any]) -> Simulation:
    """Called by the worker."""
    return Simulation(settings)
