"""Simulated HEPMASS-like events: X -> tt -> WWbb -> l nu qq bb against SM tt.

Any mass, in NumPy, without download: see `kerashep.datasets.simulators.resonance` for
what is in the simulation and what is not.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from kerashep.data.events import Events
from kerashep.datasets.simulators.resonance import (
    COLLISION_ENERGY_GEV,
    FEATURE_NAMES,
    FEATURE_UNITS,
    THRESHOLD_GEV,
    resonance,
    simulate,
    ttbar,
)

MASSES_GEV = (500.0, 750.0, 1000.0, 1250.0, 1500.0)


def load_resonance(
    *,
    masses_gev: Sequence[float] | None = None,
    signal_events: int | Mapping[float, int] = 20_000,
    background_events: int = 100_000,
    relative_width: float = 0.03,
    seed: int = 0,
) -> Events:
    """Simulates signal at each mass and background, in random order.

    The sample of one mass depends on `seed`, the mass and its own size only, whatever
    else is asked for.

    Args:
        masses_gev: Masses of X (GeV), above 345 (twice the top's). By default those of
            `signal_events` if that is a mapping, else 500, 750, 1000, 1250, 1500.
        signal_events: Selected events for each mass, or a number for every mass.
        background_events: Selected tt events.
        relative_width: Natural width of X over its mass.
        seed: Seed of all random numbers.

    Returns:
        Events with 27 features, the parameter `mass` (GeV; NaN for background), the
        processes `ttbar` and `X`, unit weights and provenance `simulated`.

    Raises:
        ValueError: If a mass, a number of events or the width is out of range.
    """
    counts = _signal_counts(masses_gev, signal_events)
    _check(counts, background_events, relative_width)
    rng = np.random.default_rng([seed, 0])
    features = [simulate(ttbar(), background_events, rng)]
    masses = [np.full(background_events, np.nan)]
    for mass, events in counts.items():
        rng = np.random.default_rng([seed, 1, round(1000 * mass)])
        features.append(simulate(resonance(mass, relative_width), events, rng))
        masses.append(np.full(events, mass))
    mass_column = np.concatenate(masses)
    order = np.random.default_rng([seed, 2]).permutation(len(mass_column))
    mass_column = mass_column[order]
    return Events(
        features=np.concatenate(features)[order],
        feature_names=FEATURE_NAMES,
        feature_units=FEATURE_UNITS,
        label=np.isfinite(mass_column).astype(np.float32),
        parameters=mass_column[:, np.newaxis].astype(np.float32),
        parameter_names=("mass",),
        process_names=("ttbar", "X"),
        provenance="simulated",
    )


def _signal_counts(
    masses_gev: Sequence[float] | None, signal_events: int | Mapping[float, int]
) -> dict[float, int]:
    if isinstance(signal_events, Mapping):
        counts = {float(mass): int(n) for mass, n in signal_events.items()}
        if masses_gev is not None and {float(m) for m in masses_gev} != set(counts):
            raise ValueError(
                "`masses_gev` must be the keys of `signal_events`, or be left out. "
                f"Received: {tuple(masses_gev)} and {tuple(counts)}."
            )
        return counts
    masses = MASSES_GEV if masses_gev is None else masses_gev
    return {float(mass): int(signal_events) for mass in masses}


def _check(
    counts: Mapping[float, int], background_events: int, relative_width: float
) -> None:
    if not counts:
        raise ValueError("`masses_gev` must hold at least one mass. Received: none.")
    for mass, events in counts.items():
        if not THRESHOLD_GEV < mass < COLLISION_ENERGY_GEV / 2:
            raise ValueError(
                f"Masses must be in GeV, between {THRESHOLD_GEV:g} (twice the top "
                f"quark's) and {COLLISION_ENERGY_GEV / 2:g} (half the collision "
                f"energy). Received: mass {mass:g}."
            )
        if events < 1:
            raise ValueError(
                "`signal_events` must be positive for each mass. "
                f"Received: {events} at {mass:g} GeV."
            )
    if background_events < 1:
        raise ValueError(
            "`background_events` must be positive. "
            f"Received: background_events={background_events}."
        )
    if not 0 < relative_width <= 0.5:
        raise ValueError(
            "`relative_width` must be in (0, 0.5]. "
            f"Received: relative_width={relative_width}."
        )
