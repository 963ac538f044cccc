"""Symmetry transforms: invariants, NumPy against Keras ops, untouched columns."""

import numpy as np
import pytest

from kerashep.data.symmetry import PhiRotation, Reflection, Vector

NAMES = ("tau_px", "tau_py", "n_jets", "tau_pz", "met_py", "met_px", "mass")
TAU = Vector(px="tau_px", py="tau_py", pz="tau_pz")
MET = Vector(px="met_px", py="met_py")
STAGES = (
    PhiRotation((TAU, MET)),
    Reflection("y", (TAU, MET)),
    Reflection("z", (TAU, MET)),
)


def make_features(*shape):
    x = np.random.default_rng(0).normal(0, 50, (*shape, len(NAMES)))
    x[..., 2] = np.nan  # a missing value must stay in its column
    return x.astype("float32")


def components(x, vector):
    columns = [NAMES.index(n) for n in (vector.px, vector.py, vector.pz) if n]
    return np.moveaxis(x[..., columns].astype("float64"), -1, 0)


def test_rotation_is_by_the_drawn_angle():
    x = make_features(200)
    stage = STAGES[0].for_features(NAMES)
    angle = stage.draw(np.random.default_rng(1), (200,))
    turned = stage.apply(x, angle)
    for vector in (TAU, MET):
        before, after = components(x, vector), components(turned, vector)
        complex_before, complex_after = (p[0] + 1j * p[1] for p in (before, after))
        np.testing.assert_allclose(
            complex_after, complex_before * np.exp(1j * angle), rtol=1e-4, atol=1e-4
        )
    untouched = [NAMES.index(n) for n in ("n_jets", "tau_pz", "mass")]
    np.testing.assert_array_equal(turned[:, untouched], x[:, untouched])


def test_angles_fill_the_circle_and_vectors_turn_together():
    stage = STAGES[0].for_features(NAMES)
    angle = stage.draw(np.random.default_rng(1), (100_000,))
    assert angle.dtype == np.float32
    counts, _ = np.histogram(angle, 8, (-np.pi, np.pi))
    assert counts.sum() == 100_000
    assert abs(counts / 12_500 - 1).max() < 0.03
    x = make_features(500)
    turned = stage.apply(x, angle[:500])
    dot = [
        np.sum(components(values, TAU)[:2] * components(values, MET), axis=0)
        for values in (x, turned)
    ]
    np.testing.assert_allclose(*dot, rtol=1e-3, atol=1e-1)


@pytest.mark.parametrize(
    ("axis", "names"), [("y", ["tau_py", "met_py"]), ("z", ["tau_pz"])]
)
def test_reflection_reverses_one_component_of_half_the_events(axis, names):
    stage = Reflection(axis, (TAU, MET)).for_features(NAMES)
    x = make_features(20_000)
    sign = stage.draw(np.random.default_rng(1), (20_000,))
    assert set(sign.tolist()) == {-1.0, 1.0}
    assert abs(sign.mean()) < 0.03
    mirrored = stage.apply(x, sign)
    for i, name in enumerate(NAMES):
        factor = sign if name in names else 1
        np.testing.assert_array_equal(mirrored[:, i], x[:, i] * factor)


@pytest.mark.parametrize("stage", STAGES)
def test_keras_ops_give_the_same_and_compile(stage):
    tf = pytest.importorskip("tensorflow")
    keras = pytest.importorskip("keras")
    stage = stage.for_features(NAMES)
    x = make_features(3, 40)
    draws = stage.draw(np.random.default_rng(2), (3, 40))
    expected = stage.apply(x, draws)

    @tf.function(jit_compile=True)
    def compiled(x, draws):
        return stage.apply(x, draws, xp=keras.ops)

    for function in (lambda *a: stage.apply(*a, xp=keras.ops), compiled):
        result = keras.ops.convert_to_numpy(function(x, draws))
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("stage", STAGES)
def test_draws_do_not_depend_on_how_they_are_divided(stage):
    whole = stage.draw(np.random.default_rng(0), (4, 9))
    rng = np.random.default_rng(0)
    parts = [stage.draw(rng, (1, 9)), stage.draw(rng, (3, 9))]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


@pytest.mark.parametrize("stage", STAGES)
def test_input_is_not_changed(stage):
    x = make_features(10)
    copy = x.copy()
    stage = stage.for_features(NAMES)
    stage.apply(x, stage.draw(np.random.default_rng(0), (10,)))
    np.testing.assert_array_equal(x, copy)


def test_errors():
    with pytest.raises(ValueError, match="at least one Vector"):
        PhiRotation(())
    with pytest.raises(ValueError, match=r"Received twice: \['tau_px'\]"):
        PhiRotation((TAU, Vector("tau_px", "met_py")))
    with pytest.raises(ValueError, match="must be 'y' or 'z'"):
        Reflection("x", (TAU,))
    with pytest.raises(ValueError, match="a vector with `pz`"):
        Reflection("z", (MET,))
    wrong = PhiRotation((Vector("tau_px", "taupy"),))
    with pytest.raises(ValueError, match="Did you mean 'tau_py'"):
        wrong.for_features(NAMES)
    with pytest.raises(ValueError, match="before `apply`"):
        STAGES[0].apply(make_features(2), np.zeros(2))
