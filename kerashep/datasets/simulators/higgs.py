"""H -> tau tau -> lepton + hadronic tau and its backgrounds, as in HiggsML (8 TeV).

Hard process, detector, then the columns of the challenge. Good for the shape of an
analysis, not for a cross-section: the yields are those of the challenge's events, whose
weights tell the processes apart.
"""

from dataclasses import dataclass

import numpy as np

from kerashep.datasets.higgsml_columns import (
    BACKGROUND_YIELD,
    FEATURE_NAMES,
    SIGNAL_YIELD,
)
from kerashep.datasets.simulators.ditau_mass import tau_pair_mass
from kerashep.datasets.simulators.higgs_derived import derived_features
from kerashep.datasets.simulators.higgs_hard_process import (
    HardProcess,
    boson_to_taus,
    top_pair,
    w_with_fake_tau,
)
from kerashep.datasets.simulators.higgs_observation import observe
from kerashep.datasets.simulators.kinematics import Array

BLOCK = 16_384


@dataclass(frozen=True)
class Component:
    """A process, or a way of producing one, of which a number of events is drawn.

    Attributes:
        process: Name of the physics process.
        expected: Expected events, the sum of the physics weights.
        share: Fraction of the simulated events.
        draw: The hard process.
    """

    process: str
    expected: float
    share: float
    draw: HardProcess


# Shares of the signal and background yields, and of the events, as the values of
# KaggleWeight show them in the published events. The second component is the fusion of
# vector bosons.
SIGNAL_SHARE = 85_667 / 250_000
COMPONENTS = (
    Component(
        "H_tautau",
        0.91 * SIGNAL_YIELD,
        0.5 * SIGNAL_SHARE,
        boson_to_taus(125.0, 0.004, radiation=2.1, spin=0, tagged=False),
    ),
    Component(
        "H_tautau",
        0.09 * SIGNAL_YIELD,
        0.5 * SIGNAL_SHARE,
        boson_to_taus(125.0, 0.004, radiation=0.9, spin=0, tagged=True),
    ),
    Component(
        "Z_tautau",
        0.19 * BACKGROUND_YIELD,
        0.46 * (1 - SIGNAL_SHARE),
        boson_to_taus(91.19, 2.495, radiation=1.2, spin=1, tagged=False),
    ),
    Component(
        "ttbar",
        0.04 * BACKGROUND_YIELD,
        0.10 * (1 - SIGNAL_SHARE),
        top_pair(radiation=1.2),
    ),
    Component(
        "W_jets",
        0.77 * BACKGROUND_YIELD,
        0.44 * (1 - SIGNAL_SHARE),
        w_with_fake_tau(80.4, 2.085, radiation=1.15),
    ),
)


def simulate(process: HardProcess, events: int, rng: np.random.Generator) -> Array:
    """Selected events of one process.

    Args:
        process: The hard process.
        events: How many events with one lepton (pt > 26 GeV) and one hadronic tau
            (pt > 20 GeV), both of |eta| < 2.5, are wanted.
        rng: Source of all randomness.

    Returns:
        `(events, 30)` float32 features in the order of `FEATURE_NAMES`; NaN = missing.
    """
    features = np.empty((events, len(FEATURE_NAMES)), np.float32)
    filled = 0
    efficiency = 0.1
    while filled < events:
        drawn = min(int(1.1 * (events - filled) / efficiency) + 100, BLOCK)
        block = _table(observe(rng, process(rng, drawn)))
        kept = min(events - filled, block.shape[1])
        features[filled : filled + kept] = block[:, :kept].T
        filled += kept
        efficiency = max(block.shape[1] / drawn, 0.01)
    return features


def _table(primary: dict[str, Array]) -> Array:
    """`(30, events)` features of observed events."""
    derived = derived_features(primary)
    derived["DER_mass_MMC"] = tau_pair_mass(
        lepton=_components(primary["PRI_lep_pt"], primary["PRI_lep_phi"]),
        tau=_components(primary["PRI_tau_pt"], primary["PRI_tau_phi"]),
        met=_components(primary["PRI_met"], primary["PRI_met_phi"]),
        sum_et=primary["PRI_met_sumet"],
        visible_mass=derived["DER_mass_vis"],
    )
    columns = derived | primary
    return np.stack([columns[name] for name in FEATURE_NAMES])


def _components(pt: Array, phi: Array) -> Array:
    return np.stack([pt * np.cos(phi), pt * np.sin(phi)])
