import itertools
import warnings

import keras
import numpy as np
import pytest

from kerashep.testing import fill_weights
from kerashep.zoo import AffinePNN, ParametricNN, SingleNN

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4)).astype("float32")
M = RNG.uniform(500.0, 1500.0, size=(6, 1)).astype("float32")
INPUTS = {"x": X, "m": M}
SHIFT_ONLY = (("bias", "end"), ("concat", "end"))


def build(kind, placement, **arguments):
    with warnings.catch_warnings():
        if (kind, placement) in SHIFT_ONLY:
            warnings.simplefilter("ignore")
        return AffinePNN(4, units=[5, 3], kind=kind, placement=placement, **arguments)


def twin(model, x, m):
    """Independent NumPy version for ReLU and units [5, 3]; m in TeV."""
    weights = iter(np.array(w, "float64") for w in model.get_weights())

    def condition(z):
        if model.kind == "concat":
            return np.hstack([z, m])
        scale = bias = None
        if model.kind in ("affine", "scale"):
            scale = m @ next(weights) + next(weights)
        if model.kind in ("affine", "bias"):
            bias = m @ next(weights) + next(weights)
        z = z if scale is None else z * scale
        return z if bias is None else z + bias

    z = condition(x) if model.placement == "start" else x
    for i in range(2):
        z = np.maximum(z @ next(weights) + next(weights), 0.0)
        if model.placement == "all" or (model.placement == "end" and i == 1):
            z = condition(z)
    return 1.0 / (1.0 + np.exp(-(z @ next(weights) + next(weights))))


def test_parameter_count_of_the_reference():
    assert AffinePNN(num_features=27).count_params() == 76_151


@pytest.mark.parametrize(
    ("kind", "placement"),
    itertools.product(["affine", "scale", "bias", "concat"], ["all", "start", "end"]),
)
def test_output_against_numpy(kind, placement):
    model = build(kind, placement)
    fill_weights(model)
    np.testing.assert_allclose(model(INPUTS), twin(model, X, M / 1000.0), rtol=1e-5)


def test_concatenation_at_the_start_is_the_parametric_network():
    model, other = build("concat", "start"), ParametricNN(4, units=[5, 3])
    other.set_weights(model.get_weights())
    np.testing.assert_array_equal(model(INPUTS), other(INPUTS))


def test_identity_start_is_the_single_network_at_mass_zero():
    model, plain = build("affine", "all"), SingleNN(4, units=[5, 3])
    for i in range(2):
        plain.get_layer(f"dense_{i}").set_weights(
            model.get_layer(f"dense_{i}").get_weights()
        )
    plain.get_layer("score").set_weights(model.get_layer("score").get_weights())
    np.testing.assert_array_equal(model({"x": X, "m": 0 * M}), plain({"x": X}))


def test_reference_start_is_silent_at_mass_zero():
    model = build("affine", "all", initialization="reference")
    np.testing.assert_array_equal(model({"x": X, "m": 0 * M}), np.full((6, 1), 0.5))


@pytest.mark.parametrize(("kind", "placement"), SHIFT_ONLY)
def test_shift_of_the_logit_only_is_said(kind, placement):
    with pytest.warns(UserWarning, match=f"kind='{kind}'.*only add a number"):
        model = AffinePNN(4, units=[5], kind=kind, placement=placement)
    fill_weights(model)
    scores = [np.array(model({"x": X, "m": 0 * M + at}))[:, 0] for at in (500, 1500)]
    assert not np.allclose(*scores)
    np.testing.assert_array_equal(*(np.argsort(s) for s in scores))


def test_dropout_follows_the_conditioning():
    model = AffinePNN(4, units=[5], dropout=0.5)
    assert model.get_layer("dropout_0").input is model.get_layer("condition_0").output


def test_l2_does_not_reach_the_conditioning():
    model = build("affine", "all", kernel_l2=1.0)
    fill_weights(model)
    kernels = [model.get_layer(f"dense_{i}").kernel for i in range(2)]
    expected = sum(np.sum(np.square(kernel)) for kernel in kernels)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


def test_masses_beyond_float16_under_mixed_precision():
    model = AffinePNN(4, units=[5], parameter_scale=1e6, dtype="mixed_float16")
    score = np.array(model({"x": X, "m": 1e3 * M}))  # MeV
    assert score.dtype == np.float32
    assert np.isfinite(score).all()


def test_global_dtype_policy_is_kept_in_the_config():
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        model = AffinePNN(4, units=[5])
    finally:
        keras.config.set_dtype_policy("float32")
    again = AffinePNN.from_config(model.get_config())
    assert again.get_layer("dense_0").dtype_policy.name == "mixed_bfloat16"
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(INPUTS), model(INPUTS))
