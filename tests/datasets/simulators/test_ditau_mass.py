"""Mass of tau pairs: known cases, and the published result for published events."""

import numpy as np
import pytest

from kerashep.datasets.simulators.ditau_mass import tau_pair_mass
from tests.datasets.higgsml_files import needs_higgsml, published


def transverse(pt, phi):
    return np.stack([pt * np.cos(phi), pt * np.sin(phi)]).astype("float32")


def pairs(events, seed=0):
    """Taus at right angles and the shares they keep."""
    rng = np.random.default_rng(seed)
    pt_1, pt_2 = rng.uniform(40, 120, (2, events))
    phi = rng.uniform(-np.pi, np.pi, events)
    shares = rng.uniform(0.25, 0.8, (2, events))
    first, second = transverse(pt_1, phi), transverse(pt_2, phi + np.pi / 2)
    return first, second, shares, np.sqrt(2 * pt_1 * pt_2)


def test_mass_of_well_measured_pairs():
    first, second, shares, mass = pairs(2000)
    met = (1 - shares[0]) * first + (1 - shares[1]) * second
    visible = mass * np.sqrt(shares[0] * shares[1])
    found = tau_pair_mass(
        shares[0] * first, shares[1] * second, met, np.zeros(2000), visible
    )
    assert np.isfinite(found).all()
    ratio = found / mass
    assert np.median(ratio) == pytest.approx(1, abs=0.03)
    assert np.quantile(ratio, 0.84) - np.quantile(ratio, 0.16) < 0.12


def test_no_mass_where_neutrinos_cannot_explain():
    first, second, shares, mass = pairs(500)
    met = -(1 - shares[0]) * first - (1 - shares[1]) * second
    found = tau_pair_mass(
        shares[0] * first, shares[1] * second, met, np.zeros(500), mass / 2
    )
    assert np.isnan(found).mean() > 0.95


def test_does_not_depend_on_the_axes_or_on_the_block():
    first, second, shares, mass = pairs(5000)
    met = 0.4 * first + 0.3 * second
    sum_et = np.full(5000, 200.0, "float32")
    arguments = (shares[0] * first, shares[1] * second, met)
    whole = tau_pair_mass(*arguments, sum_et, mass)
    turned = [np.stack([-y, x]) for x, y in arguments]
    np.testing.assert_allclose(tau_pair_mass(*turned, sum_et, mass), whole, rtol=1e-4)
    part = slice(4000, 4100)
    few = tau_pair_mass(*(a[:, part] for a in arguments), sum_et[part], mass[part])
    np.testing.assert_allclose(few, whole[part], rtol=1e-6)


@needs_higgsml
def test_like_the_published_masses():
    """ATLAS' own algorithm ran on more than what is in the files."""
    table = published()
    found = tau_pair_mass(
        transverse(table["PRI_lep_pt"], table["PRI_lep_phi"]),
        transverse(table["PRI_tau_pt"], table["PRI_tau_phi"]),
        transverse(table["PRI_met"], table["PRI_met_phi"]),
        table["PRI_met_sumet"],
        table["DER_mass_vis"],
    )
    theirs = table["DER_mass_MMC"]
    assert (np.isnan(found) == np.isnan(theirs)).mean() > 0.96
    assert np.isnan(found).mean() == pytest.approx(np.isnan(theirs).mean(), abs=0.01)
    both = np.isfinite(found) & np.isfinite(theirs)
    log_ratio = np.log(found[both] / theirs[both])
    assert np.median(log_ratio) == pytest.approx(0, abs=0.01)
    assert np.diff(np.quantile(log_ratio, [0.16, 0.84]))[0] / 2 < 0.06
    assert np.corrcoef(np.log(found[both]), np.log(theirs[both]))[0, 1] > 0.97
