"""Derived features: those of the published events from their primary ones."""

import numpy as np
import pytest

from kerashep.datasets.higgsml_columns import PRIMARY
from kerashep.datasets.simulators.higgs_derived import derived_features
from kerashep.datasets.simulators.kinematics import (
    from_pt_eta_phi,
    invariant_mass,
    pseudorapidity,
    transverse_momentum,
)
from tests.datasets.higgsml_files import needs_higgsml, published

HALF_DIGIT = 0.00051  # the files have three decimals


@pytest.fixture
def primary():
    """Random events with two jets."""
    rng = np.random.default_rng(3)
    columns = {}
    for name in PRIMARY:
        columns[name] = rng.uniform(20, 200, 500)
        if name.endswith("phi"):
            columns[name] = rng.uniform(-np.pi, np.pi, 500)
        if name.endswith("eta"):
            columns[name] = rng.uniform(-2.5, 2.5, 500)
    return columns


def vector(primary, name):
    return from_pt_eta_phi(
        *(primary[f"{name}_{what}"] for what in ("pt", "eta", "phi"))
    )


def test_against_four_vectors(primary):
    derived = derived_features(primary)
    lepton, tau, first, second = (
        vector(primary, f"PRI_{name}")
        for name in ("lep", "tau", "jet_leading", "jet_subleading")
    )
    zero = np.zeros(500)
    met = from_pt_eta_phi(primary["PRI_met"], zero, primary["PRI_met_phi"])
    expected = {
        "DER_mass_vis": invariant_mass(lepton + tau),
        "DER_mass_jet_jet": invariant_mass(first + second),
        "DER_pt_h": transverse_momentum(lepton + tau + met),
        "DER_pt_tot": transverse_momentum(lepton + tau + met + first + second),
        "DER_deltaeta_jet_jet": abs(pseudorapidity(first) - pseudorapidity(second)),
    }
    lepton[0], lepton[3] = transverse_momentum(lepton), 0
    expected["DER_mass_transverse_met_lep"] = invariant_mass(lepton + met)
    for name, values in expected.items():
        np.testing.assert_allclose(derived[name], values, rtol=1e-7, err_msg=name)


def test_centralities():
    columns = {name: np.ones(5) for name in PRIMARY}
    columns["PRI_tau_phi"][:] = 2.0  # and the lepton at 1
    columns["PRI_met_phi"] = np.array([1.5, 1.0, 2.0, 1.5 - np.pi, 3.0])
    columns["PRI_jet_leading_eta"][:], columns["PRI_jet_subleading_eta"][:] = -1, 3
    columns["PRI_lep_eta"] = np.array([1.0, -1.0, 3.0, 2.0, 7.0])
    derived = derived_features(columns)
    np.testing.assert_allclose(
        derived["DER_met_phi_centrality"][:4], [2**0.5, 1, 1, -(2**0.5)]
    )
    assert derived["DER_met_phi_centrality"][4] < 1
    np.testing.assert_allclose(
        derived["DER_lep_eta_centrality"], np.exp([0.0, -1, -1, -0.25, -9])
    )


def test_distance_wraps_around():
    columns = {name: np.zeros(2) for name in PRIMARY}
    columns["PRI_tau_phi"], columns["PRI_lep_phi"] = np.array([[3.0, 0], [-3.0, 0]])
    columns["PRI_tau_eta"][:], columns["PRI_tau_pt"][:] = 0.3, 1
    np.testing.assert_allclose(
        derived_features(columns)["DER_deltar_tau_lep"],
        [np.hypot(0.3, 2 * np.pi - 6), 0.3],
    )


def test_invariant_under_rotation_and_reflections(primary):
    moved = dict(primary)
    for name in primary:
        if name.endswith("phi"):
            moved[name] = np.angle(np.exp(-1j * (primary[name] + 1.234)))
        if name.endswith("eta"):
            moved[name] = -primary[name]
    before, after = derived_features(primary), derived_features(moved)
    for name, values in before.items():
        np.testing.assert_allclose(after[name], values, rtol=1e-6, atol=1e-9)


