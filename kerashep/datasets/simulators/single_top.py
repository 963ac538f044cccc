"""t-channel single top and its backgrounds after a selection, with their yields.

Hard process, detector, selection, features. Yields are cross-section x branching
fraction x acceptance x 19.7 / fb at 8 TeV, one muon: of the right size against each
other, though not for a measurement.
"""

from dataclasses import dataclass

import numpy as np

from kerashep.datasets.simulators.kinematics import Array
from kerashep.datasets.simulators.single_top_features import single_top_features
from kerashep.datasets.simulators.single_top_observation import observe
from kerashep.datasets.simulators.single_top_processes import (
    LeptonProcess,
    diboson,
    multijet,
    single_top,
    top_pair,
    w_jets,
)

LUMINOSITY_INVERSE_PB = 19_700.0
BLOCK = 65_536
# Branching fractions (Particle Data Group) of W to one charged lepton and to quarks, of
# Z to quarks, and of hadronic Z decays to b and to c quarks.
W_TO_LEPTON, W_TO_QUARKS, Z_TO_QUARKS = 0.1086, 0.6741, 0.6991
Z_SHARES = (0.216, 0.172)
# Cross-sections (pb) at 8 TeV. Single top, t-channel: NLO, HATHOR 2.1. Top pairs: NNLO
# + NNLL, Top++ 2.0. WW, WZ: NLO, MCFM. W -> l nu with two to four partons, three
# leptons: MADGRAPH, 2483 pb, scaled to the inclusive NNLO cross-section (x 1.234).
SINGLE_TOP_PB, TOP_PAIR_PB, WW_PB, WZ_PB = 84.69, 252.89, 54.84, 33.21
W_TWO_JETS_PB = 1.234 * 2483.0
# QCD with a muon above 15 GeV: PYTHIA, as CMS used it; scaled to the muon's threshold
# here by the slope of its spectrum. The share of isolated muons is assumed, so that QCD
# is about a sixth of the selected events: its rate must be measured in data.
MUON_QCD_PB = 364e6 * 3.7e-4
ISOLATED_MUONS = 0.005
MULTIJET_PB = MUON_QCD_PB * (15.0 / 26.0) ** 4.5 * ISOLATED_MUONS


@dataclass(frozen=True)
class Component:
    """A process, or a part of one.

    Attributes:
        process: Its name.
        cross_section_pb: Branching fractions included.
        acceptance: Selected over drawn events of this simulator, from 10^6 drawn.
        share: Fraction of the simulated events.
        negative_share: Fraction of its events with a negative weight.
        draw: The hard process.
    """

    process: str
    cross_section_pb: float
    acceptance: float
    share: float
    negative_share: float
    draw: LeptonProcess

    @property
    def expected(self) -> float:
        """Selected events at the luminosity: the sum of the physics weights."""
        return self.cross_section_pb * self.acceptance * LUMINOSITY_INVERSE_PB


# Negative weights come with matching NLO matrix elements to a parton shower: a few to
# forty per cent of the events, by process (Frederix et al., arXiv:2002.12716). The
# fractions here are assumed within that range; dibosons and QCD are leading order.
COMPONENTS = (
    Component(
        "single_top", SINGLE_TOP_PB * W_TO_LEPTON, 0.2600, 0.30, 0.10, single_top()
    ),
    Component(
        "ttbar",
        TOP_PAIR_PB * 2 * W_TO_LEPTON * W_TO_QUARKS,
        0.2547,
        0.20,
        0.20,
        top_pair(leptonic=False),
    ),
    Component(
        "ttbar",
        TOP_PAIR_PB * 2 * W_TO_LEPTON * 3 * W_TO_LEPTON,
        0.1661,
        0.08,
        0.20,
        top_pair(leptonic=True),
    ),
    Component("W_jets", W_TWO_JETS_PB / 3, 0.0061, 0.22, 0.15, w_jets()),
    Component("QCD", MULTIJET_PB, 0.0734, 0.12, 0.0, multijet()),
    Component(
        "WW",
        WW_PB * 2 * W_TO_LEPTON * W_TO_QUARKS,
        0.0205,
        0.04,
        0.0,
        diboson(80.4, (0.0, 0.5), quarks=1),
    ),
    Component(
        "WZ",
        WZ_PB * W_TO_LEPTON * Z_TO_QUARKS,
        0.0755,
        0.04,
        0.0,
        diboson(91.19, Z_SHARES, quarks=2),
    ),
)
PROCESSES = ("ttbar", "W_jets", "QCD", "WW", "WZ", "single_top")


def simulate(
    part: Component, events: int, names: tuple[str, ...], rng: np.random.Generator
) -> Array:
    """Features of selected events of one component.

    Args:
        part: What to draw.
        events: How many selected events are wanted.
        names: Of the features, see `single_top_features`.
        rng: Source of all randomness.

    Returns:
        `(events, len(names))` float32.
    """
    features = np.empty((events, len(names)), np.float32)
    filled = 0
    while filled < events:
        wanted = int(1.1 * (events - filled) / part.acceptance) + 100
        observed = observe(rng, part.draw(rng, min(wanted, BLOCK)))
        columns = single_top_features(observed)
        kept = min(events - filled, len(observed.number))
        rows = slice(filled, filled + kept)
        for place, name in enumerate(names):
            features[rows, place] = columns[name][:kept]
        filled += kept
    return features


def weights(expected: float, events: int, negative_share: float) -> Array:
    """Physics weights `(events,)` of one magnitude, the negative ones first.

    Events come in no order, so that the sign has nothing to do with the kinematics: it
    costs statistical power and nothing else.

    Args:
        expected: Their sum.
        events: Number of simulated events.
        negative_share: Of the events, below 1/2, rounded to whole events.
    """
    negative = round(negative_share * events)
    weight = np.full(events, expected / (events - 2 * negative))
    weight[:negative] *= -1
    return weight
