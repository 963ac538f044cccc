"""Inputs of the two networks of a single top analysis, from observed events.

Five that tell a W from QCD, and fifty for the top. Where both jets are tagged, the b of
the top is the harder one, and the light jet the other.
"""

from dataclasses import dataclass

import numpy as np

from kerashep.datasets.simulators.kinematics import (
    Array,
    azimuth,
    boost,
    invariant_mass,
    pseudorapidity,
    transverse_momentum,
)
from kerashep.datasets.simulators.reconstruction import solve_neutrino
from kerashep.datasets.simulators.single_top_observation import Observed

QCD_FEATURES = ("mt_w", "met", "lep_pt", "dphi_lep_met", "dphi_j1_met")
_OBJECTS = ("lep", "j1", "j2", "b", "light")
_PAIRS = (("lep", "j1"), ("lep", "j2"), ("lep", "b"), ("lep", "light"), ("b", "light"))
TOP_FEATURES = (
    *(f"{name}_{what}" for name in _OBJECTS for what in ("pt", "eta")),
    *(
        "j3_pt",
        "j1_btag",
        "j2_btag",
        "njets",
        "ntags",
        "lep_charge",
        "charge_light_eta",
    ),
    *("met", "mt_w", "dphi_lep_met", "dphi_j1_met", "dphi_b_met", "dphi_light_met"),
    *(f"dr_{first}_{second}" for first, second in _PAIRS),
    *("deta_lep_light", "deta_b_light", "deta_top_light", "dphi_top_light"),
    *("w_pt", "w_eta", "top_pt", "top_eta", "m_top", "m_lb", "m_b_light", "m_j1_j2"),
    *(
        "m_jets",
        "m_lep_jets",
        "m_all",
        "ht",
        "st",
        "pt_jets",
        "cos_star",
        "cos_helicity",
    ),
    *("sphericity", "aplanarity"),
)
_GEV = ("met", "mt_w", "ht", "st", "pt_jets")


def feature_unit(name: str) -> str:
    """Unit of a feature: `GeV`, `rad` or none."""
    if name.endswith("_pt") or name.startswith("m_") or name in _GEV:
        return "GeV"
    return "rad" if name.startswith("dphi_") else ""


def single_top_features(events: Observed) -> dict[str, Array]:
    """All inputs by name, `(events,)` float32 each.

    Args:
        events: Selected events; the third jet's `j3_pt` is 0 where there is none.
    """
    system = _System.of(events)
    columns = {
        **_kinematics(events, system),
        **_angles(system),
        **_masses(system),
        **_decay_angles(system),
        **_shapes(system),
    }
    return {name: np.asarray(value, "float32") for name, value in columns.items()}


@dataclass(frozen=True)
class _System:
    """Four-vectors `(4, events)` (GeV) that features are made of."""

    lep: Array
    jets: Array
    b: Array
    light: Array
    met: Array
    neutrino: Array
    w: Array
    top: Array

    @classmethod
    def of(cls, events: Observed) -> "_System":
        jets, pt = events.jets, transverse_momentum(events.jets)
        row = np.arange(jets.shape[2])
        tagged = (pt * events.tags).argmax(axis=0)
        eta = np.arcsinh(jets[3] / np.maximum(pt, 1))
        wanted = np.abs(eta) + 10 * ~events.tags
        wanted[pt == 0] = -1
        wanted[tagged, row] = -2
        b, light = jets[:, tagged, row], jets[:, wanted.argmax(axis=0), row]
        neutrino, _ = solve_neutrino(events.lepton, *events.met)
        met = np.zeros_like(neutrino)
        met[0], met[1:3] = np.hypot(*events.met), events.met
        w = events.lepton + neutrino
        return cls(events.lepton, jets, b, light, met, neutrino, w, w + b)


