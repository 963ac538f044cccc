import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerashep.layers import FourVectorFeatures, LorentzBoost
from kerashep.layers._pair_features import PAIR_FEATURES
from kerashep.layers.four_vector_features import FEATURES
from tests.layers.four_vectors import boost_matrix, mass_of, massive, rotation


def everything(**options):
    return FourVectorFeatures(FEATURES, tuple(PAIR_FEATURES), **options)


def single_twin(v):
    """Feature -> `(...)`, from the textbook's formulas in float64."""
    energy, px, py, pz = np.moveaxis(v, -1, 0)
    p = np.sqrt(px**2 + py**2 + pz**2)
    m = np.sqrt(energy**2 - p**2)
    return {
        "E": energy,
        "px": px,
        "py": py,
        "pz": pz,
        "p": p,
        "pt": np.hypot(px, py),
        "eta": -np.log(np.tan(np.arccos(pz / p) / 2)),
        "phi": np.angle(px + 1j * py),
        "m": m,
        "beta": p / energy,
        "gamma": 1 / np.sqrt(1 - (p / energy) ** 2),
    }


def pair_twin(a, b):
    one, two = single_twin(a), single_twin(b)
    angle = np.angle(np.exp(1j * (one["phi"] - two["phi"])))
    d = a - b
    s = d[..., 0] ** 2 - np.sum(d[..., 1:] ** 2, axis=-1)
    rapidity = [
        0.5 * np.log((v[..., 0] + v[..., 3]) / (v[..., 0] - v[..., 3])) for v in (a, b)
    ]
    return {
        "pair_cos": np.sum(a[..., 1:] * b[..., 1:], axis=-1) / (one["p"] * two["p"]),
        "pair_dr": np.hypot(one["eta"] - two["eta"], angle),
        "pair_ds": np.sign(s) * np.sqrt(np.abs(s)),
        "pair_dy": rapidity[0] - rapidity[1],
    }


def expected(x):
    singles = [single_twin(x)[name] for name in FEATURES]
    pairs = itertools.combinations(range(x.shape[1]), 2)
    found = [pair_twin(x[:, i], x[:, j]) for i, j in pairs]
    both = [np.stack([one[name] for one in found], axis=1) for name in PAIR_FEATURES]
    return np.concatenate([*singles, *both], axis=1)


def test_values_in_the_documented_order():
    x = massive((50, 4), mass=(5.0, 40.0))
    wanted = expected(x)
    found = np.array(everything()(x.astype("float32")))
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(
        everything(dtype="float64")(x), wanted, rtol=1e-8, atol=1e-9
    )


def test_names_tell_the_columns():
    x = massive((3, 4)).astype("float32")
    layer = FourVectorFeatures(("pt", "m"), ("pair_dr",))
    with pytest.raises(ValueError, match="call or build layer"):
        _ = layer.feature_names
    found = np.array(layer(x))
    assert len(layer.feature_names) == found.shape[1] == 2 * 4 + 6
    assert layer.feature_names[:5] == ("pt_0", "pt_1", "pt_2", "pt_3", "m_0")
    pairs = ("0_1", "0_2", "0_3", "1_2", "1_3", "2_3")
    assert layer.feature_names[8:] == tuple(f"pair_dr_{pair}" for pair in pairs)
    column = found[:, layer.feature_names.index("pair_dr_1_3")]
    two = np.array(FourVectorFeatures(("pt",), ("pair_dr",))(x[:, [1, 3]]))[:, -1]
    np.testing.assert_allclose(column, two, rtol=1e-5)


def test_default_width_of_the_talk():
    assert FourVectorFeatures()(np.ones((1, 50, 4), "float32")).shape == (1, 1475)


def test_rotation_leaves_masses_energies_and_cosines():
    x, turn = massive((30, 5)), rotation(1)
    layer = FourVectorFeatures(
        ("E", "p", "m", "beta", "gamma"), ("pair_cos", "pair_ds")
    )
    one, other = (np.array(layer(v.astype("float32"))) for v in (x, x @ turn.T))
    np.testing.assert_allclose(one, other, rtol=2e-3, atol=2e-3)


def test_boost_leaves_masses_of_combinations():
    x = massive((30, 5))
    moved = x @ boost_matrix(np.array([50.0, 10.0, -20.0, 30.0])).T
    model = keras.Sequential(
        [LorentzBoost(4), FourVectorFeatures(("m", "E"), ("pair_cos",))]
    )
    keras.utils.set_random_seed(0)
    masses = [np.array(model(v.astype("float32")))[:, :8] for v in (x, moved)]
    np.testing.assert_allclose(masses[0], masses[1], rtol=1e-3)


