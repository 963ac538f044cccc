import warnings

import numpy as np
import pytest

from kerashep.data.column_map import ColumnMap
from kerashep.data.events import Events
from kerashep.data.plausible_units import (
    check_plausible_units,
    energy_unit,
    is_momentum_like,
)

COUNT = 2000
NAMES = ("lep_pt", "met", "m_jj", "j1_px", "lep_eta", "lep_phi", "njets")
UNITS = {"lep_pt": "GeV", "met": "GeV", "m_jj": "GeV", "j1_px": "GeV", "lep_phi": "rad"}
MOMENTA = NAMES[:4]


def values():
    rng = np.random.default_rng(0)
    return {
        "lep_pt": 20 + rng.exponential(40, COUNT),
        "met": rng.exponential(60, COUNT),
        "m_jj": rng.normal(81, 15, COUNT),
        "j1_px": rng.normal(0, 60, COUNT),
        "lep_eta": rng.normal(0, 1.2, COUNT),
        "lep_phi": rng.uniform(-np.pi, np.pi, COUNT),
        "njets": rng.integers(4, 9, COUNT).astype(float),
    }


def check(table, *, units=UNITS, mass=(500.0, 1500.0), parameter="mass", process=()):
    label = np.arange(COUNT) % 2
    events = Events(
        features=np.stack(list(table.values()), axis=1).astype("float32"),
        feature_names=tuple(table),
        feature_units=tuple(units.get(name, "") for name in table),
        label=label.astype("float32"),
        provenance="simulated",
        parameters=np.where(label, np.resize(np.repeat(mass, 2), COUNT), np.nan)[
            :, None
        ],
        parameter_names=(parameter,),
        process=np.array(process or [0] * COUNT),
        process_names=("ttbar", "X"),
    )
    columns = ColumnMap(features=list(table), parameters={parameter: "x"})
    check_plausible_units(events, columns)


def scaled(factor, names):
    return {n: v * factor if n in names else v for n, v in values().items()}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("units", [UNITS, {}])
def test_ordinary_events_pass(units):
    check(values(), units=units)


@pytest.mark.parametrize("units", [UNITS, {}])
def test_most_momenta_in_mev_are_refused(units):
    message = (
        r"'lep_pt' \(median [\d.]+\), .* look like MeV.*feature_units: \{lep_pt: MeV"
    )
    with pytest.raises(ValueError, match=message):
        check(scaled(1000, MOMENTA), units=units)


def test_one_process_in_mev_is_refused():
    process = [int(i % 10 == 0) for i in range(COUNT)]
    factor = np.where(process, 1000.0, 1.0)
    mixed = {n: v * factor if n in MOMENTA else v for n, v in values().items()}
    with pytest.raises(ValueError, match="look like MeV, at least in one process"):
        check(mixed, process=process)


@pytest.mark.filterwarnings("error")
def test_declared_mev_is_believed():
    check(scaled(1000, MOMENTA), units=dict.fromkeys(MOMENTA, "MeV"))


def test_one_momentum_in_mev_warns():
    with pytest.warns(UserWarning, match=r"\|feature 'met'\| .* declared GeV.*MeV"):
        check(scaled(1000, ["met"]))


def test_declared_gev_that_looks_like_tev_warns():
    with pytest.warns(UserWarning, match=r"declared GeV, 'lep_pt'.* look like TeV"):
        check(scaled(0.001, MOMENTA))


@pytest.mark.filterwarnings("error")
def test_standardised_features_without_unit_pass():
    check({n: (v - v.mean()) / v.std() for n, v in values().items()}, units={})


def test_missing_values_do_not_count():
    table = scaled(1000, ["met"])
    table["met"][: COUNT * 3 // 4] = -999
    with pytest.warns(UserWarning, match=r"\|feature 'met'\| is [3-6]\d{4}"):
        check(table)


@pytest.mark.parametrize(
    ("mass", "found"),
    [
        ((0.5, 1.5), "between 0.5 and 1.5, which looks like TeV. Multiply it by 1000"),
        ((5e5, 1.5e6), "500000 and 1.5e.06, which looks like MeV. Divide it by 1000"),
        ((60e3, 130e3), "between 60000 and 130000, which looks like MeV"),
    ],
)
def test_masses_in_other_units_are_refused(mass, found):
    with pytest.raises(ValueError, match=found):
        check(values(), mass=mass)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(values(), mass=mass, parameter="mass_gev")
        check(values(), mass=mass, parameter="m_X_tev")
        check(values(), mass=mass, parameter="coupling")


def test_phi_in_degrees_warns():
    table = scaled(180 / np.pi, ["lep_phi"])
    with pytest.warns(UserWarning, match=r"'lep_phi' .* beyond 2 pi.*lep_phi: deg"):
        check(table)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(table, units={**UNITS, "lep_phi": "deg"})
        table["lep_phi"] = np.where(np.arange(COUNT) % 2, -999, values()["lep_phi"])
        check(table)
        check(scaled(2, ["lep_phi"]))  # in [-2 pi, 2 pi]
        renamed = {("m_phi" if n == "m_jj" else n): v for n, v in values().items()}
        check(renamed, units={})


@pytest.mark.parametrize(
    ("unit", "known"),
    [("GeV", "GeV"), ("mev/c^2", "MeV"), (" TeV ", "TeV"), ("", ""), ("rad", "")],
)
def test_energy_units(unit, known):
    assert energy_unit(unit) == known


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, True) for name in ("pt", "jet1_pt", "lepPt", "MET", "met_x", "E")),
        *((name, True) for name in ("m_jj", "mjj", "DER_mass_vis", "HT", "px", "mu_E")),
        *((name, False) for name in ("eta", "met_phi", "njets", "j1_btag", "pt_ratio")),
        *((name, False) for name in ("deltaR", "dr_jj", "met_significance", "charge")),
    ],
)
def test_names_of_momenta(name, expected):
    assert is_momentum_like(name) == expected