def _kinematics(events: Observed, system: _System) -> dict[str, Array]:
    jets = events.jets
    vectors = {
        "lep": system.lep,
        "j1": jets[:, 0],
        "j2": jets[:, 1],
        "b": system.b,
        "light": system.light,
        "w": system.w,
        "top": system.top,
    }
    columns = {}
    for name, vector in vectors.items():
        columns[f"{name}_pt"] = transverse_momentum(vector)
        columns[f"{name}_eta"] = pseudorapidity(vector)
    ht = transverse_momentum(jets).sum(axis=0)
    return {
        **columns,
        "j3_pt": transverse_momentum(jets[:, 2]),
        "j1_btag": events.tags[0],
        "j2_btag": events.tags[1],
        "njets": events.number,
        "ntags": events.tags.sum(axis=0),
        "lep_charge": events.charge,
        "charge_light_eta": events.charge * np.abs(columns["light_eta"]),
        "met": system.met[0],
        "ht": ht,
        "st": ht + columns["lep_pt"] + system.met[0],
        "pt_jets": transverse_momentum(jets.sum(axis=1)),
    }


def _angles(system: _System) -> dict[str, Array]:
    jets = system.jets
    vectors = {
        "lep": system.lep,
        "j1": jets[:, 0],
        "j2": jets[:, 1],
        "b": system.b,
        "light": system.light,
        "top": system.top,
    }
    eta = {name: pseudorapidity(vector) for name, vector in vectors.items()}
    phi = {name: azimuth(vector) for name, vector in vectors.items()}
    phi["met"] = azimuth(system.met)

    def dphi(first: str, second: str) -> Array:
        apart: Array = np.abs(phi[first] - phi[second])
        wrapped: Array = np.minimum(apart, 2 * np.float32(np.pi) - apart)
        return wrapped

    columns = {f"dphi_{name}_met": dphi(name, "met") for name in ("j1", "b", "light")}
    columns["dphi_lep_met"] = dphi("lep", "met")
    columns["dphi_top_light"] = dphi("top", "light")
    for name in ("lep", "b", "top"):
        columns[f"deta_{name}_light"] = np.abs(eta[name] - eta["light"])
    for first, second in _PAIRS:
        distance = np.hypot(eta[first] - eta[second], dphi(first, second))
        columns[f"dr_{first}_{second}"] = distance
    return columns


def _masses(system: _System) -> dict[str, Array]:
    lep, met, jets = system.lep, system.met, system.jets
    pt = transverse_momentum(lep) * met[0]
    mt2 = 2 * (pt - lep[1] * met[1] - lep[2] * met[2])
    everything = jets.sum(axis=1)
    return {
        "mt_w": np.sqrt(np.maximum(mt2, 0)),
        "m_top": invariant_mass(system.top),
        "m_lb": invariant_mass(lep + system.b),
        "m_b_light": invariant_mass(system.b + system.light),
        "m_j1_j2": invariant_mass(jets[:, 0] + jets[:, 1]),
        "m_jets": invariant_mass(everything),
        "m_lep_jets": invariant_mass(lep + everything),
        "m_all": invariant_mass(system.w + everything),
    }


def _decay_angles(system: _System) -> dict[str, Array]:
    """Cosines of the lepton: to the light jet in the top's frame, to the W's flight."""
    return {
        "cos_star": _cosine_in(system.top, system.lep, system.light),
        "cos_helicity": -_cosine_in(system.w, system.lep, system.b),
    }


def _cosine_in(frame: Array, first: Array, second: Array) -> Array:
    """Cosine between two vectors in the rest frame of a third."""
    mass = np.maximum(invariant_mass(frame), 1)
    reverse = np.concatenate([frame[:1], -frame[1:]])
    one, other = (boost(vector, reverse, mass)[1:] for vector in (first, second))
    lengths = np.sqrt((one**2).sum(axis=0) * (other**2).sum(axis=0))
    cosine: Array = (one * other).sum(axis=0) / np.maximum(lengths, 1e-6)
    return cosine.clip(-1, 1)


def _shapes(system: _System) -> dict[str, Array]:
    """Sphericity and aplanarity of lepton and jets, from the momentum tensor."""
    momenta = np.concatenate([system.lep[1:, np.newaxis], system.jets[1:]], axis=1)
    tensor = np.einsum("ipn,jpn->nij", momenta, momenta)
    values = np.linalg.eigvalsh(
        tensor / np.trace(tensor, axis1=1, axis2=2)[:, None, None]
    )
    return {
        "sphericity": 1.5 * (values[:, 0] + values[:, 1]),
        "aplanarity": 1.5 * values[:, 0],
    }
