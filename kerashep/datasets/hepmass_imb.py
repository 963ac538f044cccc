"""HEPMASS-IMB: HEPMASS with few signal events, fewer the heavier the signal.

Table 1 and section 3.1.1 of Anzalone, Diotalevi and Bonacorsi, "Improving parametric
neural networks for high-energy physics (and beyond)", arXiv:2202.00424.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kerashep.data.events import Events
from kerashep.datasets.hepmass import load_hepmass

SIGNAL_EVENTS = {
    500.0: 350_000,
    750.0: 140_000,
    1000.0: 35_000,
    1250.0: 7_000,
    1500.0: 2_000,
}


def load_hepmass_imb(
    path: str | Path | None = None,
    *,
    fraction: float = 1.0,
    max_events: int | None = None,
    fetch: bool = False,
    seed: int = 42,
) -> Events:
    """The imbalanced training sample: all the background, part of the signal.

    Of the signal, 350k, 140k, 35k, 7k and 2k events are kept at 500, 750, 1000, 1250
    and 1500 GeV, drawn without replacement. The test sample stays as it is: that of
    `load_hepmass(split="test")`.

    Args:
        path: As for `load_hepmass`.
        fraction: Scales the numbers of signal events, for files that hold only a part
            of HEPMASS.
        max_events: As for `load_hepmass`: the draw is among the first so many events
            of the file. `fraction` must fit: a tenth of them is signal of each mass.
        fetch: As for `load_hepmass`.
        seed: Seed of the draw.

    Raises:
        FileNotFoundError: If the file is not there, saying where to get it.
        ValueError: If it holds fewer signal events than asked for.
    """
    if not 0 < fraction <= 1:
        raise ValueError(
            f"`fraction` must be in (0, 1]. Received: fraction={fraction}."
        )
    counts = {mass: round(fraction * n) for mass, n in SIGNAL_EVENTS.items()}
    events = load_hepmass(path, split="train", max_events=max_events, fetch=fetch)
    return imbalance(events, counts, seed=seed)


def imbalance(
    events: Events,
    counts: Mapping[float, int],
    *,
    seed: int,
    parameter: str = "mass",
) -> Events:
    """Keeps all the background and `counts` signal events of each mass.

    Args:
        events: Signal of several masses, and background; their order is kept.
        counts: Signal events to keep for each mass (GeV) in `events`; 0 keeps none.
        seed: Seed of the draw, which is without replacement.
        parameter: Name of the parameter that holds the mass.

    Raises:
        ValueError: If a mass is unknown or not listed, or has fewer events than asked.
    """
    rng = np.random.default_rng(seed)
    is_signal = events.label == 1
    mass = events.column(parameter)
    present = np.unique(mass[is_signal])
    wanted = {np.float32(value): int(count) for value, count in counts.items()}
    if set(wanted) != set(present):
        raise ValueError(
            f"`counts` must list each signal {parameter} of the events: "
            f"{', '.join(f'{value:g}' for value in present)}. "
            f"Received: {', '.join(f'{value:g}' for value in wanted)}."
        )
    kept = ~is_signal
    for value, count in sorted(wanted.items()):
        rows = np.flatnonzero(is_signal & (mass == value))
        if not 0 <= count <= len(rows):
            raise ValueError(
                f"`counts` must be between 0 and the {len(rows)} signal events with "
                f"{parameter} {value:g}. Received: {count}. Ask for fewer (in "
                "`load_hepmass_imb` by `fraction`) or load more events."
            )
        kept[rng.choice(rows, count, replace=False)] = True
    return events.take(kept)
