"""Jets generated with Pythia 8, on demand: tops or Ws against QCD.

Needs the extra `pythia`; see `kerashep.datasets.pythia.jet_settings` for what is
generated. As the reference files of top tagging, with a simpler detector.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.data.particle_group import groups_of_lists
from kerashep.data.tables import iter_table
from kerashep.datasets.jets_simulated import check_constituents, jet_events
from kerashep.datasets.pythia.jet_settings import JetSettings
from kerashep.datasets.pythia.jets import generate_jets

LISTS = ("E", "PX", "PY", "PZ")


def load_jets(
    path: str | Path | None = None,
    *,
    events: int = 20_000,
    signal: str = "top",
    background: str = "qcd",
    constituents: int = 160,
    shapes: bool = False,
    pileup: float = 0.0,
    smeared: bool = True,
    workers: int = 1,
    seed: int = 0,
) -> Events:
    """Jets of two processes, half each, in random order.

    They are generated when first asked for, about 200 a second and process, and kept in
    files of 5,000: more of the same settings and seed only generates the further ones.

    Args:
        path: Folder to keep them in; by default the user's cache folder.
        events: How many jets, at least 2.
        signal: `top` or `w`.
        background: `qcd`, or `w` against `top`.
        constituents: How many of each are features, by falling pt; at most 200.
        shapes: Whether features are the 16 shape variables of them instead.
        pileup: Mean number of minimum-bias collisions added.
        smeared: Whether particles are measured by a detector, see `JetSettings`.
        workers: Processes that generate.
        seed: Seed of all random numbers.

    Returns:
        Events with the features `E_0`, `PX_0`, `PY_0`, `PZ_0`, `E_1`, ... (GeV; absent
        constituents are zeros), processes named after the arguments, unit weights and
        provenance `pythia`.

    Raises:
        ModuleNotFoundError: If jets must be generated without the extra `pythia`.
        ValueError: If an argument is out of range.
    """
    if events < 2 or signal == background:
        raise ValueError(
            "Expected events >= 2 and two processes. Received: "
            f"events={events}, signal='{signal}', background='{background}'."
        )
    check_constituents(constituents)
    counts = {signal: events // 2, background: events - events // 2}
    order = np.random.default_rng([seed, 0]).permutation(events)
    vectors = np.empty((events, constituents, 4), np.float32)
    label = np.zeros(events, np.float32)
    label[order[: counts[signal]]] = 1
    start = 0
    for process, count in counts.items():
        settings = JetSettings(process, pileup=pileup, smeared=smeared)
        files = generate_jets(settings, count, seed=seed, folder=path, workers=workers)
        vectors[order[start : start + count]] = read_jets(files, count, constituents)[0]
        start += count
    names = (background, signal)
    return jet_events(vectors, label, "pythia", names, shapes=shapes)


def read_jets(
    files: list[Path], jets: int, constituents: int, masses: tuple[str, ...] = ()
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Constituents `(jets, constituents, 4)` and masses `(len(masses), jets)`.

    Args:
        files: From `generate_jets`.
        jets: How many are read.
        constituents: How many of each are kept, by falling pt.
        masses: Columns to read beside.
    """
    from kerashep.data.particles import padded_particles

    (group,) = groups_of_lists(constituents)
    vectors = np.empty((jets, constituents, 4), np.float32)
    found = np.empty((len(masses), jets), np.float32)
    start = 0
    for file in files:
        for chunk in iter_table(file, [*LISTS, *masses], lists=LISTS):
            block = padded_particles(group, chunk).vectors[: jets - start]
            rows = slice(start, start + len(block))
            vectors[rows] = block
            for i, name in enumerate(masses):
                found[i, rows] = chunk[name][: len(block)]
            start += len(block)
    return vectors, found
