"""Shape variables against closed forms and plain loops."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from kerashep.data.four_vectors import to_cartesian
from kerashep.datasets import load_dataset
from kerashep.datasets.jet_shapes import JET_SHAPES, shape_variables

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def jets(count=6, constituents=12, seed=0):
    rng = np.random.default_rng(seed)
    polar = np.stack(
        [
            rng.exponential(40, (count, constituents)) + 1,
            rng.normal(0.3, 0.2, (count, constituents)),
            rng.normal(3.1, 0.2, (count, constituents)),
            np.zeros((count, constituents)),
        ],
        -1,
    )
    return to_cartesian(polar)


def column(found, name):
    return found[:, JET_SHAPES.index(name)]


def by_loop(jet):
    """pt, mass, width, lha, thrust, ptd, c2 and d2 of one jet."""
    total = jet.sum(axis=0)
    pts = [np.hypot(p[1], p[2]) for p in jet]
    z = [pt / sum(pts) for pt in pts]
    eta = [np.arcsinh(p[3] / pt) for p, pt in zip(jet, pts, strict=True)]
    phi = [np.arctan2(p[2], p[1]) for p in jet]

    def apart(a, b):
        turn = (a[1] - b[1] + np.pi) % (2 * np.pi) - np.pi
        return np.hypot(a[0] - b[0], turn)

    axis = (
        np.arcsinh(total[3] / np.hypot(*total[1:3])),
        np.arctan2(total[2], total[1]),
    )
    place = list(zip(eta, phi, strict=True))
    r = [apart(p, axis) / 0.8 for p in place]
    e2 = sum(
        z[i] * z[j] * apart(place[i], place[j])
        for i, j in itertools.combinations(range(len(z)), 2)
    )
    e3 = sum(
        z[i]
        * z[j]
        * z[k]
        * apart(place[i], place[j])
        * apart(place[i], place[k])
        * apart(place[j], place[k])
        for i, j, k in itertools.combinations(range(len(z)), 3)
    )
    return {
        "pt": np.hypot(*total[1:3]),
        "mass": np.sqrt(total[0] ** 2 - (total[1:] ** 2).sum()),
        "width": np.dot(z, r),
        "lha": np.dot(z, np.sqrt(r)),
        "thrust": np.dot(z, np.square(r)),
        "ptd": np.sqrt(np.dot(z, z)),
        "c2": e3 / e2**2,
        "d2": e3 / e2**3,
        "leading_share": max(z),
        "multiplicity": len(z),
    }


def test_as_loops_do():
    vectors = jets()
    found = shape_variables(vectors)
    for row, jet in enumerate(vectors):
        for name, value in by_loop(jet).items():
            assert column(found, name)[row] == pytest.approx(value, rel=2e-4), name


def test_padding_order_and_flat_features_change_nothing():
    vectors = jets()
    found = shape_variables(vectors)
    padded = np.concatenate([vectors, np.zeros((6, 9, 4))], axis=1)
    shuffled = padded[:, np.random.default_rng(1).permutation(21)]
    np.testing.assert_allclose(shape_variables(shuffled), found, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(shape_variables(padded.reshape(6, -1)), found, rtol=1e-5)


def test_rotation_about_the_beam_changes_nothing():
    vectors = jets()
    turned = vectors.copy()
    turned[..., 1] = np.cos(2) * vectors[..., 1] - np.sin(2) * vectors[..., 2]
    turned[..., 2] = np.sin(2) * vectors[..., 1] + np.cos(2) * vectors[..., 2]
    np.testing.assert_allclose(
        shape_variables(turned), shape_variables(vectors), rtol=1e-3, atol=1e-5
    )


def test_prongs_are_counted():
    """k massless prongs: tau_k vanishes, those below do not."""
    polar = np.array([[200, 0.3, 0, 0], [200, -0.3, 0.3, 0], [200, 0, -0.4, 0.0]])
    for prongs in (1, 2, 3):
        found = shape_variables(to_cartesian(polar[:prongs])[np.newaxis])
        taus = [column(found, f"tau{k}")[0] for k in (1, 2, 3)]
        assert all(tau < 1e-6 for tau in taus[prongs - 1 :])
        assert all(tau > 0.05 for tau in taus[: prongs - 1])
    assert column(found, "tau32")[0] < 1e-5
    pairs = [polar[[0, 1]], polar[[0, 2]], polar[[1, 2]]]
    masses = [
        np.sqrt(v[0] ** 2 - (v[1:] ** 2).sum())
        for v in (to_cartesian(pair).sum(axis=0) for pair in pairs)
    ]
    assert column(found, "min_pair_mass")[0] == pytest.approx(min(masses), rel=1e-4)


def test_empty_jets_and_no_jets():
    assert not shape_variables(np.zeros((3, 5, 4))).any()
    assert shape_variables(np.zeros((0, 5, 4))).shape == (0, 16)
    with pytest.raises(ValueError, match=r"\(jets, n, 4\)"):
        shape_variables(np.zeros((3, 5)))


def test_they_separate_tops_from_qcd():
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score

    from kerashep.datasets import load_toptagging

    path = SHARED / "toptag_pythia_12k.parquet"
    if not path.exists():
        pytest.skip("the shared data sets are not here")
    events = load_toptagging(path, constituents=200)
    x, y = shape_variables(events.features), events.label
    model = HistGradientBoostingClassifier(max_iter=60, random_state=0)
    scores = model.fit(x[:9000], y[:9000]).predict_proba(x[9000:])[:, 1]
    assert roc_auc_score(y[9000:], scores) > 0.98


def test_data_sets_give_them_as_features():
    sample = load_dataset("jets_simulated", events=40, constituents=30, seed=2)
    shapes = load_dataset(
        "jets_simulated", events=40, constituents=30, shapes=True, seed=2
    )
    assert shapes.feature_names == JET_SHAPES
    np.testing.assert_array_equal(shapes.features, shape_variables(sample.features))
    np.testing.assert_array_equal(shapes.label, sample.label)
    assert shapes.feature_units[:3] == ("GeV", "GeV", "")
