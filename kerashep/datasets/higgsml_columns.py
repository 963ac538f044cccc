"""Columns of the HiggsML challenge: names, units, vectors, and angles to components.

Adam-Bourdarios et al., "The Higgs boson machine learning challenge", PMLR 42 (2015) 19,
and its documentation, http://opendata.cern.ch/record/329; Cartesian names as in Strong,
arXiv:2002.01427, table 2.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.vectors import PolarVector, Vector

DERIVED = (
    "DER_mass_MMC",
    "DER_mass_transverse_met_lep",
    "DER_mass_vis",
    "DER_pt_h",
    "DER_deltaeta_jet_jet",
    "DER_mass_jet_jet",
    "DER_prodeta_jet_jet",
    "DER_deltar_tau_lep",
    "DER_pt_tot",
    "DER_sum_pt",
    "DER_pt_ratio_lep_tau",
    "DER_met_phi_centrality",
    "DER_lep_eta_centrality",
)
PRIMARY = (
    *("PRI_tau_pt", "PRI_tau_eta", "PRI_tau_phi"),
    *("PRI_lep_pt", "PRI_lep_eta", "PRI_lep_phi"),
    *("PRI_met", "PRI_met_phi", "PRI_met_sumet", "PRI_jet_num"),
    *("PRI_jet_leading_pt", "PRI_jet_leading_eta", "PRI_jet_leading_phi"),
    *("PRI_jet_subleading_pt", "PRI_jet_subleading_eta", "PRI_jet_subleading_phi"),
    "PRI_jet_all_pt",
)
FEATURE_NAMES = (*DERIVED, *PRIMARY)

OBJECTS = ("PRI_tau", "PRI_lep", "PRI_jet_leading", "PRI_jet_subleading")
MET = "PRI_met"
VECTORS = (
    *(Vector(f"{name}_px", f"{name}_py", f"{name}_pz") for name in OBJECTS),
    Vector(f"{MET}_px", f"{MET}_py"),
)
"""Momenta of the Cartesian layout, for rotations and reflections."""
POLAR_VECTORS = (
    *(PolarVector(f"{name}_phi", f"{name}_eta") for name in OBJECTS),
    PolarVector(f"{MET}_phi"),
)
"""The same momenta in the layout of the files."""
CATEGORICAL = {"PRI_jet_num": 4}
"""Features that hold small integers, `0 ... n - 1`, and how many: for embeddings."""

SIGNAL_YIELD, BACKGROUND_YIELD = 691.99, 410_999.85
"""Expected events, that is sums of KaggleWeight over the 250,000 training events."""


def feature_units(names: tuple[str, ...]) -> tuple[str, ...]:
    """Units of features of either layout."""
    return tuple(_unit(name) for name in names)


def to_cartesian(features: NDArray[Any]) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Replaces (pt, eta, phi) by (px, py, pz), and the MET's phi by (px, py).

    Args:
        features: `(events, 30)` in the order of `FEATURE_NAMES`, NaN where missing.

    Returns:
        `(events, 31)` float32 features, in the same order otherwise, and their names.
        `PRI_met`, the magnitude, stays; so do all derived features.
    """
    columns = dict(zip(FEATURE_NAMES, features.T, strict=True))
    converted: dict[str, NDArray[Any]] = {}
    for name, column in columns.items():
        owner, _, what = name.rpartition("_")
        if owner == MET and what == "phi":
            magnitude = columns[MET].astype("float64")
            converted[f"{MET}_px"] = magnitude * np.cos(column, dtype="float64")
            converted[f"{MET}_py"] = magnitude * np.sin(column, dtype="float64")
        elif owner not in OBJECTS:
            converted[name] = column
        elif what == "pt":
            pt = column.astype("float64")
            phi, eta = columns[f"{owner}_phi"], columns[f"{owner}_eta"]
            converted[f"{owner}_px"] = pt * np.cos(phi, dtype="float64")
            converted[f"{owner}_py"] = pt * np.sin(phi, dtype="float64")
            converted[f"{owner}_pz"] = pt * np.sinh(eta, dtype="float64")
    table = np.empty((len(features), len(converted)), "float32")
    for place, column in enumerate(converted.values()):
        table[:, place] = column
    return table, tuple(converted)


def _unit(name: str) -> str:
    if name.endswith("_phi"):
        return "rad"
    end = ("_pt", "_px", "_py", "_pz", "_sumet", "_pt_h", "_pt_tot", "_sum_pt")
    return "GeV" if name == MET or "_mass" in name or name.endswith(end) else ""


CARTESIAN_NAMES = to_cartesian(np.empty((0, len(FEATURE_NAMES))))[1]
"""Names of the 31 features of the Cartesian layout."""
