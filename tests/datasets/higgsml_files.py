"""Where the published events are, if they are, and files in exactly their layout."""

import gzip
from pathlib import Path

import numpy as np
import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"
HIGGSML = SHARED / "higgsml_16000.csv.gz"
UCI_HIGGS = SHARED / "uci_higgs_7500.csv.gz"
needs_higgsml = pytest.mark.skipif(
    not HIGGSML.is_file(), reason="no published HiggsML events beside"
)
needs_uci_higgs = pytest.mark.skipif(
    not UCI_HIGGS.is_file(), reason="no published UCI HIGGS events beside"
)

HEADER = (
    *("EventId", "DER_mass_MMC", "DER_mass_transverse_met_lep", "DER_mass_vis"),
    *("DER_pt_h", "DER_deltaeta_jet_jet", "DER_mass_jet_jet", "DER_prodeta_jet_jet"),
    *("DER_deltar_tau_lep", "DER_pt_tot", "DER_sum_pt", "DER_pt_ratio_lep_tau"),
    *("DER_met_phi_centrality", "DER_lep_eta_centrality"),
    *("PRI_tau_pt", "PRI_tau_eta", "PRI_tau_phi"),
    *("PRI_lep_pt", "PRI_lep_eta", "PRI_lep_phi"),
    *("PRI_met", "PRI_met_phi", "PRI_met_sumet", "PRI_jet_num"),
    *("PRI_jet_leading_pt", "PRI_jet_leading_eta", "PRI_jet_leading_phi"),
    *("PRI_jet_subleading_pt", "PRI_jet_subleading_eta", "PRI_jet_subleading_phi"),
    *("PRI_jet_all_pt", "Weight", "Label", "KaggleSet", "KaggleWeight"),
)
# Two jets, one, none, and two again, with made-up numbers.
TWO = "138.47,51.655,97.827,27.98,0.91,124.711,2.666,3.064,41.928,197.76,1.582,1.396,0.2,32.638,1.017,0.381,51.626,2.273,-2.414,16.824,-0.277,258.733,2,67.435,2.15,0.444,46.062,1.24,-2.475,113.497"
ONE = "160.937,68.768,103.235,48.146,-999.0,-999.0,-999.0,3.473,2.078,125.157,0.879,1.414,-999.0,42.014,2.039,-3.011,36.918,0.501,0.103,44.704,-1.916,164.546,1,46.226,0.725,1.158,-999.0,-999.0,-999.0,46.226"
NONE = "-999.0,60.5,70.25,3.5,-999.0,-999.0,-999.0,3.0,3.5,70.0,1.5,-1.2,-999.0,28.0,0.5,1.0,42.0,-0.5,-2.0,20.0,0.25,90.0,0,-999.0,-999.0,-999.0,-999.0,-999.0,-999.0,0.0"
LINES = [
    f"7,{TWO},0.001,s,t,0.5",
    f"8,{ONE},0.7,b,t,2.0",
    f"9,{NONE},0.8,b,t,4.0",
    f"10,{TWO},0.002,s,t,1.5",
    f"11,{NONE},0.003,s,b,3.0",
    f"12,{ONE},0.9,b,b,8.0",
    f"13,{TWO},1.1,b,v,16.0",
    f"14,{ONE},0.004,s,v,6.0",
    f"15,{TWO},1.2,b,u,1.0",
    f"16,{TWO},0.005,s,u,1.0",
]


def write_higgsml(path, *, drop=(), rename=None, change=None):
    """Writes the ten events; columns may be left out or renamed, lines replaced."""
    table = [HEADER, *(line.split(",") for line in LINES)]
    for row, name, text in change or ():
        table[row + 1][HEADER.index(name)] = text
    kept = [place for place, name in enumerate(HEADER) if name not in drop]
    rows = [[row[place] for place in kept] for row in table]
    rows[0] = [(rename or {}).get(name, name) for name in rows[0]]
    text = "\n".join(",".join(row) for row in rows) + "\n"
    with gzip.open(path, "wt") if path.suffix == ".gz" else path.open("w") as file:
        file.write(text)
    return path


def published():
    """Column -> float64 array of the published events, NaN where missing."""
    import pandas as pd

    table = pd.read_csv(HIGGSML).replace(-999.0, np.nan)
    return {name: table[name].to_numpy() for name in table.columns}
