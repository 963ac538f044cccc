"""Jets of batches of generated events, with FastJet.

Cacciari, Salam, Soyez, Eur. Phys. J. C 72 (2012) 1896, arXiv:1111.6097. Soft drop with
beta = 0 and z_cut = 0.1: Larkoski, Marzani, Soyez, Thaler, arXiv:1402.2657.
"""

from typing import Any

import awkward as ak
import numpy as np

from kerashep.datasets.pythia.jet_settings import JetSettings

RADIUS = 0.8
PT_GEV = (550.0, 650.0)
MAXIMUM_ETA = 2.0
MOST_CONSTITUENTS = 200
SOFTEST_GEV = 0.5  # measured particle
_SOFTEST_MEASURED_GEV = 300.0  # of a jet after detector and pile-up
_NEAR = 0.4
_NEUTRAL = (130, 310, 311, 2112, 3122, 3322)
_COMPONENTS = ("px", "py", "pz", "E")


def visible_particles(batch: Any, maximum_eta: float = np.inf) -> Any:
    """Final particles but neutrinos: px, py, pz, E (GeV) and id, by event.

    Args:
        batch: Of `event_batches`.
        maximum_eta: Leaves out those beyond.
    """
    final = batch.prt[batch.prt.status > 0]
    number = abs(final.id)
    seen = (number != 12) & (number != 14) & (number != 16)  # neutrinos
    particles = ak.zip(
        {
            "px": final.p.px,
            "py": final.p.py,
            "pz": final.p.pz,
            "E": final.p.e,
            "id": number,
        }
    )[seen]
    if np.isfinite(maximum_eta):
        particles = particles[abs(_eta(particles)) < maximum_eta]
    return particles


def jets_of_batch(
    batch: Any, settings: JetSettings, rng: np.random.Generator, pool: Any
) -> dict[str, Any]:
    """Selected jets of a batch, as columns.

    Args:
        batch: Of `event_batches`.
        settings: What is selected and measured.
        rng: Source of detector and pile-up.
        pool: Particles of minimum-bias events, of `visible_particles`; used with
            pile-up only.

    Returns:
        `E`, `PX`, `PY`, `PZ` (lists of the up to 200 leading constituents, by falling
        pt), `jet_mass` and, for Ws, `true_mass` (soft-drop mass of the generated
        particles) and `groomed_mass` (that of the measured ones), in GeV.
    """
    particles = visible_particles(batch)
    seen = _measured(particles, settings, rng, pool)
    if not settings.has_true_mass:
        _, parts = _selected(batch, settings, seen)
        return _columns(ak.flatten(parts, axis=1))
    jets, true = _selected(batch, settings, particles)
    found, nearest = _nearest(jets, *_clustered(seen, _SOFTEST_MEASURED_GEV))
    true, measured = ak.flatten(true, axis=1)[found], ak.flatten(nearest, axis=1)
    columns = _columns(measured)
    columns["true_mass"] = _soft_drop_mass(true)
    columns["groomed_mass"] = _soft_drop_mass(measured)
    return columns


def _selected(batch: Any, settings: JetSettings, particles: Any) -> tuple[Any, Any]:
    """Jets that are wanted, and their constituents, by event."""
    jets, parts = _clustered(particles, PT_GEV[0])
    good = (_pt(jets) < PT_GEV[1]) & (abs(_eta(jets)) < MAXIMUM_ETA)
    if settings.quarks:
        good = good & (_quarks_inside(batch, jets) == settings.quarks)
    return jets[good], parts[good]


def _columns(measured: Any) -> dict[str, Any]:
    leading = measured[ak.argsort(_pt(measured), ascending=False)]
    leading = leading[:, :MOST_CONSTITUENTS]
    return {
        "E": leading.E,
        "PX": leading.px,
        "PY": leading.py,
        "PZ": leading.pz,
        "jet_mass": _mass(measured),
    }


def _mass(constituents: Any) -> Any:
    """Masses (GeV) of the sums of constituents."""
    energy, *momentum = (
        ak.to_numpy(ak.sum(constituents[name], axis=1))
        for name in ("E", "px", "py", "pz")
    )
    square = energy**2 - sum(component**2 for component in momentum)
    return np.sqrt(np.maximum(square, 0))


def _clustered(particles: Any, least_pt: float) -> tuple[Any, Any]:
    """Jets of each event and their constituents."""
    import fastjet

    momenta = particles[list(_COMPONENTS)]
    definition = fastjet.JetDefinition(fastjet.antikt_algorithm, RADIUS)
    sequence = fastjet.ClusterSequence(momenta, definition)
    return sequence.inclusive_jets(least_pt), sequence.constituents(least_pt)


