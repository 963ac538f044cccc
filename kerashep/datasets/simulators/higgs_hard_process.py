"""Hard processes of a search for H -> tau tau -> lepton + hadronic tau at 8 TeV.

Leading-order shapes by hand: a boson that recoils against radiated jets and soft
hadrons, or a top pair; collinear, unpolarised tau decays; a jet taken for a tau in
W + jets. Azimuths are uniform, and nothing prefers one beam.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.detector import MAXIMUM_ETA, smear_leptons
from kerashep.datasets.simulators.kinematics import (
    Array,
    direction_around_z,
    from_pt_eta_phi,
    transverse_momentum,
    two_body_decay,
    uniform,
)
from kerashep.datasets.simulators.production import (
    MAXIMUM_JET_ETA,
    line_masses,
    radiated_jets,
    recoiling,
    soft_recoil,
    to_massless,
)
from kerashep.datasets.simulators.resonance import ttbar
from kerashep.datasets.simulators.tau_decay import tau_to_hadrons, tau_to_lepton
from kerashep.datasets.simulators.top_decay import TOP_MASS_GEV, decay_top

LEPTON_PT_GEV, TAU_PT_GEV = 26.0, 20.0  # least measured transverse momenta
FAKE_TAU_INDEX = 2.5
FAKE_TAU_RESOLUTION = 0.15
TAG_JET_PT_GEV = 45.0


@dataclass(frozen=True)
class HardEvents:
    """What a process leaves to be observed, before the detector's effect on jets.

    Attributes:
        lepton: `(4, events)` measured four-momenta (GeV).
        tau: `(4, events)` measured four-momenta of the visible hadronic tau.
        jets: `(4, JETS, events)` true four-momenta; absent ones vanish.
        soft: `(2, events)` true transverse momentum of all else that is visible.
    """

    lepton: Array
    tau: Array
    jets: Array
    soft: Array


HardProcess = Callable[[np.random.Generator, int], HardEvents]


def boson_to_taus(
    mass_gev: float, width_gev: float, *, radiation: float, spin: int, tagged: bool
) -> HardProcess:
    """A boson that decays to tau leptons, and jets it recoils against.

    Args:
        mass_gev: Its mass.
        width_gev: Its natural width, of a Breit-Wigner line cut at 20 widths.
        radiation: Mean number of radiated jets above 15 GeV, nearly; it fluctuates.
        spin: 0 decays isotropically, 1 as `1 + cos^2` about the beam.
        tagged: Whether it comes with two hard jets far forward and backward, as from
            the fusion of vector bosons.
    """

    def draw(rng: np.random.Generator, events: int) -> HardEvents:
        mass = line_masses(rng, mass_gev, width_gev, events)
        jets = radiated_jets(rng, radiation, events)
        if tagged:
            jets[:, :2] = _tag_jets(rng, events)
        soft = soft_recoil(rng, events)
        recoil = -(soft + jets[1:3].sum(axis=1))
        reach = _largest_daughter_pt(mass, recoil)
        lepton_share = tau_to_lepton(rng, events)
        tau_share = tau_to_hadrons(rng, events)
        seen = lepton_share * reach > LEPTON_PT_GEV
        kept = np.flatnonzero(seen & (tau_share * reach > TAU_PT_GEV))
        boson = recoiling(rng, mass[kept], recoil[:, kept])
        first, second = to_massless(rng, boson, mass[kept], spin)
        lepton, tau = first * lepton_share[kept], second * tau_share[kept]
        return _accepted(lepton, tau, jets, soft, kept)

    return draw


def w_with_fake_tau(mass_gev: float, width_gev: float, radiation: float) -> HardProcess:
    """W -> lepton + neutrino, and a jet that is taken for a hadronic tau."""

    def draw(rng: np.random.Generator, events: int) -> HardEvents:
        mass = line_masses(rng, mass_gev, width_gev, events)
        pt = rng.standard_exponential(events, np.float32) / np.float32(FAKE_TAU_INDEX)
        pt = TAU_PT_GEV * np.exp(pt)
        eta = uniform(rng, -MAXIMUM_ETA, MAXIMUM_ETA, events)
        tau = from_pt_eta_phi(pt, eta, uniform(rng, -np.pi, np.pi, events))
        jets = radiated_jets(rng, radiation, events)
        soft = soft_recoil(rng, events)
        response = 1 + FAKE_TAU_RESOLUTION * rng.standard_normal(events, np.float32)
        recoil = -(soft + jets[1:3].sum(axis=1) + response * tau[1:3])
        kept = np.flatnonzero(_largest_daughter_pt(mass, recoil) > LEPTON_PT_GEV)
        boson = recoiling(rng, mass[kept], recoil[:, kept])
        lepton, _ = to_massless(rng, boson, mass[kept], spin=1)
        return _accepted(smear_leptons(rng, lepton), tau[:, kept], jets, soft, kept)

    return draw


def top_pair(radiation: float) -> HardProcess:
    """A top pair that decays to b lepton neutrino, b tau neutrino.

    The spectrum of the pair is that of `kerashep.datasets.simulators.resonance`.
    """
    pairs = ttbar()

    def draw(rng: np.random.Generator, events: int) -> HardEvents:
        mass, cos_theta = (part.astype(np.float32) for part in pairs(rng, events))
        jets = radiated_jets(rng, radiation, events)
        soft = soft_recoil(rng, events)
        pair = recoiling(rng, mass, -(soft + jets[1:3].sum(axis=1)))
        direction = direction_around_z(rng, cos_theta)
        masses = (TOP_MASS_GEV, TOP_MASS_GEV)
        top, other_top = two_body_decay(pair, mass, masses, direction)
        jets[:, 0], lepton, _ = decay_top(rng, top)
        jets[:, 1], tau, _ = decay_top(rng, other_top)
        lepton = smear_leptons(rng, lepton)
        return _accepted(
            lepton, tau * tau_to_hadrons(rng, events), jets, soft, np.arange(events)
        )

    return draw


def _tag_jets(rng: np.random.Generator, events: int) -> Array:
    """Two jets `(4, 2, events)` (GeV), one in each hemisphere."""
    shape = (2, events)
    pt = 15 + np.float32(TAG_JET_PT_GEV) * np.sqrt(
        rng.standard_exponential(shape, np.float32)
        * rng.standard_exponential(shape, np.float32)
    )
    eta = 2.3 + rng.standard_normal(shape, np.float32)
    eta[1] = -eta[1]
    eta *= np.where(rng.random(events, np.float32) < 0.5, -1, 1).astype(np.float32)
    eta = np.clip(eta, -MAXIMUM_JET_ETA, MAXIMUM_JET_ETA)
    return from_pt_eta_phi(pt, eta, uniform(rng, -np.pi, np.pi, shape))


def _largest_daughter_pt(mass: Array, recoil: Array) -> Array:
    """Transverse momentum of a massless daughter that flies along its parent's."""
    square = recoil[0] ** 2 + recoil[1] ** 2
    largest: Array = (np.sqrt(mass**2 + square) + np.sqrt(square)) / 2
    return largest


def _accepted(
    lepton: Array, tau: Array, jets: Array, soft: Array, rows: NDArray[np.intp]
) -> HardEvents:
    """Events whose lepton and tau are in the acceptance; `rows` are theirs in jets."""
    slope = np.float32(np.sinh(MAXIMUM_ETA))
    good = np.ones(len(rows), bool)
    for part, least in ((lepton, LEPTON_PT_GEV), (tau, TAU_PT_GEV)):
        pt = transverse_momentum(part)
        good &= (pt > least) & (np.abs(part[3]) < slope * pt)
    kept = np.flatnonzero(good)
    chosen = rows[kept]
    return HardEvents(
        lepton=lepton[:, kept],
        tau=tau[:, kept],
        jets=jets[:, :, chosen],
        soft=soft[:, chosen],
    )
