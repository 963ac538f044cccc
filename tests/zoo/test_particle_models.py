"""Models on four-vectors: padding, order and symmetry."""

import keras
import numpy as np
import pytest

from kerashep.layers import JetCoordinates
from kerashep.zoo import (
    LBNClassifier,
    LBNRegressor,
    LoLaClassifier,
    ParticleFlowNetwork,
    list_models,
    model_class,
)

RNG = np.random.default_rng(4)
MOMENTA = RNG.normal((60.0, 10.0, 20.0), 5.0, (6, 4, 3))
ENERGY = np.sqrt(1.0 + (MOMENTA**2).sum(-1, keepdims=True))
JETS = np.concatenate([ENERGY, MOMENTA], -1).astype("float32")
JETS[2, 3] = 0.0


def scores(model, jets):
    return np.asarray(model({"x": jets.reshape(len(jets), -1)}))


@pytest.mark.parametrize("kind", [LBNClassifier, LBNRegressor, ParticleFlowNetwork])
def test_padding_beside_a_jet_changes_nothing(kind):
    """The same weights on four and on six slots, two of them empty."""
    small, large = kind(num_features=16), kind(num_features=24)
    for one, other in zip(small.weights, large.weights, strict=True):
        values = np.asarray(other).copy()
        values[: one.shape[0]] = one  # the kernels of boosts have a row a slot
        other.assign(values)
    padded = np.pad(JETS, ((0, 0), (0, 2), (0, 0)))
    np.testing.assert_allclose(scores(large, padded), scores(small, JETS), rtol=1e-5)


def test_padding_changes_nothing_for_lola():
    """Its slots are the sum, the constituents, the combinations: not the first few."""
    small, large = LoLaClassifier(num_features=16), LoLaClassifier(num_features=24)
    vectors = np.r_[:5, 7:17]  # of 1 + 6 + 10
    invariants = (vectors[:, None] * 7 + np.arange(7)).ravel()
    kept = {4: np.arange(4), 15: vectors, 105: invariants}
    for one, other in zip(small.weights, large.weights, strict=True):
        values = np.asarray(other).copy()
        places = [
            np.arange(size) if size == length else kept[length]
            for length, size in zip(one.shape, other.shape, strict=True)
        ]
        values[np.ix_(*places)] = one
        other.assign(values)
    padded = np.pad(JETS, ((0, 0), (0, 2), (0, 0)))
    np.testing.assert_allclose(scores(large, padded), scores(small, JETS), rtol=1e-5)


def test_deep_sets_know_no_order_and_no_azimuth():
    model = ParticleFlowNetwork(num_features=16)
    expected = scores(model, JETS)
    shuffled = JETS[:, [2, 0, 3, 1]]
    np.testing.assert_allclose(scores(model, shuffled), expected, rtol=1e-5)
    angle = 2.5
    turned = JETS.copy()
    turned[..., 1] = JETS[..., 1] * np.cos(angle) - JETS[..., 2] * np.sin(angle)
    turned[..., 2] = JETS[..., 1] * np.sin(angle) + JETS[..., 2] * np.cos(angle)
    np.testing.assert_allclose(scores(model, turned), expected, rtol=1e-4)


def test_coordinates_are_those_of_the_formulas():
    found = np.asarray(JetCoordinates()(JETS, mask=(JETS != 0).any(-1)))
    np.testing.assert_array_equal(found[2, 3], np.zeros(7))
    energy, px, py, pz = np.moveaxis(JETS.astype("float64"), -1, 0)
    pt, total = np.hypot(px, py), JETS.astype("float64").sum(1)
    jet_pt = np.hypot(total[:, 1], total[:, 2])[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        deta = np.arcsinh(pz / pt) - np.arcsinh(total[:, 3:] / jet_pt)
        shares = np.log(pt / jet_pt), np.log(energy / total[:, :1])
        logs = np.log(pt), np.log(energy)
    dphi = np.arctan2(py, px) - np.arctan2(total[:, 2], total[:, 1])[:, None]
    dphi = (dphi + np.pi) % (2 * np.pi) - np.pi
    twin = np.stack([deta, dphi, np.hypot(deta, dphi), *logs, *shares], -1)
    known = np.ones((6, 4), bool)
    known[2, 3] = False
    np.testing.assert_allclose(found[known], twin[known], rtol=1e-4, atol=1e-5)


def test_regressors_are_positive_and_of_the_stated_size():
    model = LBNRegressor(num_features=16, scale=80.0)
    found = scores(model, JETS)
    assert (found > 0).all()
    assert 10 < np.median(found) < 300


def test_mixed_precision_keeps_the_masses():
    """Boosts and features stay in float32: a policy changes the dense layers only."""
    exact = LBNClassifier(num_features=16, combinations=3)
    mixed = LBNClassifier(num_features=16, combinations=3, dtype="mixed_bfloat16")
    mixed.set_weights(exact.get_weights())
    features = [
        keras.Model(model.input, model.get_layer("normalisation").output)
        for model in (exact, mixed)
    ]
    ours, theirs = (scores(model, JETS) for model in features)
    np.testing.assert_array_equal(ours, theirs)


FOUR_VECTOR_MODELS = [
    name
    for name in list_models()
    if getattr(model_class(name), "takes_four_vectors", False)
]


@pytest.fixture
def global_policy():
    before = keras.config.dtype_policy()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before)


def physics(model, jets):
    """The vectors, and what the dense layers are given."""
    names = [layer.name for layer in model.layers]
    last = "normalisation" if "normalisation" in names else "jet_coordinates"
    layers = [model.get_layer(name).output for name in ("four_vectors", last)]
    flat = jets.reshape(len(jets), -1)
    return [
        np.asarray(found) for found in keras.Model(model.input, layers)({"x": flat})
    ]


@pytest.mark.parametrize("name", FOUR_VECTOR_MODELS)
def test_a_global_mixed_policy_keeps_the_vectors(name, global_policy, tmp_path):
    exact = model_class(name)(num_features=16, units=[4])
    global_policy("mixed_float16")
    mixed = model_class(name)(num_features=16, units=[4])
    mixed.set_weights(exact.get_weights())
    for ours, theirs in zip(physics(mixed, JETS), physics(exact, JETS), strict=True):
        assert ours.dtype == "float32"
        np.testing.assert_array_equal(ours, theirs)
    mixed.save(tmp_path / "model.keras")
    for policy in ("mixed_float16", "float32"):
        global_policy(policy)
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        np.testing.assert_array_equal(physics(loaded, JETS)[1], physics(exact, JETS)[1])
        np.testing.assert_array_equal(scores(loaded, JETS), scores(mixed, JETS))


@pytest.mark.parametrize("name", FOUR_VECTOR_MODELS)
def test_float64_reaches_boosts_and_invariants(name):
    model = model_class(name)(num_features=16, units=[4], dtype="float64")
    assert physics(model, JETS)[1].dtype == "float64"
    again = model_class(name).from_config(model.get_config())
    again.set_weights(model.get_weights())
    assert physics(again, JETS)[1].dtype == "float64"
    np.testing.assert_array_equal(scores(again, JETS), scores(model, JETS))
