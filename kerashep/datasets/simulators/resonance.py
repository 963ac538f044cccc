"""X -> tt -> WWbb -> l nu qq bb and its background SM tt, at the LHC (13 TeV).

Leading-order shapes by hand instead of a generator: resonance line or falling tt
spectrum, spin-1 or t-channel angular distribution, unpolarised tops with polarised Ws,
all on their mass shell, initial-state radiation as extra jets against which the pair
recoils, and the parametric detector. No final-state radiation, taus, pile-up or other
backgrounds. Good for the shape of an analysis, not for a cross-section.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.datasets.simulators import detector
from kerashep.datasets.simulators.kinematics import (
    Array,
    azimuth,
    direction_around_z,
    from_mass_rapidity,
    from_pt_eta_phi,
    pseudorapidity,
    transverse_momentum,
    two_body_decay,
    uniform,
)
from kerashep.datasets.simulators.reconstruction import (
    JETS,
    solve_neutrino,
    top_masses,
)
from kerashep.datasets.simulators.top_decay import TOP_MASS_GEV, decay_top

COLLISION_ENERGY_GEV = 13_000.0
THRESHOLD_GEV = 2 * TOP_MASS_GEV
FEATURE_NAMES = (
    *("lep_pt", "lep_eta", "lep_phi", "met", "met_phi", "njets"),
    *(f"j{i}_{what}" for i in (1, 2, 3, 4) for what in ("pt", "eta", "phi", "btag")),
    *("m_lv", "m_jj", "m_jjj", "m_jlv", "m_WWbb"),
)
FEATURE_UNITS = tuple(
    "GeV"
    if name.endswith("pt") or name == "met" or name.startswith("m_")
    else "rad"
    if name.endswith("phi")
    else ""
    for name in FEATURE_NAMES
)
BLOCK = 16_384
EXTRA_JETS = 4
RADIATION_RATE = 2.0  # mean number of extra jets above 15 GeV at m_tt = 500 GeV
RADIATION_PT_GEV = 15.0
RADIATION_INDEX = 1.4
MAXIMUM_RADIATION_ETA = 4.0
SOFT_RECOIL_GEV = 10.0

HardProcess = Callable[[np.random.Generator, int], tuple[Array, Array]]


def resonance(mass_gev: float, relative_width: float) -> HardProcess:
    """Signal: Breit-Wigner line above threshold, `1 + cos^2` of a spin-1 resonance."""

    def draw(rng: np.random.Generator, events: int) -> tuple[Array, Array]:
        half_width = relative_width * mass_gev / 2
        low, high = np.arctan(
            (np.array([THRESHOLD_GEV + 1, COLLISION_ENERGY_GEV / 2]) - mass_gev)
            / half_width
        )
        mass = mass_gev + half_width * np.tan(rng.uniform(low, high, events))
        quantile = uniform(rng, -2.0, 2.0, events)
        return mass.astype(np.float32), 2 * np.sinh(np.arcsinh(quantile) / 3)

    return draw


def ttbar() -> HardProcess:
    """Background: falling m_tt spectrum above threshold, t-channel poles in angle."""
    step, table = _ttbar_masses()

    def draw(rng: np.random.Generator, events: int) -> tuple[Array, Array]:
        place = rng.standard_exponential(events, np.float32) / step
        place = np.minimum(place, len(table) - 2)
        fraction, row = np.modf(place)
        row = row.astype(np.int32)
        mass = table[row] + fraction * (table[row + 1] - table[row])
        velocity = np.sqrt(1 - (THRESHOLD_GEV / mass) ** 2).clip(0.01, 0.999)
        rapidity = np.arctanh(velocity) * uniform(rng, -1.0, 1.0, events)
        return mass, np.tanh(rapidity) / velocity

    return draw


def _ttbar_masses() -> tuple[float, Array]:
    """Masses (GeV) above which a fraction `exp(-step * row)` of the pairs lies, by row.

    The spectrum is velocity x x^-2.3 (1 - x)^34 with x = m_tt / collision energy: phase
    space, and a stand-in for the parton luminosities.
    """
    mass = np.geomspace(THRESHOLD_GEV, COLLISION_ENERGY_GEV / 2, 20_000)
    fraction = mass / COLLISION_ENERGY_GEV
    velocity = np.sqrt(1 - (THRESHOLD_GEV / mass) ** 2)
    density = velocity * fraction**-2.3 * (1 - fraction) ** 34
    strips = np.diff(mass) * (density[1:] + density[:-1]) / 2
    above = np.cumsum(strips[::-1])[::-1] / strips.sum()
    rows = np.linspace(0, 16, 2049)
    return float(rows[1]), np.interp(rows, -np.log(above), mass[:-1]).astype(np.float32)


def simulate(process: HardProcess, events: int, rng: np.random.Generator) -> Array:
    """Selected events of one process.

    Args:
        process: Draws invariant mass (GeV) and polar cosine of the top pair.
        events: How many events that pass the selection (one lepton, at least four
            jets, one of the four leading ones b-tagged) are wanted.
        rng: Source of all randomness.

    Returns:
        `(events, 27)` float32 features in the order of `FEATURE_NAMES`.
    """
    features = np.empty((events, len(FEATURE_NAMES)), np.float32)
    filled = 0
    while filled < events:
        drawn = min(4 * (events - filled) + 100, BLOCK)
        block = _simulate_block(process, drawn, rng)
        kept = min(events - filled, block.shape[1])
        features[filled : filled + kept] = block[:, :kept].T
        filled += kept
    return features


def _simulate_block(
    process: HardProcess, events: int, rng: np.random.Generator
) -> Array:
    """`(27, selected)` features of those of `events` drawn that are selected."""
    leptonic_top, hadronic_top, radiation = _production(process, events, rng)
    b, lepton, neutrino = decay_top(rng, leptonic_top)
    lepton = detector.smear_leptons(rng, lepton)
    seen = np.flatnonzero(detector.in_acceptance(lepton))
    lepton, neutrino, b = (part.take(seen, axis=1) for part in (lepton, neutrino, b))
    hadronic_b, q, other_q = decay_top(rng, hadronic_top.take(seen, axis=1))
    jets = np.empty((4, 4 + EXTRA_JETS, len(seen)), np.float32)
    for place, quark in enumerate((b, hadronic_b, q, other_q)):
        jets[:, place] = quark
    jets[:, 4:] = radiation.take(seen, axis=2)
    return _observe(rng, lepton, neutrino, jets)


def _production(
    process: HardProcess, events: int, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Both tops `(4, events)` and the radiated jets `(4, 4, events)` (GeV)."""
    mass, cos_theta = (part.astype(np.float32) for part in process(rng, events))
    radiation = _radiation(rng, mass)
    recoil = SOFT_RECOIL_GEV * rng.standard_normal((2, events), np.float32)
    recoil -= radiation[1:3].sum(axis=1)
    limit = np.log(np.float32(COLLISION_ENERGY_GEV) / mass)
    rapidity = 0.34 * limit * rng.standard_normal(events, np.float32)
    pair = from_mass_rapidity(mass, np.clip(rapidity, -limit, limit), *recoil)
    direction = direction_around_z(rng, cos_theta)
    masses = (TOP_MASS_GEV, TOP_MASS_GEV)
    return (*two_body_decay(pair, mass, masses, direction), radiation)


