"""Hard processes before the detector."""

import numpy as np
import pytest

from kerashep.datasets.simulators import higgs_hard_process as hard
from kerashep.datasets.simulators.kinematics import (
    invariant_mass,
    pseudorapidity,
    transverse_momentum,
)
from kerashep.datasets.simulators.production import JETS

PROCESSES = {
    "fusion": hard.boson_to_taus(125, 0.004, radiation=2, spin=0, tagged=False),
    "tagged": hard.boson_to_taus(125, 0.004, radiation=1, spin=0, tagged=True),
    "z": hard.boson_to_taus(91.19, 2.5, radiation=1, spin=1, tagged=False),
    "w": hard.w_with_fake_tau(80.4, 2.1, 1.0),
    "top": hard.top_pair(1.0),
}


@pytest.fixture(params=PROCESSES)
def events(request):
    drawn = PROCESSES[request.param](np.random.default_rng(5), 40_000)
    drawn_name = request.param
    return drawn_name, drawn


def test_selection(events):
    _, drawn = events
    count = drawn.lepton.shape[1]
    assert count > 2000
    assert drawn.jets.shape == (4, JETS, count)
    assert drawn.soft.shape == (2, count)
    for part, least in ((drawn.lepton, 26), (drawn.tau, 20)):
        assert part.dtype == np.float32
        assert transverse_momentum(part).min() > least
        assert abs(pseudorapidity(part)).max() < 2.5
        assert (invariant_mass(part) < 0.01 * part[0]).all()


def test_jets_by_process(events):
    name, drawn = events
    pt = transverse_momentum(drawn.jets)
    hard_jets = (pt[:2] > 0).mean()
    assert hard_jets == (1 if name in ("tagged", "top") else 0)
    radiated = pt[2:][pt[2:] > 0]
    assert radiated.min() > 14.99
    if name == "tagged":
        eta = pseudorapidity(drawn.jets[:, :2])
        assert np.mean(eta[0] * eta[1] < 0) > 0.9
        assert np.median(abs(eta[0] - eta[1])) > 4


def test_nothing_is_missing_but_what_neutrinos_carry():
    """A W's lepton, its neutrino and all visible things balance."""
    drawn = PROCESSES["w"](np.random.default_rng(6), 60_000)
    missing = -(
        drawn.lepton[1:3] + drawn.tau[1:3] + drawn.jets[1:3].sum(axis=1) + drawn.soft
    )
    lepton_pt = transverse_momentum(drawn.lepton)
    met = np.hypot(*missing)
    cosine = (missing * drawn.lepton[1:3]).sum(axis=0) / met / lepton_pt
    transverse_mass = np.sqrt(2 * lepton_pt * met * (1 - cosine))
    edges = np.histogram(transverse_mass, np.arange(0, 161, 10))[0]
    assert edges.argmax() in (6, 7)  # the Jacobian peak below 80.4 GeV
    assert edges[10:].sum() < 0.1 * edges.sum()


def test_visible_masses_lie_below_the_boson():
    for name, mass in (("fusion", 125), ("z", 91.2)):
        drawn = PROCESSES[name](np.random.default_rng(7), 40_000)
        visible = invariant_mass(drawn.lepton + drawn.tau)
        assert 0.5 * mass < np.median(visible) < 0.8 * mass
        assert np.quantile(visible, 0.999) < 1.25 * mass
