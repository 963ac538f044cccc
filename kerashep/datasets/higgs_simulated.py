"""Simulated HiggsML-like events: H -> tau tau against Z, top pairs and W + jets.

Any number, in NumPy, without download: see `kerashep.datasets.simulators.higgs` for the
processes and their weights.
"""

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.datasets.higgsml_columns import (
    FEATURE_NAMES,
    feature_units,
    to_cartesian,
)
from kerashep.datasets.simulators.higgs import COMPONENTS, simulate

LEAST_EVENTS = 50


def load_higgs_simulated(
    *, events: int = 250_000, cartesian: bool = False, seed: int = 0
) -> Events:
    """Simulates events with the columns of HiggsML, in random order.

    The numbers of events of the processes and their weights are as in the challenge:
    the weights sum to 691.99 for the signal and 410,999.85 for the background, however
    many events there are.

    Args:
        events: How many, of all processes together; at least 50. 34 % are signal.
        cartesian: As for `kerashep.datasets.load_higgsml`: 31 features instead of 30.
        seed: Seed of all random numbers.

    Returns:
        Events with the features of `load_higgsml`, NaN where missing; the processes
        `Z_tautau`, `W_jets`, `ttbar` and `H_tautau`; provenance `simulated`.

    Raises:
        ValueError: If there are too few events for every process to have some.
    """
    if events < LEAST_EVENTS:
        raise ValueError(
            f"`events` must be at least {LEAST_EVENTS}. Received: events={events}."
        )
    counts = _counts(events)
    names = tuple(dict.fromkeys(part.process for part in reversed(COMPONENTS)))
    features = np.empty((events, len(FEATURE_NAMES)), np.float32)
    order = np.random.default_rng([seed, 0]).permutation(events)
    process = np.empty(events, np.int16)
    weight = np.empty(events)
    start = 0
    for number, (part, count) in enumerate(zip(COMPONENTS, counts, strict=True)):
        rng = np.random.default_rng([seed, 1, number])
        rows = order[start : start + count]
        features[rows] = simulate(part.draw, count, rng)
        process[rows] = names.index(part.process)
        weight[rows] = part.expected / count
        start += count
    columns: tuple[str, ...] = FEATURE_NAMES
    if cartesian:
        features, columns = to_cartesian(features)
    return Events(
        features=features,
        feature_names=columns,
        feature_units=feature_units(columns),
        label=(process == names.index("H_tautau")).astype(np.float32),
        process=process,
        process_names=names,
        weight=weight,
        provenance="simulated",
        allow_missing=True,
    )


def _counts(events: int) -> NDArray[np.int64]:
    """Events of each component: by share, the rest to those that lack most."""
    wanted = events * np.array([part.share for part in COMPONENTS])
    counts: NDArray[np.int64] = np.floor(wanted).astype(np.int64)
    most = np.argsort(counts - wanted, kind="stable")
    counts[most[: events - counts.sum()]] += 1
    return counts