def _radiation(rng: np.random.Generator, mass: Array) -> Array:
    """Massless extra jets `(4, 4, events)` (GeV); absent ones vanish."""
    shape = (EXTRA_JETS, len(mass))
    probability = RADIATION_RATE / EXTRA_JETS * (mass / 500) ** 0.4
    present = np.flatnonzero(rng.random(shape, np.float32) < probability)
    steps = rng.standard_exponential(len(present), np.float32) / RADIATION_INDEX
    pt = np.minimum(RADIATION_PT_GEV * np.exp(steps), mass[present % len(mass)] / 2)
    eta = uniform(rng, -MAXIMUM_RADIATION_ETA, MAXIMUM_RADIATION_ETA, len(present))
    phi = uniform(rng, -np.pi, np.pi, len(present))
    jets = np.zeros((4, EXTRA_JETS * len(mass)), np.float32)
    for row, component in zip(jets, from_pt_eta_phi(pt, eta, phi), strict=True):
        row[present] = component
    return jets.reshape(4, *shape)


def _observe(
    rng: np.random.Generator, lepton: Array, neutrino: Array, jets: Array
) -> Array:
    """Detector, selection and reconstruction: `(27, selected)` features."""
    detector.merge_jets(jets, 4)
    detector.smear_jets(rng, jets)
    accepted = detector.in_acceptance(jets)
    number = accepted.sum(axis=0, dtype=np.int8)
    isolated = detector.isolated(lepton, jets, accepted)
    kept = np.flatnonzero((number >= JETS) & isolated)
    pt = (transverse_momentum(jets) * accepted).take(kept, axis=1)
    leading = np.argsort(-pt, axis=0)[:JETS]
    tags = detector.tag_jets(rng, _flavours(rng, leading))
    tagged = np.flatnonzero(tags.any(axis=0))
    kept, leading, tags = kept[tagged], leading[:, tagged], tags[:, tagged]
    lepton, neutrino = lepton.take(kept, axis=1), neutrino.take(kept, axis=1)
    sum_pt = transverse_momentum(lepton) + pt.sum(axis=0)[tagged]
    met = detector.missing_momentum(rng, neutrino, sum_pt)
    leading_jets = jets.reshape(4, -1).take(leading * len(number) + kept, axis=1)
    return _features(lepton, met, number[kept], leading_jets, tags)


def _flavours(rng: np.random.Generator, quark: NDArray[Any]) -> NDArray[Any]:
    """Flavours of jets by their place: two b quarks, then W -> sc in half the cases."""
    by_place = np.full((2, 4 + EXTRA_JETS), detector.LIGHT, np.int8)
    by_place[:, :2] = detector.BOTTOM
    by_place[1, 3] = detector.CHARM
    charm = rng.integers(0, 2, quark.shape[1], np.int8)
    flavours: NDArray[Any] = by_place[charm, quark]
    return flavours


def _features(
    lepton: Array,
    met: Array,
    number: NDArray[Any],
    jets: Array,
    tags: NDArray[np.bool_],
) -> Array:
    """The 27 features, `(27, events)`, in the order of `FEATURE_NAMES`."""
    columns: dict[str, Any] = {
        "lep_pt": transverse_momentum(lepton),
        "lep_eta": pseudorapidity(lepton),
        "lep_phi": azimuth(lepton),
        "met": np.sqrt(met[0] ** 2 + met[1] ** 2),
        "met_phi": np.arctan2(met[1], met[0]),
        "njets": number,
    }
    for place in range(JETS):
        jet = jets[:, place]
        columns[f"j{place + 1}_pt"] = transverse_momentum(jet)
        columns[f"j{place + 1}_eta"] = pseudorapidity(jet)
        columns[f"j{place + 1}_phi"] = azimuth(jet)
        columns[f"j{place + 1}_btag"] = tags[place]
    neutrino, columns["m_lv"] = solve_neutrino(lepton, *met)
    columns |= top_masses(lepton + neutrino, jets, tags)
    return np.stack([columns[name] for name in FEATURE_NAMES]).astype(np.float32)
