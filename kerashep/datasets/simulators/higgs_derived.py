"""Derived features of the HiggsML challenge, from its primary ones.

Formulas of the challenge's documentation, http://opendata.cern.ch/record/329. The mass
`DER_mass_MMC`, a fit, is in `kerashep.datasets.simulators.ditau_mass`.
"""

from collections.abc import Mapping

import numpy as np

from kerashep.datasets.simulators.kinematics import Array

LEADING, SUBLEADING = "PRI_jet_leading", "PRI_jet_subleading"


def derived_features(primary: Mapping[str, Array]) -> dict[str, Array]:
    """The twelve derived features that are formulas.

    Objects are taken as massless. The published `DER_mass_vis` and `DER_mass_jet_jet`
    have the masses of the visible tau and of the jets in them, which are not in the
    files: they are larger, in half of the events by more than 0.015 and 1.4 GeV.

    Args:
        primary: The 17 features `PRI_...`, each `(events,)`, in GeV and radians; NaN
            for jets that are absent.

    Returns:
        Name -> `(events,)` in the order of the files; NaN for features of two jets
        where there are fewer.
    """
    p = primary
    eta_1, eta_2 = p[f"{LEADING}_eta"], p[f"{SUBLEADING}_eta"]
    sine = np.sin((p["PRI_lep_phi"] - p["PRI_met_phi"]) / 2)
    ditau = _transverse(p, "PRI_lep", "PRI_tau", "PRI_met")
    jets = _transverse(p, LEADING, SUBLEADING)
    distance = np.hypot(
        p["PRI_tau_eta"] - p["PRI_lep_eta"],
        _wrapped(p["PRI_tau_phi"] - p["PRI_lep_phi"]),
    )
    return {
        "DER_mass_transverse_met_lep": 2
        * np.sqrt(p["PRI_lep_pt"] * p["PRI_met"])
        * np.abs(sine),
        "DER_mass_vis": _mass(p, "PRI_tau", "PRI_lep"),
        "DER_pt_h": np.hypot(*ditau),
        "DER_deltaeta_jet_jet": np.abs(eta_1 - eta_2),
        "DER_mass_jet_jet": _mass(p, LEADING, SUBLEADING),
        "DER_prodeta_jet_jet": eta_1 * eta_2,
        "DER_deltar_tau_lep": distance,
        "DER_pt_tot": np.hypot(*(ditau + jets)),
        "DER_sum_pt": p["PRI_tau_pt"] + p["PRI_lep_pt"] + p["PRI_jet_all_pt"],
        "DER_pt_ratio_lep_tau": p["PRI_lep_pt"] / p["PRI_tau_pt"],
        "DER_met_phi_centrality": _phi_centrality(p),
        "DER_lep_eta_centrality": _eta_centrality(p["PRI_lep_eta"], eta_1, eta_2),
    }


def _transverse(primary: Mapping[str, Array], *names: str) -> Array:
    """`(2, events)` sum of transverse momenta (GeV); absent objects count as none."""
    total: Array = np.zeros((2, 1), np.float32)
    for name in names:
        pt = primary["PRI_met" if name == "PRI_met" else f"{name}_pt"]
        phi = primary[f"{name}_phi"]
        part = np.stack([pt * np.cos(phi), pt * np.sin(phi)])
        total = total + np.nan_to_num(part, copy=False)
    return total


def _mass(primary: Mapping[str, Array], first: str, second: str) -> Array:
    """Invariant mass (GeV) of two massless objects, without cancellation of energies.

    `m^2 = 4 pt_1 pt_2 (sinh^2(delta eta / 2) + sin^2(delta phi / 2))`.
    """
    half_eta = (primary[f"{first}_eta"] - primary[f"{second}_eta"]) / 2
    half_phi = (primary[f"{first}_phi"] - primary[f"{second}_phi"]) / 2
    pts = primary[f"{first}_pt"] * primary[f"{second}_pt"]
    mass: Array = 2 * np.sqrt(pts) * np.hypot(np.sinh(half_eta), np.sin(half_phi))
    return mass


def _phi_centrality(primary: Mapping[str, Array]) -> Array:
    """sqrt(2) if the MET bisects lepton and tau, 1 along one of them, less outside."""
    lepton, tau = primary["PRI_lep_phi"], primary["PRI_tau_phi"]
    met = primary["PRI_met_phi"]
    sign = np.sign(np.sin(tau - lepton))
    a, b = np.sin(met - lepton) * sign, np.sin(tau - met) * sign
    length = np.hypot(a, b)
    centrality: Array = (a + b) / np.where(length > 0, length, 1)
    return centrality


def _eta_centrality(lepton: Array, eta_1: Array, eta_2: Array) -> Array:
    """1 if the lepton is in the middle between the jets, 1/e at either of them."""
    half = np.maximum(np.abs(eta_1 - eta_2) / 2, np.float32(1e-6))
    centrality: Array = np.exp(-(((lepton - (eta_1 + eta_2) / 2) / half) ** 2))
    return centrality


def _wrapped(angle: Array) -> Array:
    """The same angles in [-pi, pi]."""
    turn = 2 * np.pi
    wrapped: Array = angle - turn * np.round(angle / turn)
    return wrapped
