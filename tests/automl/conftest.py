"""A parametric toy: a resonance at the mass, on a flat background."""

import numpy as np
import pytest

from kerashep.data.events import Events

MASSES = (500.0, 1000.0, 1500.0)


def _resonance(count, seed=0, names=("mass",)):
    """`count` signal events a mass and as many background events in all."""
    rng = np.random.default_rng(seed)
    mass = np.repeat(MASSES, count)
    signal = len(mass)
    peak = rng.normal(mass, 120)
    flat = rng.uniform(0, 2000, signal)
    reconstructed = np.concatenate([peak, flat])
    other = rng.normal(np.repeat([0.5, 0.0], signal), 1)
    parameters = np.concatenate([mass, np.full(signal, np.nan)])
    return Events(
        features=np.stack([reconstructed, other], axis=1),
        feature_names=("m_reco", "other"),
        label=np.repeat([1.0, 0.0], signal),
        provenance="simulated",
        parameters=np.repeat(parameters[:, None], len(names), axis=1),
        parameter_names=names,
    )


@pytest.fixture(scope="session")
def resonance():
    return _resonance


@pytest.fixture(scope="session")
def best_auc():
    """AUC of the likelihood ratio at one mass, on independent events."""
    from sklearn.metrics import roc_auc_score

    events = _resonance(20_000, seed=99)
    x, background = events.features, events.label == 0

    def auc(mass):
        z = ((x[:, 0] - mass) / 120) ** 2
        ratio = -z / 2 + (x[:, 1] ** 2 - (x[:, 1] - 0.5) ** 2) / 2
        chosen = background | (events.parameters[:, 0] == mass)
        return roc_auc_score(events.label[chosen], ratio[chosen])

    return auc
