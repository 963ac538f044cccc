"""Each detector effect alone, on hand-made objects."""

import numpy as np
import pytest

from kerashep.datasets.simulators import detector
from kerashep.datasets.simulators.kinematics import from_pt_eta_phi, transverse_momentum


def objects(pt, eta=0.0, phi=0.0):
    pt = np.atleast_1d(np.asarray(pt, np.float32))
    return from_pt_eta_phi(pt, np.full_like(pt, eta), np.full_like(pt, phi))


def test_acceptance():
    assert detector.in_acceptance(objects([19.9, 20.1])).tolist() == [False, True]
    assert not detector.in_acceptance(objects(100.0, eta=2.51))[0]
    assert detector.in_acceptance(objects(100.0, eta=-2.49))[0]
    assert not detector.in_acceptance(np.zeros((4, 1), np.float32))[0]


def test_jets_are_smeared_by_the_quoted_resolution_and_keep_direction():
    jets = objects(np.full(100_000, 100.0), eta=1.0)[:, np.newaxis]
    true = jets.copy()
    detector.smear_jets(np.random.default_rng(0), jets)
    response = jets[1, 0] / true[1, 0]
    width = np.hypot(0.8 / np.sqrt(100), 0.05)
    below = detector.JET_SCALE - np.quantile(response, 0.1587)
    above = np.quantile(response, 0.8413) - detector.JET_SCALE
    assert above == pytest.approx(width, rel=0.02)
    assert below == pytest.approx(1.5 * width, rel=0.02)
    np.testing.assert_allclose(jets[3] / jets[0], true[3] / true[0], rtol=1e-5)


def test_jets_out_of_reach_are_left_alone():
    jets = np.stack([objects(9.0), objects(200.0, eta=3.0)], axis=1)
    true = jets.copy()
    detector.smear_jets(np.random.default_rng(0), jets)
    np.testing.assert_array_equal(jets, true)


def test_leptons_and_missing_momentum_resolution():
    rng = np.random.default_rng(1)
    leptons = detector.smear_leptons(rng, objects(np.full(50_000, 50.0)))
    assert transverse_momentum(leptons).std() == pytest.approx(1.0, rel=0.03)
    neutrino = objects(np.full(50_000, 80.0))
    met = detector.missing_momentum(rng, neutrino, np.full(50_000, 400.0, np.float32))
    assert met[0].mean() == pytest.approx(80, abs=0.2)
    assert met.std(axis=1) == pytest.approx([8.0, 8.0], rel=0.03)


def test_close_jets_merge_into_the_earlier_and_far_ones_do_not():
    jets = np.stack([objects(50.0), objects(30.0, eta=0.3), objects(40.0, eta=0.9)], 1)
    total = jets.sum(axis=1)
    detector.merge_jets(jets, 3)
    assert transverse_momentum(jets)[:, 0] == pytest.approx([80, 0, 40], rel=1e-3)
    np.testing.assert_allclose(jets.sum(axis=1), total, rtol=1e-5, atol=1e-4)


def test_isolation_counts_accepted_jets_only():
    lepton = objects([30.0, 30.0])
    jets = np.stack([objects([50.0, 50.0], eta=0.2)], axis=1)
    accepted = np.array([[True, False]])
    assert detector.isolated(lepton, jets, accepted).tolist() == [False, True]


def test_tag_rates():
    flavours = np.repeat([detector.LIGHT, detector.CHARM, detector.BOTTOM], 50_000)
    tags = detector.tag_jets(np.random.default_rng(2), flavours).reshape(3, -1)
    np.testing.assert_allclose(tags.mean(axis=1), detector.TAG_RATES, atol=0.01)