def _soft_drop_mass(constituents: Any) -> Any:
    """Masses (GeV) of jets, clustered anew with Cambridge/Aachen and groomed."""
    import fastjet

    if not len(constituents):
        return np.empty(0)
    definition = fastjet.JetDefinition(fastjet.cambridge_algorithm, 2 * RADIUS)
    sequence = fastjet.ClusterSequence(constituents[list(_COMPONENTS)], definition)
    groomed = sequence.exclusive_jets_softdrop_grooming(
        njets=1, beta=0, symmetry_cut=0.1, R0=RADIUS
    )
    return np.maximum(ak.to_numpy(groomed.msoftdrop), 0)


def _quarks_inside(batch: Any, jets: Any) -> Any:
    """How many quarks of the decays are within the radius of each jet."""
    every = batch.prt
    quarks = every[(every.status == -23) & (abs(every.id) < 6)]
    momenta = ak.zip({"px": quarks.p.px, "py": quarks.p.py, "pz": quarks.p.pz})
    return ak.sum(_distances(jets, momenta) < RADIUS, axis=2)


def _nearest(jets: Any, measured: Any, parts: Any) -> tuple[Any, Any]:
    """Which jets have a measured one near (flat), and the constituents of that one."""
    apart = _distances(jets, measured)
    near = ak.fill_none(ak.min(apart, axis=2) < _NEAR, False)
    place = ak.fill_none(ak.argmin(apart, axis=2), 0)[near]
    return ak.flatten(near), parts[place]


def _measured(
    particles: Any, settings: JetSettings, rng: np.random.Generator, pool: Any
) -> Any:
    """Particles with pile-up and detector."""
    if settings.pileup:
        added = _pileup(len(particles), settings.pileup, rng, pool)
        particles = ak.concatenate([particles, added], axis=1)
    if not settings.smeared:
        return particles
    number = ak.to_numpy(ak.flatten(particles.id))
    energy = np.maximum(ak.to_numpy(ak.flatten(particles.E)), 1e-6)
    photon, neutral = number == 22, np.isin(number, _NEUTRAL)
    stochastic = np.select([photon, neutral], [0.1, 0.5], 0.0)
    constant = np.select([photon, neutral], [0.01, 0.05], 0.02)
    width = np.sqrt(stochastic**2 / energy + constant**2)
    scale = np.maximum(1 + width * rng.standard_normal(len(width)), 0.01)
    px, py, pz = (
        scale * ak.to_numpy(ak.flatten(particles[name])) for name in _COMPONENTS[:3]
    )
    momentum = np.sqrt(px**2 + py**2 + pz**2)  # massless
    flat = ak.zip({"px": px, "py": py, "pz": pz, "E": momentum})
    measured = ak.unflatten(flat, ak.num(particles))
    seen = ak.unflatten(np.hypot(px, py) > SOFTEST_GEV, ak.num(particles))
    return measured[seen]


def _pileup(events: int, mean: float, rng: np.random.Generator, pool: Any) -> Any:
    """Particles of events of the pool, each turned about the beam by a random angle."""
    numbers = rng.poisson(mean, events)
    chosen = pool[rng.integers(0, len(pool), numbers.sum())]
    turn = rng.uniform(-np.pi, np.pi, len(chosen))
    cosine, sine = np.cos(turn), np.sin(turn)
    turned = ak.zip(
        {
            "px": cosine * chosen.px - sine * chosen.py,
            "py": sine * chosen.px + cosine * chosen.py,
            "pz": chosen.pz,
            "E": chosen.E,
            "id": chosen.id,
        }
    )
    return ak.flatten(ak.unflatten(turned, numbers), axis=2)


def _distances(first: Any, second: Any) -> Any:
    """Distance of each of `first` from each of `second`, nested, by event."""
    pairs = ak.cartesian({"a": first, "b": second}, nested=True)
    phi = _phi(pairs.a) - _phi(pairs.b)
    phi = phi - 2 * np.pi * np.round(phi / (2 * np.pi))
    return np.hypot(_eta(pairs.a) - _eta(pairs.b), phi)


def _pt(vector: Any) -> Any:
    return np.hypot(vector.px, vector.py)


def _eta(vector: Any) -> Any:
    return np.arcsinh(vector.pz / _pt(vector))


def _phi(vector: Any) -> Any:
    return np.arctan2(vector.py, vector.px)
