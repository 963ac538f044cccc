"""Simulated t-channel single top against top pairs, W + jets, QCD and dibosons.

Any number, in NumPy, without download: see `kerashep.datasets.simulators.single_top`
for the yields, and beside it for the processes, the selection and the features. For the
two networks of such an analysis: a small one against QCD, a larger one for the top.
"""

from typing import Literal

import numpy as np

from kerashep._messages import did_you_mean
from kerashep.data.events import Events
from kerashep.datasets.simulators.single_top import (
    COMPONENTS,
    PROCESSES,
    simulate,
    weights,
)
from kerashep.datasets.simulators.single_top_features import (
    QCD_FEATURES,
    TOP_FEATURES,
    feature_unit,
)

LEAST_EVENTS = 100
FEATURES = {"top": TOP_FEATURES, "qcd": QCD_FEATURES}


def load_single_top(
    *,
    events: int = 100_000,
    network: Literal["top", "qcd"] = "top",
    negative_weights: bool = True,
    seed: int = 0,
) -> Events:
    """Simulates selected events of all processes, in random order.

    Whatever the network, the same seed gives the same events; the weights of a process
    sum to its expected yield, however many events there are.

    Args:
        events: How many, of all processes together; at least 100. 30 % are single top.
        network: `top`: 50 features, single top is the signal. `qcd`: 5 features, every
            process with a W is the signal, QCD the background.
        negative_weights: Whether some events of single top (10 %), W + jets (15 %) and
            top pairs (20 %) have negative weights, as NLO generators give; else all
            are positive and the yields the same.
        seed: Seed of all random numbers.

    Returns:
        Events with the processes `ttbar`, `W_jets`, `QCD`, `WW`, `WZ` and `single_top`;
        provenance `simulated`.

    Raises:
        ValueError: If there are too few events for every process to have some, or there
            is no such network.
    """
    if events < LEAST_EVENTS:
        raise ValueError(
            f"`events` must be at least {LEAST_EVENTS}. Received: events={events}."
        )
    if network not in FEATURES:
        raise ValueError(
            f"Unknown `network` '{network}'." + did_you_mean(network, FEATURES)
        )
    names = FEATURES[network]
    features = np.empty((events, len(names)), np.float32)
    process = np.empty(events, np.int16)
    weight = np.empty(events)
    order = np.random.default_rng([seed, 0]).permutation(events)
    edges = np.round(np.cumsum([0.0] + [part.share for part in COMPONENTS]) * events)
    for number, part in enumerate(COMPONENTS):
        rows = order[int(edges[number]) : int(edges[number + 1])]
        rng = np.random.default_rng([seed, 1, number])
        features[rows] = simulate(part, len(rows), names, rng)
        negative = part.negative_share if negative_weights else 0.0
        weight[rows] = weights(part.expected, len(rows), negative)
        process[rows] = PROCESSES.index(part.process)
    signal = PROCESSES.index("single_top")
    label = process == signal if network == "top" else process != PROCESSES.index("QCD")
    return Events(
        features=features,
        feature_names=names,
        feature_units=tuple(map(feature_unit, names)),
        label=label.astype(np.float32),
        process=process,
        process_names=PROCESSES,
        weight=weight,
        provenance="simulated",
    )
