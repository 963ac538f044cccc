import numpy as np
import pytest

from kerashep.layers import CanonicalFrame
from tests.layers.momenta import VECTORS, WIDTH, components, events, invariants

LEPTON_PY = VECTORS[0][1]


def full(output):
    """The output with the dropped column, which is zero, put back."""
    return np.insert(np.array(output), LEPTON_PY, 0.0, axis=-1)


def twin(x):
    """By angles, as the study does it."""
    px, py, pz = components(x, 0)
    phi = np.arctan2(py, px)
    expected = x.astype("float64").copy()
    for number, columns in enumerate(VECTORS):
        vx, vy, vz = components(x, number)
        pt, delta = np.hypot(vx, vy), np.arctan2(vy, vx) - phi
        expected[:, columns[0]] = pt * np.cos(delta)
        expected[:, columns[1]] = pt * np.sin(delta)
        if len(columns) == 3:
            expected[:, columns[2]] = np.where(pz < 0, -vz, vz)
    tau_py = expected[:, VECTORS[1][1]].copy()
    for columns in VECTORS:
        expected[:, columns[1]] *= np.where(tau_py < 0, -1, 1)
    return np.delete(expected, LEPTON_PY, axis=1)


def test_against_rotation_by_angles():
    x = events(300)
    output = np.array(CanonicalFrame(VECTORS)(x))
    np.testing.assert_allclose(output, twin(x), rtol=1e-4, atol=1e-3)


def test_lepton_and_tau_are_where_they_should_be():
    x = events(300)
    fixed = full(CanonicalFrame(VECTORS)(x))
    lepton, tau = components(fixed, 0), components(fixed, 1)
    pt = np.hypot(*components(x, 0)[:2])
    np.testing.assert_allclose(lepton[0], pt, rtol=1e-5)
    assert (lepton[2] >= 0).all()
    assert (tau[1] >= 0).all()


def test_invariants_and_other_features_are_untouched():
    x = events(300)
    fixed = full(CanonicalFrame(VECTORS)(x))
    np.testing.assert_allclose(invariants(fixed), invariants(x), rtol=1e-3, atol=2e-2)
    np.testing.assert_array_equal(fixed[:, [6, 9]], x[:, [6, 9]])


@pytest.mark.parametrize("mirror", [(1, 1), (-1, 1), (1, -1), (-1, -1)])
def test_transformed_events_have_one_frame(mirror):
    x = events(200).astype("float64")
    angle = np.random.default_rng(1).uniform(-np.pi, np.pi, 200)
    moved = x.copy()
    for columns in VECTORS:
        px, py = x[:, columns[0]], x[:, columns[1]]
        moved[:, columns[0]] = px * np.cos(angle) - py * np.sin(angle)
        moved[:, columns[1]] = mirror[0] * (px * np.sin(angle) + py * np.cos(angle))
        if len(columns) == 3:
            moved[:, columns[2]] *= mirror[1]
    frame = CanonicalFrame(VECTORS)
    one, other = (np.array(frame(v.astype("float32"))) for v in (x, moved))
    np.testing.assert_allclose(one, other, rtol=1e-3, atol=2e-3)


def test_undefined_directions():
    x = events(3)
    x[0, [0, 1]] = 0.0  # a lepton along the beam: no rotation
    x[1, list(VECTORS[0])] = np.nan  # no lepton: neither rotation nor reflection in z
    x[2, list(VECTORS[1])] = np.nan  # no tau: no reflection in y
    x[1, VECTORS[1][1]], x[0, VECTORS[0][2]] = 5.0, 7.0
    x[0, VECTORS[1][1]] = 5.0
    output = np.array(CanonicalFrame(VECTORS)(x))
    kept = np.delete(x, LEPTON_PY, axis=1)
    np.testing.assert_array_equal(output[:2], kept[:2])
    np.testing.assert_array_equal(np.isnan(output[2]), np.isnan(kept[2]))


def test_columns_keep_their_order():
    assert CanonicalFrame(VECTORS).compute_output_shape((None, WIDTH)) == (None, 9)
    x = events(4)
    output = np.array(CanonicalFrame(VECTORS, reference=1, partner=0)(x))
    np.testing.assert_array_equal(output[:, [5, 8]], x[:, [6, 9]])  # py was column 5
