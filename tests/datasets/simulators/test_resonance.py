"""The processes alone, and the shape of what is selected."""

import numpy as np
import pytest

from kerashep.datasets.simulators.resonance import (
    FEATURE_NAMES,
    FEATURE_UNITS,
    THRESHOLD_GEV,
    resonance,
    simulate,
    ttbar,
)

SAMPLES = {
    "ttbar": ttbar(),
    500.0: resonance(500.0, 0.03),
    1500.0: resonance(1500.0, 0.03),
}


@pytest.fixture(scope="module")
def selected():
    return {
        name: dict(
            zip(
                FEATURE_NAMES,
                simulate(process, 8000, np.random.default_rng(0)).T,
                strict=True,
            )
        )
        for name, process in SAMPLES.items()
    }


def test_both_processes_have_one_precision():
    """Else the rounding of the features would tell signal from background."""
    for process in SAMPLES.values():
        for part in process(np.random.default_rng(0), 10):
            assert part.dtype == np.float32


def test_resonance_line_and_angle():
    mass, cosine = resonance(1000.0, 0.05)(np.random.default_rng(0), 200_000)
    assert np.median(mass) == pytest.approx(1000, abs=1)
    quartiles = np.quantile(mass, [0.25, 0.75])
    assert quartiles == pytest.approx([975, 1025], abs=1.5)
    assert mass.min() > THRESHOLD_GEV
    assert (cosine**2).mean() == pytest.approx(0.4, abs=0.005)
    assert np.abs(cosine).max() <= 1 + 1e-6


def test_spectrum_of_the_background_falls_from_its_peak_near_threshold():
    mass, cosine = ttbar()(np.random.default_rng(1), 400_000)
    counts, _ = np.histogram(mass, [345, 375, 405, 500, 700, 900, 1100, 1300, 1500])
    density = counts / np.array([30, 30, 95, 200, 200, 200, 200, 200])
    assert density[1] > density[0]
    assert (np.diff(density[1:]) < 0).all()
    assert mass.min() >= THRESHOLD_GEV
    heavy = mass > 800
    assert np.abs(cosine[heavy]).mean() > np.abs(cosine[mass < 360]).mean() + 0.05


def test_spectrum_follows_its_formula():
    mass, _ = ttbar()(np.random.default_rng(2), 400_000)
    edges = np.array([345.0, 400, 500, 700, 1000, 2000])
    fine = np.linspace(345.0, 6500, 300_001)
    x = fine / 13_000
    density = np.sqrt(1 - (345 / fine) ** 2) * x**-2.3 * (1 - x) ** 34
    cumulative = np.interp(edges, fine, np.cumsum(density) / density.sum())
    counts, _ = np.histogram(mass, edges)
    np.testing.assert_allclose(counts / 4e5, np.diff(cumulative), rtol=0.02)


@pytest.mark.parametrize("name", SAMPLES)
def test_selection_and_ranges(selected, name):
    events = selected[name]
    assert all(np.isfinite(column).all() for column in events.values())
    assert (events["lep_pt"] > 20).all()
    assert (events["j4_pt"] > 20).all()
    assert (events["njets"] >= 4).all()
    for jet in "123":
        assert (events[f"j{jet}_pt"] >= events[f"j{int(jet) + 1}_pt"]).all()
    for column in ("lep_eta", "j1_eta", "j4_eta"):
        assert np.abs(events[column]).max() <= 2.5 + 1e-4
    tags = sum(events[f"j{jet}_btag"] for jet in "1234")
    assert (tags >= 1).all()
    assert set(np.unique(events["j1_btag"])) == {0.0, 1.0}


@pytest.mark.parametrize("name", SAMPLES)
def test_mass_of_lepton_and_neutrino(selected, name):
    """80.4 GeV exactly, by construction, for most; never below: no rounding to learn."""
    m_lv = selected[name]["m_lv"]
    solved = m_lv == np.float32(80.4)
    assert 0.7 < solved.mean() < 0.95
    assert (m_lv[~solved] > 80.4).all()


def test_masses_peak_where_they_should(selected):
    for events in selected.values():
        assert np.median(events["m_jj"]) == pytest.approx(82, abs=8)
    for mass in (500.0, 1500.0):
        counts, edges = np.histogram(selected[mass]["m_WWbb"], 40, (0, 2 * mass))
        peak = edges[counts.argmax()] + mass / 40
        assert peak == pytest.approx(mass, rel=0.08)


def test_azimuths_are_uniform_and_etas_symmetric(selected):
    for events in selected.values():
        for column in ("lep_phi", "met_phi", "j1_phi"):
            assert events[column].mean() == pytest.approx(0, abs=0.08)
            assert events[column].std() == pytest.approx(np.pi / np.sqrt(3), rel=0.03)
        assert events["j2_eta"].mean() == pytest.approx(0, abs=0.06)


def test_units():
    units = dict(zip(FEATURE_NAMES, FEATURE_UNITS, strict=True))
    assert len(units) == 27
    assert units["j3_pt"] == units["met"] == units["m_WWbb"] == "GeV"
    assert units["met_phi"] == "rad"
    assert units["njets"] == units["j1_btag"] == units["lep_eta"] == ""
