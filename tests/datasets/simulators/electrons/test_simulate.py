"""Candidates of the six classes."""

import numpy as np
import pytest

from kerashep.datasets.electron_schema import CLASSES, ELECTRON_SCHEMA, SCALARS
from kerashep.datasets.simulators.electrons.calorimeter import (
    add_noise,
    true_images,
)
from kerashep.datasets.simulators.electrons.candidate_classes import (
    CANDIDATE_CLASSES,
    draw,
)
from kerashep.datasets.simulators.electrons.deposits import deposit
from kerashep.datasets.simulators.electrons.simulate import block, simulate

KINDS = {kind.name: kind for kind in CANDIDATE_CLASSES}


@pytest.fixture(scope="module")
def found():
    """Parts of candidates of each class, and the scalars by name."""
    candidates = {}
    for name, kind in KINDS.items():
        features = block(kind, 1500, np.random.default_rng(3))
        parts = ELECTRON_SCHEMA.split(features)
        parts |= dict(zip(SCALARS, parts["scalars"].T, strict=True))
        candidates[name] = parts
    return candidates


def test_classes():
    assert tuple(KINDS) == CLASSES
    shares = [kind.share for kind in CANDIDATE_CLASSES]
    assert sum(shares) == pytest.approx(1)
    assert shares[0] == 0.365
    assert sum(sorted(shares)[-2:]) == pytest.approx(0.983)


def test_preselection(found):
    for parts in found.values():
        assert ((parts["pt"] > 15) & (parts["pt"] < 150)).all()
        assert (parts["r_had"] < 0.07).all()
        assert (parts["r_eta"] > 0.8).all()
        assert (parts["f1"] > 0.05).all()
        assert (np.abs(parts["delta_eta1"]) < 0.012).all()
        eta = parts["abs_eta"]
        assert ((eta < 1.37) | ((eta > 1.52) & (eta < 2.47))).all()


def test_signal_looks_like_electrons(found):
    signal = found["signal"]
    assert len(signal["pt"]) > 800
    assert 1 < np.median(signal["e_over_p"]) < 1.4
    assert np.median(signal["r_eta"]) > 0.93
    assert abs(np.median(signal["r_had"])) < 0.02
    hottest = signal["em2"].mean(axis=0)
    assert hottest.argmax() == 3 * 11 + 5
    np.testing.assert_allclose(hottest, hottest[::-1], rtol=0.5, atol=0.05)
    energy = sum(
        signal[image.name].sum(axis=(1, 2)) for image in ELECTRON_SCHEMA.images
    )
    assert 0.9 < np.median(signal["pt"] * np.cosh(signal["abs_eta"]) / energy) < 1.05


def test_classes_differ_as_they_should(found):
    signal, hadron = found["signal"], found["light_hadron"]
    for name, sign in (("r_had", 1), ("w_eta2", 1), ("r_eta", -1), ("f1", -1)):
        assert sign * (np.median(hadron[name]) - np.median(signal[name])) > 0, name
    hits = {name: parts["pixel_hits"].mean() for name, parts in found.items()}
    assert hits["conversion"] < hits["charge_flip"] + 1 < hits["signal"] + 1
    spread = {
        name: np.median(parts["d0_significance"]) for name, parts in found.items()
    }
    assert spread["heavy_flavour"] > 2 * spread["signal"]
    assert spread["conversion"] > 3 * spread["signal"]
    tracks = {
        n: (parts["tracks"][..., 0] > 0).sum(axis=1).mean()
        for n, parts in found.items()
    }
    assert tracks["light_em"] > tracks["heavy_flavour"] > tracks["signal"]
    trt = {name: parts["trt_probability"].mean() for name, parts in found.items()}
    assert trt["signal"] > trt["light_hadron"] + 0.2


def test_tracks_are_padded_with_zeros(found):
    for parts in found.values():
        tracks = parts["tracks"]
        absent = tracks[..., 0] == 0
        assert (tracks[absent] == 0).all()
        assert (np.abs(tracks[..., 1][~absent]) == 1).all()
        assert (np.diff(tracks[..., 0], axis=1) <= 0).all()
        assert not absent[:, 0].any()


def test_neighbouring_cells_fluctuate_together(found):
    """What scalars do not hold: layers and cells are correlated beyond the energy."""
    signal = found["signal"]
    share = signal["em1"].sum(axis=(1, 2)), signal["em2"].sum(axis=(1, 2))
    total = share[0] + share[1]
    left, right = (signal["em2"][:, row, 5] / total for row in (2, 4))
    assert np.corrcoef(left, right)[0, 1] < -0.2  # the place of impact in the cell
    strips = signal["em1"].sum(axis=2)
    first = strips[:, :28].sum(axis=1) - strips[:, 28:].sum(axis=1)
    assert np.corrcoef(first, left - right)[0, 1] > 0.3


def test_images_keep_the_energy_and_get_noise():
    rng = np.random.default_rng(0)
    particles, _, abs_eta, _ = draw(rng, KINDS["signal"], 200)
    deposits = deposit(rng, particles, abs_eta)
    images = true_images(deposits, 200)
    seen = images.coarse.sum(axis=(1, 2, 3)) + images.fine.sum(axis=(1, 2))
    made = np.bincount(deposits.candidate, deposits.energy.sum(axis=1), 200)
    assert (seen < 1.001 * made).all()
    assert 0.85 < np.median(seen / made) < 1
    assert (images.coarse >= -1e-4).all()
    empty = true_images(deposits.take(np.arange(0)), 50)
    add_noise(rng, empty)
    np.testing.assert_allclose(empty.fine.std(), 0.03, rtol=0.05)
    np.testing.assert_allclose(empty.coarse[:, 1].std(), 0.08, rtol=0.1)


def test_seed_and_number():
    first, again, other = (
        simulate(KINDS["signal"], 40, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert first.shape == (40, 1170)
    assert first.dtype == np.float32
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
