"""Small events and a small recipe for the tests of the training."""

import numpy as np

from kerashep.data.events import Events
from kerashep.data.splits import split_events
from kerashep.training.recipe import recipe_from_dict

MASSES = (500.0, 1000.0, 1500.0)


def toy_events(count=3000, seed=0, weights=False):
    """Three features, the first peaking at the mass; half the events are signal."""
    rng = np.random.default_rng(seed)
    label = (np.arange(count) % 2).astype("float32")
    mass = rng.choice(MASSES, count)
    x = rng.normal(size=(count, 3))
    peak = rng.normal(mass, 150.0)
    x[:, 0] = np.where(label == 1, peak, rng.exponential(900.0, count))
    x[:, 1] += label
    weight = rng.uniform(0.5, 2.0, count) if weights else np.ones(count)
    return Events(
        features=x.astype("float32"),
        feature_names=("m_reco", "a", "b"),
        label=label,
        provenance="simulated",
        parameters=np.where(label == 1, mass, np.nan)[:, None],
        parameter_names=("mass",),
        weight=weight,
        training_weight=weight,
    )


def toy_parts(count=3000, seed=0, weights=False):
    events = toy_events(count, seed, weights)
    return split_events(events, {"train": 0.7, "validation": 0.3})


def toy_recipe(model="affine_pnn", arguments=None, **training):
    standard = {
        "epochs": 3,
        "batch_size": 128,
        "learning_rate": 1e-2,
        "compiled": False,
    }
    return recipe_from_dict(
        {
            "name": "toy",
            "model": {"name": model, "arguments": arguments or {"units": [8, 4]}},
            "data": {"dataset": "file", "columns": {"features": ["m_reco", "a", "b"]}},
            "training": {**standard, **training},
        }
    )