def test_absent_jets(primary):
    for name in ("PRI_jet_leading", "PRI_jet_subleading"):
        for what in ("pt", "eta", "phi"):
            primary[f"{name}_{what}"][100 if name.endswith("_leading") else 0 :] = (
                np.nan
            )
    derived = derived_features(primary)
    undefined = {name for name, values in derived.items() if np.isnan(values).all()}
    assert undefined == {
        *("DER_deltaeta_jet_jet", "DER_mass_jet_jet", "DER_prodeta_jet_jet"),
        "DER_lep_eta_centrality",
    }
    for name in set(derived) - undefined:
        assert np.isfinite(derived[name]).all(), name
    np.testing.assert_array_equal(
        derived["DER_pt_tot"][100:], derived["DER_pt_h"][100:]
    )


@pytest.fixture(scope="module")
def recomputed():
    """The published columns, ours, and by how much rounding of the input moves ours."""
    table = published()
    primary = {name: table[name] for name in PRIMARY}
    ours = derived_features(primary)
    bound = {name: np.full(len(table["EventId"]), HALF_DIGIT) for name in ours}
    for name in primary:
        if name != "PRI_jet_num":
            sides = [
                derived_features(primary | {name: primary[name] + shift})
                for shift in (-HALF_DIGIT, HALF_DIGIT)
            ]
            for feature, values in ours.items():
                moved = [np.abs(side[feature] - values) for side in sides]
                bound[feature] += np.maximum(*moved)
    return table, ours, bound


@needs_higgsml
def test_published_events_to_their_rounding(recomputed):
    table, ours, bound = recomputed
    assert len(ours) == 12
    opposite = np.sin(table["PRI_tau_phi"] - table["PRI_lep_phi"])
    for name, values in ours.items():
        theirs = table[name]
        np.testing.assert_array_equal(np.isnan(values), np.isnan(theirs), name)
        if name in ("DER_mass_vis", "DER_mass_jet_jet"):  # see below
            continue
        kept = np.isfinite(theirs)
        if name == "DER_met_phi_centrality":  # its sign hangs on that of this sine
            kept &= np.abs(opposite) > 2 * HALF_DIGIT
        excess = np.abs(values - theirs)[kept] - 1.1 * bound[name][kept]
        assert excess.max() < 0, name


@needs_higgsml
def test_published_visible_masses_have_that_of_the_tau_too(recomputed):
    """`m^2 = 2 p_l p_t (1 - cos) + m_t^2 (1 + E_l / E_t)` with `m_t` below 1.777 GeV."""
    table, ours, bound = recomputed
    theirs, ours, bound = (part["DER_mass_vis"] for part in recomputed)
    lepton, tau = (
        table[f"PRI_{name}_pt"] * np.cosh(table[f"PRI_{name}_eta"])
        for name in ("lep", "tau")
    )
    largest = np.sqrt(ours**2 + 1.777**2 * (1 + lepton / tau))
    assert (theirs > ours - 1.1 * bound).all()
    assert (theirs < largest + 1.1 * bound).all()
    squares = (theirs**2 - ours**2) / (1 + lepton / tau)
    assert 0.6 < np.median(squares) < 1  # that of the rho meson is 0.6 GeV^2


@needs_higgsml
def test_published_jet_pairs_have_the_masses_of_the_jets_too(recomputed):
    table, ours, bound = recomputed
    pair = np.isfinite(table["DER_mass_jet_jet"])
    excess = (table["DER_mass_jet_jet"] - ours["DER_mass_jet_jet"])[pair]
    assert (excess > -1.1 * bound["DER_mass_jet_jet"][pair]).all()
    assert 0.5 < np.median(excess) < 3
    assert excess.max() < 25