def test_phi_is_wrapped():
    angle = np.array([3.0, -3.0])
    x = np.stack([np.full(2, 2.0), np.cos(angle), np.sin(angle), np.zeros(2)], axis=-1)
    found = FourVectorFeatures((), ("pair_dr",))(x[None].astype("float32"))
    assert float(found[0, 0]) == pytest.approx(2 * np.pi - 6.0, rel=1e-5)


DEGENERATE = {
    "zero": [0, 0, 0, 0],
    "along the beam": [5, 0, 0, 4],
    "massless along the beam": [5, 0, 0, -5],
    "massless": [5, 3, 0, 4],
    "at rest": [5, 0, 0, 0],
    "space-like": [1, 3, -2, 0.5],
    "no energy": [0, 3, 0, 0],
    "space-like along the beam": [1, 0, 0, 2],
    "tiny": [1e-25, 0, 1e-26, 0],
    "small": [2e-20, 1e-20, 1e-21, 0],
    "large": [1e12, 1e11, 0, 9e11],
}


@pytest.mark.parametrize("jit_compile", [False, True])
def test_finite_values_and_gradients(jit_compile):
    vectors = np.array(list(DEGENERATE.values()), "float32")
    # Every kind with every kind, itself included.
    x = np.stack(np.broadcast_arrays(vectors[:, None], vectors[None]), axis=2)
    x = tf.constant(x.reshape(-1, 2, 4))

    layer = everything()

    def run(tensor):
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            out = layer(tensor)
            loss = tf.reduce_sum(tf.cos(out / (1.0 + tf.abs(out))))
        return out, tape.gradient(loss, tensor)

    out, gradient = tf.function(run, jit_compile=jit_compile)(x)
    assert np.isfinite(out).all()
    assert np.isfinite(gradient).all()


def test_documented_values_of_degenerate_vectors():
    def value(kind, name):
        x = np.array(DEGENERATE[kind], "float32")[None, None]
        return float(FourVectorFeatures((name,), ())(x)[0, 0])

    for name in ("eta", "phi", "beta", "m", "pt"):
        assert value("zero", name) == 0.0
    assert value("zero", "gamma") == 1.0
    assert value("massless", "m") == value("space-like", "m") == 0.0
    assert value("space-like", "beta") == value("no energy", "beta") == 1.0
    assert value("massless", "gamma") == pytest.approx(2896.3, abs=0.1)
    space_like = np.array(DEGENERATE["space-like"])
    ratio = space_like[0] / np.linalg.norm(space_like[1:])
    assert value("space-like", "gamma") == pytest.approx(2896.3 * ratio, rel=1e-4)
    assert value("no energy", "gamma") == 0.0
    assert value("small", "phi") == 0.0
    assert value("along the beam", "eta") == pytest.approx(np.arcsinh(1e5))
    assert value("massless along the beam", "eta") == pytest.approx(-np.arcsinh(1e5))
    assert value("along the beam", "m") == 3.0


def test_masked_padding_is_a_zero_vector():
    x = massive((6, 4)).astype("float32")
    mask = np.ones((6, 4), bool)
    mask[0, 2:] = mask[1, 0] = False
    poisoned = np.where(mask[..., None], x, np.float32(np.nan))
    zeros = np.where(mask[..., None], x, np.float32(0.0))
    layer = everything()
    np.testing.assert_array_equal(layer(poisoned, mask=mask), layer(zeros))


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_policies_compute_in_float32(policy):
    x = 1e5 * massive((6, 4)).astype("float32")
    found = FourVectorFeatures(dtype=policy)(x)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_array_equal(found, FourVectorFeatures()(x))


def test_boosted_masses_agree_with_numpy():
    x = massive((30, 5)).astype("float32")
    boosted = np.array(LorentzBoost(4)(x))
    found = FourVectorFeatures(("m",), ())(boosted)
    np.testing.assert_allclose(found, mass_of(boosted), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"features": ("Eta",)}, "`features` holds the unknown 'Eta'.*mean 'eta'"),
        ({"pair_features": ("cos",)}, "`pair_features` holds.*Available: pair_cos"),
        ({"features": ("m", "m")}, "each feature once"),
        ({"features": (), "pair_features": ()}, "must name a feature"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        FourVectorFeatures(**arguments)
