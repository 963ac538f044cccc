"""Simulated electron candidates: images, tracks and scalars, in six classes.

Any number, in NumPy, without download: see `kerashep.datasets.simulators.electrons` for
what is in the simulation and `kerashep.datasets.electron_schema` for the columns.
Electrons of a user's own: `kerashep.datasets.read_electrons`.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.datasets.electron_schema import CLASSES, ELECTRON_SCHEMA
from kerashep.datasets.simulators.electrons.candidate_classes import (
    CANDIDATE_CLASSES,
)
from kerashep.datasets.simulators.electrons.simulate import simulate

LEAST_EVENTS = 50
_CHUNK = 4000  # candidates of one seed
_COMMON = 0.1  # a share above it makes a class one of the two common ones


def load_electrons(
    *, events: int = 100_000, rare: float = 0.1, workers: int = 1, seed: int = 0
) -> Events:
    """Simulates electron candidates after the preselection, in random order.

    Weights give the classes their shares: 36.5 % `signal`, 61.8 % `light_hadron` and
    1.7 % for the four rare ones (Kahya, 2020, section 1.4; among these four, shares are
    chosen here), which are simulated more often than that. Weights sum to the number
    of events.

    Args:
        events: How many candidates, at least 50.
        rare: Part of them in the four rare classes together; 0.017 for unit weights.
        workers: Threads that simulate; the events do not depend on it.
        seed: Seed of all random numbers.

    Returns:
        Events with the features of `ELECTRON_SCHEMA`, the processes `CLASSES` in that
        order, the label 1 for `signal`, and provenance `simulated`.

    Raises:
        ValueError: If a number is out of range.
    """
    if events < LEAST_EVENTS or not 0.005 <= rare <= 0.9 or workers < 1:
        raise ValueError(
            f"Expected events >= {LEAST_EVENTS}, 0.005 <= rare <= 0.9 and workers >= 1."
            f" Received: events={events}, rare={rare:g}, workers={workers}."
        )
    counts = _counts(events, rare)
    order = np.random.default_rng([seed, 0]).permutation(events)
    process = np.empty(events, np.int16)
    process[order] = np.repeat(np.arange(len(counts)), counts)
    shares = np.array([kind.share for kind in CANDIDATE_CLASSES])
    return Events(
        features=_features(order, counts, workers, seed),
        feature_names=ELECTRON_SCHEMA.feature_names,
        feature_units=ELECTRON_SCHEMA.feature_units,
        label=(process == CLASSES.index("signal")).astype(np.float32),
        process=process,
        process_names=CLASSES,
        weight=(events * shares / counts)[process],
        provenance="simulated",
    )


def _features(
    order: NDArray[np.int64], counts: NDArray[np.int64], workers: int, seed: int
) -> NDArray[np.float32]:
    """Features whose rows `order` are class by class."""
    width = len(ELECTRON_SCHEMA.feature_names)
    features = np.empty((len(order), width), np.float32)

    def fill(chunk: tuple[int, int, NDArray[np.int64]]) -> None:
        number, part, rows = chunk
        rng = np.random.default_rng([seed, 1, number, part])
        features[rows] = simulate(CANDIDATE_CLASSES[number], len(rows), rng)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(fill, _chunks(order, counts)))
    return features


def _chunks(
    order: NDArray[np.int64], counts: NDArray[np.int64]
) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    """Number of the class, number of its chunk, and rows of that."""
    for number, rows in enumerate(np.split(order, np.cumsum(counts)[:-1])):
        for part, start in enumerate(range(0, len(rows), _CHUNK)):
            yield number, part, rows[start : start + _CHUNK]


def _counts(events: int, rare: float) -> NDArray[np.int64]:
    """Candidates of each class, at least one; the commonest has the rest."""
    shares = np.array([kind.share for kind in CANDIDATE_CLASSES])
    common = shares > _COMMON
    fractions = np.full(len(shares), rare / (~common).sum())
    fractions[common] = (1 - rare) * shares[common] / shares[common].sum()
    counts: NDArray[np.int64] = np.maximum(events * fractions, 1).astype(np.int64)
    counts[np.argmax(shares)] += events - counts.sum()
    return counts
