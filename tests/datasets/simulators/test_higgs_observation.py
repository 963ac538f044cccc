"""Detector and primary features of a few hand-made events."""

import numpy as np
import pytest

from kerashep.datasets.simulators.higgs_hard_process import HardEvents
from kerashep.datasets.simulators.higgs_observation import observe
from kerashep.datasets.simulators.kinematics import from_pt_eta_phi
from kerashep.datasets.simulators.production import JETS


def made(jets, *, tau_phi=3.0, repeats=2000):
    """Copies of one event: lepton at phi 0, and `jets` of (pt, eta, phi)."""

    def vector(pt, eta, phi):
        return from_pt_eta_phi(*(np.array(x, "float32") for x in (pt, eta, phi)))

    slots = np.zeros((4, JETS, repeats), "float32")
    for place, jet in enumerate(jets):
        slots[:, place] = vector(*jet)[:, np.newaxis]
    ones = np.ones(repeats, "float32")
    return HardEvents(
        lepton=vector(40, 0.5, 0)[:, np.newaxis] * ones,
        tau=vector(30, -0.5, tau_phi)[:, np.newaxis] * ones,
        jets=slots,
        soft=np.zeros((2, repeats), "float32"),
    )


def observed(*arguments, **keywords):
    return observe(np.random.default_rng(2), made(*arguments, **keywords))


def test_jets_are_counted_ordered_and_capped():
    jets = [(100, 1, 1), (300, -3, 2), (100, 6, 0), (200, 2, -1), (10, 0, 2)]
    seen = observed(jets)
    assert (seen["PRI_jet_num"] == 3).mean() > 0.99  # |eta| = 6 and 10 GeV are not
    assert np.median(seen["PRI_jet_leading_pt"]) == pytest.approx(300, rel=0.02)
    assert np.median(seen["PRI_jet_leading_eta"]) == pytest.approx(-3, rel=1e-5)
    assert np.median(seen["PRI_jet_subleading_phi"]) == pytest.approx(-1, rel=1e-5)
    assert (seen["PRI_jet_leading_pt"] >= seen["PRI_jet_subleading_pt"]).all()
    assert seen["PRI_jet_all_pt"].mean() == pytest.approx(600, rel=0.02)
    four = observed([(100, 1, 1), (300, -3, 2), (200, 2, -1), (150, -1, -2)])
    assert four["PRI_jet_num"].max() == 3
    assert four["PRI_jet_all_pt"].mean() == pytest.approx(750, rel=0.02)


def test_missing_values():
    none, one = observed([]), observed([(100, 1, 1)])
    assert (none["PRI_jet_num"] == 0).all()
    assert (none["PRI_jet_all_pt"] == 0).all()
    for what in ("pt", "eta", "phi"):
        assert np.isnan(none[f"PRI_jet_leading_{what}"]).all()
        assert np.isnan(none[f"PRI_jet_subleading_{what}"]).all()
        assert np.isfinite(one[f"PRI_jet_leading_{what}"]).all()
        assert np.isnan(one[f"PRI_jet_subleading_{what}"]).all()
    np.testing.assert_array_equal(one["PRI_jet_all_pt"], one["PRI_jet_leading_pt"])


def test_missing_momentum_balances_what_is_seen():
    seen = observed([(100, 1, np.pi / 2)])
    x = seen["PRI_met"] * np.cos(seen["PRI_met_phi"])
    y = seen["PRI_met"] * np.sin(seen["PRI_met_phi"])
    assert x.mean() == pytest.approx(-40 - 30 * np.cos(3.0), abs=0.2)
    assert y.mean() == pytest.approx(-100 - 30 * np.sin(3.0), abs=1)
    y += seen["PRI_jet_leading_pt"]
    assert y.std() == pytest.approx(1.5, rel=0.1)  # a mismeasured jet is balanced
    sum_et = seen["PRI_met_sumet"] - 70 - seen["PRI_jet_leading_pt"]
    assert sum_et.mean() == pytest.approx(36, rel=0.05)


def test_overlaps():
    assert len(observed([], tau_phi=0.1)["PRI_met"]) == 2000  # eta differs by one
    on_lepton = observed([(100, 0.5, 0.1)])
    assert (on_lepton["PRI_jet_num"] == 0).all()
    close = made([])
    close.tau[:] = close.lepton * 0.8
    assert len(observe(np.random.default_rng(0), close)["PRI_met"]) == 0
