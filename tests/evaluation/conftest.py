"""A parametric toy whose AUC is known: one Gaussian feature, shifted by the mass."""

import math

import numpy as np
import pytest

from kerashep.data.events import Events
from kerashep.evaluation import evaluate_per_mass


class Toy:
    """Signal N(m / 500 GeV, 1) against background N(0, 1), and a useless feature."""

    masses = (500.0, 1000.0, 1500.0)

    def events(self, count=6000, seed=0, weight=None, label_share=0.5):
        rng = np.random.default_rng(seed)
        label = (rng.random(count) < label_share).astype("float32")
        mass = rng.choice(self.masses, count).astype("float32")
        features = rng.normal(size=(count, 2)).astype("float32")
        features[:, 0] += label * mass / 500.0
        mass[label == 0] = np.nan
        return Events(
            features=features,
            feature_names=("x", "noise"),
            label=label,
            provenance="simulated",
            parameters=mass[:, None],
            parameter_names=("mass",),
            weight=weight,
        )

    @staticmethod
    def score(x, m):
        """The likelihood ratio as a probability at equal totals."""
        shift = m[:, 0] / 500.0
        return 1.0 / (1.0 + np.exp(0.5 * shift**2 - shift * x[:, 0]))

    @staticmethod
    def noisy(x, m):
        """A worse score that depends on the same events."""
        shift = m[:, 0] / 500.0
        return 1.0 / (1.0 + np.exp(0.5 * shift**2 - shift * (x[:, 0] + 0.5 * x[:, 1])))

    @staticmethod
    def auc(mass_gev):
        return 0.5 * (1.0 + math.erf(mass_gev / 500.0 / 2.0))


@pytest.fixture(scope="session")
def toy():
    return Toy()


@pytest.fixture(scope="session")
def toy_metrics(toy):
    """Good and worse score on the same events."""
    events = toy.events()
    return [
        evaluate_per_mass(events, score, bootstrap=60)
        for score in (toy.score, toy.noisy)
    ]


@pytest.fixture
def scored():
    """Label, score with ties, positive weight."""
    rng = np.random.default_rng(3)
    label = rng.integers(0, 2, 400)
    score = np.round(rng.normal(size=400) + label, 1).astype("float32")
    return label, score, rng.gamma(2.0, size=400)
