"""Polar vectors under the symmetries: the same as their Cartesian components."""

import keras
import numpy as np
import pytest

from kerashep.data.symmetry import PhiRotation, Reflection
from kerashep.data.vectors import PolarVector, Vector, columns_of

POLAR = ("lep_pt", "lep_eta", "lep_phi", "met", "met_phi")
CARTESIAN = ("lep_px", "lep_py", "lep_pz", "met_px", "met_py")
POLAR_VECTORS = (PolarVector("lep_phi", "lep_eta"), PolarVector("met_phi"))
CARTESIAN_VECTORS = (
    Vector("lep_px", "lep_py", "lep_pz"),
    Vector("met_px", "met_py"),
)
PAIRS = [
    (PhiRotation(POLAR_VECTORS), PhiRotation(CARTESIAN_VECTORS)),
    (Reflection("y", POLAR_VECTORS), Reflection("y", CARTESIAN_VECTORS)),
    (Reflection("z", POLAR_VECTORS), Reflection("z", CARTESIAN_VECTORS)),
]


def polar_events(count=500):
    rng = np.random.default_rng(3)
    pt = rng.exponential(50, (count, 2))
    eta = rng.normal(0, 1, count)
    phi = rng.uniform(-np.pi, np.pi, (count, 2))
    columns = [pt[:, 0], eta, phi[:, 0], pt[:, 1], phi[:, 1]]
    return np.stack(columns, axis=1).astype("float32")


def cartesian(x):
    pt, eta, phi, met, met_phi = np.moveaxis(x.astype("float64"), -1, 0)
    lepton = [pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)]
    return np.stack([*lepton, met * np.cos(met_phi), met * np.sin(met_phi)], axis=-1)


@pytest.mark.parametrize(("polar", "flat"), PAIRS, ids=["rotation", "y", "z"])
@pytest.mark.parametrize("xp", [np, keras.ops], ids=["numpy", "keras"])
def test_polar_and_cartesian_vectors_move_alike(polar, flat, xp):
    x = polar_events()
    polar, flat = polar.for_features(POLAR), flat.for_features(CARTESIAN)
    draws = polar.draw(np.random.default_rng(1), (len(x),))
    moved = np.asarray(polar.apply(x, draws, xp))
    expected = flat.apply(cartesian(x), draws.astype("float64"))
    np.testing.assert_allclose(cartesian(moved), expected, rtol=2e-4, atol=2e-3)
    assert np.abs(moved[:, [2, 4]]).max() <= np.pi + 1e-6
    np.testing.assert_array_equal(moved[:, [0, 3]], x[:, [0, 3]])
    assert not np.allclose(moved, x)


@pytest.mark.parametrize("xp", [np, keras.ops], ids=["numpy", "keras"])
def test_missing_angles_stay_missing_and_harm_no_other_column(xp):
    x = polar_events(50)
    x[::2, 2] = np.nan
    stage = PAIRS[0][0].for_features(POLAR)
    draws = stage.draw(np.random.default_rng(1), (50,))
    moved = np.asarray(stage.apply(x, draws, xp))
    assert np.isnan(moved[::2, 2]).all()
    assert np.isfinite(np.delete(moved, 2, axis=1)).all()


def test_both_kinds_of_vectors_turn_by_one_angle():
    names = (*POLAR, *CARTESIAN)
    stage = PhiRotation((*POLAR_VECTORS, *CARTESIAN_VECTORS)).for_features(names)
    x = polar_events(200)
    both = np.concatenate([x, cartesian(x)], axis=1).astype("float32")
    moved = stage.apply(both, stage.draw(np.random.default_rng(1), (200,)))
    np.testing.assert_allclose(
        cartesian(moved[:, :5]), moved[:, 5:], rtol=1e-4, atol=1e-3
    )


def test_wrong_vectors_are_refused():
    with pytest.raises(ValueError, match="Received twice: \\['lep_phi'\\]"):
        PhiRotation((PolarVector("lep_phi"), PolarVector("lep_phi")))
    with pytest.raises(ValueError, match="`pz` or `eta`"):
        Reflection("z", (PolarVector("met_phi"),))
    with pytest.raises(ValueError, match=r"No feature 'lep_fi'.*lep_phi"):
        PhiRotation((PolarVector("lep_fi"),)).for_features(POLAR)
    with pytest.raises(ValueError, match="for_features"):
        columns_of(["lep_phi"], ())
