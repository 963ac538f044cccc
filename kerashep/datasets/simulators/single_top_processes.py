"""Hard processes of t-channel single top and its backgrounds, one muon, at 8 TeV.

Leading-order shapes by hand, with jets radiated beside them. The top of the signal is
polarised along the spectator quark and its W as the standard model has it; other Ws
decay as `1 + cos^2` about the beam. No other single top channels, no Z + jets, no
pile-up.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators.detector import BOTTOM, CHARM, LIGHT, Mask, tag_jets
from kerashep.datasets.simulators.kinematics import (
    Array,
    boost,
    direction_around_z,
    from_pt_eta_phi,
    transverse_momentum,
    two_body_decay,
    uniform,
)
from kerashep.datasets.simulators.production import (
    JETS,
    MAXIMUM_JET_ETA,
    jet_at,
    line_masses,
    normal,
    power_law,
    radiated_jets,
    recoiling,
    signs,
    soft_recoil,
    to_massless,
)
from kerashep.datasets.simulators.resonance import ttbar
from kerashep.datasets.simulators.top_decay import TOP_MASS_GEV, W_MASS_GEV, decay_top

W_WIDTH_GEV = 2.085
MUON_PT_GEV, MUON_ETA = 26.0, 2.1
TOP_POLARISATION = 0.9
TOP_SHARE = 54.87 / 84.69  # top quarks among single tops and antitops, as for their sum
POSITIVE_W_SHARE = 0.58
SPECTATOR_SCALE_GEV = 55.0  # of the W exchanged, cut by the parton densities
SECOND_B_PT_GEV = 18.0
HARD_JET_PT_GEV, HARD_JET_INDEX = 20.0, 2.3  # of W + jets
MUON_INDEX = 4.5  # of muons from b quarks
NEUTRINO_SHARE = 0.5  # mean, in units of the muon from the same b quark
# W + two jets with a pair of b quarks, a pair of c quarks, one c quark: the order of
# what leading-order generators give, scaled up by a half as data ask for.
W_FLAVOUR_SHARES = (0.02, 0.04, 0.11)


@dataclass(frozen=True)
class LeptonEvents:
    """What a process leaves to be observed.

    Attributes:
        lepton: `(4, events)` true four-momenta of the muon (GeV).
        charge: `(events,)` its sign.
        invisible: `(4, events)` sum of all neutrinos and of lost leptons (GeV).
        jets: `(4, JETS, events)` true four-momenta (GeV); absent ones vanish.
        tags: `(JETS, events)` which would be b-tagged; at least one in each event.
    """

    lepton: Array
    charge: Array
    invisible: Array
    jets: Array
    tags: Mask


# Draws so many events and returns those that have a b-tag and no second lepton.
LeptonProcess = Callable[[np.random.Generator, int], LeptonEvents]


def single_top() -> LeptonProcess:
    """Single top, t -> b mu nu: a forward spectator jet, a soft second b quark."""

    def draw(rng: np.random.Generator, events: int) -> LeptonEvents:
        tags = _tags(rng, _flavours(events, BOTTOM, LIGHT, BOTTOM))
        events = tags.shape[1]
        jets = radiated_jets(rng, 0.8, events, reserved=3)
        side = signs(rng, events, 0.5)
        jets[:, 1] = _spectator(rng, side)
        steps = rng.standard_exponential(events, np.float32)
        pt = 3 + np.float32(SECOND_B_PT_GEV) * steps
        jets[:, 2] = jet_at(rng, pt, -side * normal(rng, events, 1.4, 1.4))
        recoil = -(soft_recoil(rng, events) + jets[1:3].sum(axis=1))
        top = recoiling(rng, np.full(events, TOP_MASS_GEV, np.float32), recoil)
        jets[:, 0], lepton, neutrino = _polarised_decay(rng, top, jets[:, 1])
        charge = signs(rng, events, TOP_SHARE)
        return LeptonEvents(lepton, charge, neutrino, jets, tags)

    return draw


def top_pair(*, leptonic: bool) -> LeptonProcess:
    """A top pair with one muon.

    Args:
        leptonic: Whether the other W decays to a lepton too, which is lost, or is a
            tau that becomes a jet; else to quarks.
    """
    pairs = ttbar()

    def draw(rng: np.random.Generator, events: int) -> LeptonEvents:
        flavours = _flavours(events, BOTTOM, BOTTOM)
        if not leptonic:
            flavours[3] = _charm_or_light(rng, events)
        tags = _tags(rng, flavours)
        events = tags.shape[1]
        mass, cosine = (part.astype(np.float32) for part in pairs(rng, events))
        jets = radiated_jets(rng, 1.0, events, reserved=4)
        recoil = -(soft_recoil(rng, events) + jets[1:3].sum(axis=1))
        pair = recoiling(rng, mass, recoil)
        masses = (TOP_MASS_GEV, TOP_MASS_GEV)
        direction = direction_around_z(rng, cosine)
        top, other_top = two_body_decay(pair, mass, masses, direction)
        jets[:, 0], lepton, neutrino = decay_top(rng, top)
        jets[:, 1], first, second = decay_top(rng, other_top)
        kept = np.ones(events, bool)
        if leptonic:
            jets[:, 2], unseen, kept = _lost(rng, first)
            neutrino = neutrino + second + unseen
        else:
            jets[:, 2], jets[:, 3] = first, second
        charge = signs(rng, events, 0.5)
        return _rows(LeptonEvents(lepton, charge, neutrino, jets, tags), kept)

    return draw


def w_jets() -> LeptonProcess:
    """W -> mu nu with two jets of any flavour, or more."""

    def draw(rng: np.random.Generator, events: int) -> LeptonEvents:
        pairs = np.array([[BOTTOM, CHARM, CHARM, LIGHT], [BOTTOM, CHARM, LIGHT, LIGHT]])
        kind = np.searchsorted(np.cumsum(W_FLAVOUR_SHARES), rng.random(events))
        flavours = _flavours(events)
        flavours[:2] = pairs[:, kind]
        tags = _tags(rng, flavours)
        events = tags.shape[1]
        jets = radiated_jets(rng, 0.5, events)
        for place in (0, 1):
            pt = power_law(rng, events, HARD_JET_PT_GEV, HARD_JET_INDEX)
            jets[:, place] = jet_at(rng, pt, normal(rng, events, 0.0, 1.8))
        mass = line_masses(rng, W_MASS_GEV, W_WIDTH_GEV, events)
        recoil = -(soft_recoil(rng, events) + jets[1:3].sum(axis=1))
        boson = recoiling(rng, mass, recoil)
        lepton, neutrino = to_massless(rng, boson, mass, spin=1)
        charge = signs(rng, events, POSITIVE_W_SHARE)
        return LeptonEvents(lepton, charge, neutrino, jets, tags)

    return draw


def multijet() -> LeptonProcess:
    """QCD: an isolated muon of a b quark, a b jet opposite to it, radiated jets."""

    def draw(rng: np.random.Generator, events: int) -> LeptonEvents:
        tags = _tags(rng, _flavours(events, BOTTOM))
        events = tags.shape[1]
        jets = radiated_jets(rng, 1.2, events, reserved=1)
        pt = power_law(rng, events, MUON_PT_GEV - 2, MUON_INDEX)
        eta = uniform(rng, -MUON_ETA, MUON_ETA, events)
        lepton = jet_at(rng, pt, eta)
        share = rng.standard_exponential(events, np.float32)
        neutrino = lepton * np.float32(NEUTRINO_SHARE) * share
        radiated = soft_recoil(rng, events) + jets[1:3].sum(axis=1)
        balance = -(radiated + lepton[1:3] + neutrino[1:3])
        away = eta + normal(rng, events, 0, 1.4)
        away = np.clip(away, -MAXIMUM_JET_ETA, MAXIMUM_JET_ETA)
        phi = np.arctan2(balance[1], balance[0])
        jets[:, 0] = from_pt_eta_phi(np.hypot(*balance), away, phi)
        charge = signs(rng, events, 0.5)
        return LeptonEvents(lepton, charge, neutrino, jets, tags)

    return draw


def diboson(
    other_mass_gev: float, shares: tuple[float, float], quarks: int
) -> LeptonProcess:
    """W -> mu nu and another boson that decays to two quarks.

    Args:
        other_mass_gev: Mass of the other boson.
        shares: Of its decays to b and to c quarks.
        quarks: How many of the two quarks have that flavour.
    """

    def draw(rng: np.random.Generator, events: int) -> LeptonEvents:
        drawn = np.searchsorted(np.cumsum(shares), rng.random(events))
        flavours = _flavours(events)
        flavours[:quarks] = np.array([BOTTOM, CHARM, LIGHT])[drawn]
        tags = _tags(rng, flavours)
        events = tags.shape[1]
        jets = radiated_jets(rng, 0.8, events)
        recoil = -(soft_recoil(rng, events) + jets[1:3].sum(axis=1))
        excess = np.float32(60) * rng.standard_gamma(2.0, events, np.float32)
        mass = W_MASS_GEV + other_mass_gev + excess
        cosine = np.tanh(uniform(rng, -2.0, 2.0, events))
        w, other = two_body_decay(
            recoiling(rng, mass, recoil),
            mass,
            (W_MASS_GEV, other_mass_gev),
            direction_around_z(rng, cosine),
        )
        ones = np.ones(events, np.float32)
        lepton, neutrino = to_massless(rng, w, np.float32(W_MASS_GEV) * ones, spin=1)
        decayed = to_massless(rng, other, np.float32(other_mass_gev) * ones, spin=1)
        jets[:, 0], jets[:, 1] = decayed
        charge = signs(rng, events, POSITIVE_W_SHARE)
        return LeptonEvents(lepton, charge, neutrino, jets, tags)

    return draw


def _polarised_decay(
    rng: np.random.Generator, top: Array, spectator: Array
) -> tuple[Array, Array, Array]:
    """`(b, lepton, neutrino)` with the lepton as `(1 + P cos) / 2` about the spectator.

    An isotropic decay is inverted, as a whole, in the top's rest frame where the sign
    of its cosine is not the one drawn: that leaves the decay itself as it is.
    """
    at_rest = np.zeros_like(top)
    at_rest[0] = TOP_MASS_GEV
    products = decay_top(rng, at_rest)
    reverse = np.concatenate([top[:1], -top[1:]])
    axis = boost(spectator, reverse, TOP_MASS_GEV)
    lepton = products[1]
    cosine = (axis[1:] * lepton[1:]).sum(axis=0) / (axis[0] * lepton[0])
    along = rng.random(len(cosine), np.float32) < (
        (1 + np.float32(TOP_POLARISATION) * np.abs(cosine)) / 2
    )
    sign = np.where(along == (cosine > 0), 1, -1).astype(np.float32)
    for product in products:
        product[1:] *= sign
    b, lepton, neutrino = (boost(product, top, TOP_MASS_GEV) for product in products)
    return b, lepton, neutrino


def _spectator(rng: np.random.Generator, side: Array) -> Array:
    """The quark that radiated the W: `d sigma / d pt^2 ~ (pt^2 + scale^2)^-2`."""
    u = uniform(rng, 0.0, 0.97, len(side))
    pt = np.float32(SPECTATOR_SCALE_GEV) * np.sqrt(u / (1 - u))
    return jet_at(rng, pt, side * normal(rng, len(side), 2.1, 1.2))


def _lost(rng: np.random.Generator, lepton: Array) -> tuple[Array, Array, Mask]:
    """Jet and invisible part `(4, events)` of a second lepton; whether none is seen.

    A third are taus, of which a part becomes a jet. Electrons and muons are lost at
    pt < 10 GeV or |eta| > 2.5.
    """
    events = lepton.shape[1]
    tau = rng.random(events, np.float32) < 1 / 3
    jet = lepton * np.where(tau, uniform(rng, 0.3, 0.95, events), 0).astype(np.float32)
    pt = transverse_momentum(lepton)
    outside = np.abs(lepton[3]) > np.float32(np.sinh(2.5)) * pt
    return jet, lepton - jet, tau | outside | (pt < 10)


def _rows(events: LeptonEvents, kept: Mask) -> LeptonEvents:
    if kept.all():
        return events
    return LeptonEvents(
        events.lepton[:, kept],
        events.charge[kept],
        events.invisible[:, kept],
        events.jets[:, :, kept],
        events.tags[:, kept],
    )


def _flavours(events: int, *hard: int) -> NDArray[np.int8]:
    """Flavours `(JETS, events)`: those of the first places, else light."""
    flavours = np.full((JETS, events), LIGHT, np.int8)
    for place, flavour in enumerate(hard):
        flavours[place] = flavour
    return flavours


def _charm_or_light(rng: np.random.Generator, events: int) -> NDArray[np.int8]:
    """Flavours of the up-type quark of a W's decay."""
    return np.where(rng.random(events) < 0.5, CHARM, LIGHT).astype(np.int8)


def _tags(rng: np.random.Generator, flavours: NDArray[np.int8]) -> Mask:
    """b-tags `(JETS, n)` of those events that have one."""
    tags = tag_jets(rng, flavours)
    tagged: Mask = tags[:, tags.any(axis=0)]
    return tagged
