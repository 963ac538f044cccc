import keras
import numpy as np
import pytest
import tensorflow as tf

from kerashep.layers import LorentzBoost
from tests.layers.four_vectors import boost_matrix, fast, mass_of, massive, rotation

ONE = {"particle_weights": [[1.0]], "restframe_weights": [[1.0]]}
MODES = ("pairs", "product", "combinations")
FLOAT32 = np.finfo("float32").eps


def layer_of(mode, particles=3, frames=2, inputs=5, seed=0, **options):
    """With fixed random weights, and those weights."""
    rng = np.random.default_rng(seed)
    particle = rng.uniform(0.1, 1.0, (inputs, particles))
    if mode == "combinations":
        return LorentzBoost(
            particles, mode=mode, particle_weights=particle, **options
        ), (particle, particle)
    frames = particles if mode == "pairs" else frames
    restframe = rng.uniform(0.1, 1.0, (inputs, frames))
    layer = LorentzBoost(
        particles,
        frames,
        mode,
        particle_weights=particle,
        restframe_weights=restframe,
        **options,
    )
    return layer, (particle, restframe)


def twin(x, mode, weights):
    """One boost matrix a pair, in the documented order."""
    particles, frames = (np.einsum("bnc,nm->bmc", x, w) for w in weights)
    ms, rs = particles.shape[1], frames.shape[1]
    if mode == "pairs":
        pairs = [(m, m) for m in range(ms)]
    elif mode == "product":
        pairs = [(m, r) for m in range(ms) for r in range(rs)]
    else:
        pairs = [(i, j) for i in range(ms) for j in range(i + 1, ms)]
        pairs += [(i, j) for i in range(ms) for j in range(i)]
    return np.stack(
        [
            [boost_matrix(frames[b, r]) @ particles[b, m] for m, r in pairs]
            for b in range(len(x))
        ]
    )


@pytest.mark.parametrize("mode", MODES)
def test_agrees_with_boost_matrices(mode):
    x = massive((20, 5))
    layer, weights = layer_of(mode)
    expected = twin(x, mode, weights)
    size = np.abs(expected[..., :1])
    found = np.array(layer(x.astype("float32")))
    assert np.max(np.abs(found - expected) / size) < 2e-5
    exact, _ = layer_of(mode, dtype="float64")
    assert np.max(np.abs(np.array(exact(x)) - expected) / size) < 1e-12


@pytest.mark.parametrize("gamma", [1.0 + 1e-6, 1.5, 30.0, 300.0])
def test_a_frame_boosted_into_itself_rests_in_float32(gamma):
    x = fast(20_000, gamma).astype("float32")[:, None]
    rest = np.array(LorentzBoost(1, **ONE)(x), "float64")[:, 0]
    momentum = np.linalg.norm(rest[:, 1:], axis=1)
    assert np.max(momentum / x[:, 0, 0]) < 1e-6  # 1e-4 is asked for
    # The energy that is left is the mass, as well as float32 holds it.
    mass = mass_of(x[:, 0].astype("float64"))
    assert np.max(np.abs(rest[:, 0] / mass - 1.0)) < 1e-6 + 4 * FLOAT32 * gamma**2


@pytest.mark.parametrize("gamma", [1e4, 1e6, 1e8])
def test_very_fast_frames_are_finite_in_float32(gamma):
    x = tf.constant(fast(2000, gamma).astype("float32")[:, None])
    with tf.GradientTape() as tape:
        tape.watch(x)
        out = LorentzBoost(1, **ONE)(x)
        loss = tf.reduce_sum(out / x[..., :1])
    assert np.isfinite(out).all()
    assert np.isfinite(tape.gradient(loss, x)).all()


@pytest.mark.parametrize("gamma", [2.0, 300.0, 1e6])
def test_exact_in_float64(gamma):
    x = fast(5000, gamma)[:, None]
    rest = np.array(LorentzBoost(1, dtype="float64", **ONE)(x))[:, 0]
    momentum = np.linalg.norm(rest[:, 1:], axis=1)
    assert rest.dtype == np.float64
    assert np.max(momentum / x[:, 0, 0]) < 1e-8
    both = np.concatenate([x, fast(5000, gamma, seed=1)[:, None]], axis=1)
    layer = LorentzBoost(
        2, mode="combinations", particle_weights=np.eye(2), dtype="float64"
    )
    other = np.array(layer(both))
    # Each in the frame of the other has the energy p_1.p_2 / m.
    product = both[:, 0, 0] * both[:, 1, 0] - np.sum(both[:, 0, 1:] * both[:, 1, 1:], 1)
    for boosted, frame in ((other[:, 0], both[:, 1]), (other[:, 1], both[:, 0])):
        wanted = product / (frame[:, 0] / gamma)
        assert np.max(np.abs(boosted[:, 0] / wanted - 1.0)) < 1e-3 * min(1, gamma / 1e3)


def test_the_case_on_which_the_reference_fails():
    """E = 1000, m = 0.447: lbn 1.2.2 gives 0.054, its later code 3.20."""
    x = np.array([[[1000.0, 0.0, 0.0, np.sqrt(1e6 - 0.447**2)]]])
    exact = np.array(LorentzBoost(1, dtype="float64", **ONE)(x))
    assert exact[0, 0, 0] == pytest.approx(0.447, rel=1e-6)
    single = x.astype("float32")
    found = np.array(LorentzBoost(1, **ONE)(single))
    assert found[0, 0, 0] == pytest.approx(mass_of(single)[0, 0], rel=1e-3)


def test_negative_energies_move_against_their_momentum():
    """Of negative fixed weights: the velocity is p / E."""
    x = np.array([[[-5.0, 0.0, 0.0, -4.0]]], "float32")
    rest = np.array(LorentzBoost(1, **ONE)(x))
    np.testing.assert_allclose(rest[0, 0], [-3.0, 0.0, 0.0, 0.0], atol=1e-5)
    x = massive((20, 2))
    x[:, 1] *= -1
    eye = {"particle_weights": np.eye(2), "restframe_weights": np.eye(2)}
    layer = LorentzBoost(2, 2, "product", dtype="float64", **eye)
    expected = twin(x, "product", (np.eye(2), np.eye(2)))
    np.testing.assert_allclose(layer(x), expected, rtol=1e-9, atol=1e-9)


DEGENERATE = {
    "massless": [7.0, 0.0, 0.0, 7.0],
    "massless_any": [np.sqrt(np.float32(14.0)), 1.0, 2.0, 3.0],
    "zero": [0.0, 0.0, 0.0, 0.0],
    "space_like": [1.0, 3.0, -2.0, 0.5],
    "no_energy": [0.0, 3.0, 0.0, 0.0],
    "tiny": [1e-25, 0.0, 1e-26, 0.0],
    "large": [1e12, 0.0, 1e11, 9e11],
    "at_rest": [5.0, 0.0, 0.0, 0.0],
}


@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_degenerate_frames_have_finite_values_and_gradients(mode, jit_compile):
    # One kind a batch of four: a degenerate vector beside a massive one or padding.
    x = np.zeros((len(DEGENERATE), 4, 2, 4), "float32")
    x[:, :, 0] = np.array(list(DEGENERATE.values()))[:, None]
    x[:, :2, 1] = massive((2,))
    layer = LorentzBoost(2, mode=mode)
    layer.build((None, 2, 4))
    # Each of the vectors is a particle and a frame by itself.
    for variable in layer.trainable_weights:
        variable.assign(np.eye(2))

    def run(tensor):
        variables = [variable.value for variable in layer.trainable_weights]
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            out = layer(tensor)
            loss = tf.reduce_sum(tf.cos(out / (1.0 + tf.abs(out))))
        return out, tape.gradient(loss, [tensor, *variables])

    compiled = tf.function(run, jit_compile=jit_compile)
    for kind, batch in zip(DEGENERATE, x, strict=True):
        out, gradients = compiled(tf.constant(batch))
        assert np.isfinite(out).all(), kind
        for gradient in gradients:
            assert np.isfinite(gradient).all(), kind


def test_defined_floors():
    particle = np.array([4.0, 1.0, -2.0, 0.5], "float32")

    def into(frame):
        x = np.stack([particle, np.asarray(frame, "float32")])[None]
        weights = {"particle_weights": [[1.0], [0.0]]}
        layer = LorentzBoost(1, restframe_weights=[[0.0], [1.0]], **weights)
        return np.array(layer(x))[0, 0]

    np.testing.assert_array_equal(into([0.0, 0.0, 0.0, 0.0]), particle)
    np.testing.assert_array_equal(into([3.0, 0.0, 0.0, 0.0]), particle)
    speed = FLOAT32**-0.5
    gamma = np.sqrt(1.0 + speed**2)
    for frame in ([5.0, 0.0, 0.0, 5.0], [1.0, 0.0, 0.0, 5.0], [0.0, 0.0, 0.0, 5.0]):
        energy = gamma * 4.0 - speed * 0.5
        assert into(frame)[0] == pytest.approx(energy, rel=1e-5)
        # A Lorentz transformation all the same: what is transverse stays.
        np.testing.assert_array_equal(into(frame)[1:3], particle[1:3])


@pytest.mark.parametrize("mode", MODES)
def test_joint_rotation_of_inputs_rotates_outputs(mode):
    x, turn = massive((10, 5)), rotation(3)
    layer, _ = layer_of(mode)
    one = np.array(layer(x.astype("float32"))) @ turn.T
    other = np.array(layer((x @ turn.T).astype("float32")))
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=2e-3)


@pytest.mark.parametrize("mode", MODES)
def test_common_boost_leaves_masses_and_rest_energies(mode):
    x = massive((10, 5))
    moved = x @ boost_matrix(np.array([50.0, 10.0, -20.0, 30.0])).T
    layer, _ = layer_of(mode, dtype="float64")
    one, other = np.array(layer(x)), np.array(layer(moved))
    np.testing.assert_allclose(mass_of(one), mass_of(other), rtol=1e-9)
    # So is the energy in a rest frame, a product of two four-vectors over a mass.
    np.testing.assert_allclose(one[..., 0], other[..., 0], rtol=1e-9)
    single, _ = layer_of(mode)
    one, other = (np.array(single(v.astype("float32"))) for v in (x, moved))
    np.testing.assert_allclose(one[..., 0], other[..., 0], rtol=1e-4)


def test_boosts_keep_the_mass_of_the_particle():
    x = massive((10, 5))
    layer, (particle, _) = layer_of("product", dtype="float64")
    wanted = mass_of(np.einsum("bnc,nm->bmc", x, particle))
    found = mass_of(layer(x)).reshape(10, 3, 2)
    np.testing.assert_allclose(found, np.repeat(wanted[..., None], 2, 2), rtol=1e-9)


@pytest.mark.parametrize("mode", MODES)
def test_permuted_particles_with_their_weights(mode):
    x = massive((10, 5)).astype("float32")
    order = np.array([3, 0, 4, 1, 2])
    layer, (particle, restframe) = layer_of(mode)
    other, _ = layer_of(mode)
    other.particle_weights = particle[order]
    if mode != "combinations":
        other.restframe_weights = restframe[order]
    one, two = np.array(layer(x)), np.array(other(x[:, order]))
    np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("mode", MODES)
def test_masked_padding_is_absent_whatever_it_holds(mode):
    x = massive((6, 5)).astype("float32")
    mask = np.ones((6, 5), bool)
    mask[0, 3:] = mask[1, 0] = mask[2] = False
    layer, weights = layer_of(mode)
    poisoned = np.where(mask[..., None], x, np.float32(np.nan))
    found = np.array(layer(poisoned, mask=mask))
    zeros = np.where(mask[..., None], x, 0.0)
    np.testing.assert_array_equal(found, np.array(layer(zeros)))
    shorter = twin(x[:1, :3].astype("float64"), mode, [w[:3] for w in weights])
    np.testing.assert_allclose(found[:1], shorter, rtol=1e-4, atol=1e-3)
    np.testing.assert_array_equal(found[2], 0.0)


def test_keras_mask_is_used():
    x = massive((6, 5)).astype("float32")
    x[0, 3:] = x[1, 0] = -1.0
    symbol = keras.Input((5, 4))
    masked = keras.layers.Masking(-1.0)(symbol)
    layer, _ = layer_of("pairs")
    found = keras.Model(symbol, layer(masked))(x)
    mask = np.any(x != -1.0, axis=-1)
    np.testing.assert_allclose(found, layer(x, mask=mask), rtol=1e-6)


def test_auxiliary_columns_take_the_weights_of_the_particles():
    x = massive((6, 5)).astype("float32")
    auxiliary = np.random.default_rng(1).normal(size=(6, 5, 2)).astype("float32")
    mask = np.ones((6, 5), bool)
    mask[0, 3:] = False
    auxiliary[0, 3:] = np.nan
    layer, (particle, _) = layer_of("product")
    vectors, combined = layer((x, auxiliary), mask=(mask, None))
    known = np.where(mask[..., None], auxiliary, 0.0)
    wanted = np.einsum("bnk,nm->bmk", known, particle)
    np.testing.assert_allclose(combined, wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(vectors, layer(x, mask=mask))
    symbols = keras.Input((5, 4)), keras.Input((5, 2))
    model = keras.Model(symbols, layer(symbols))
    assert [tuple(o.shape) for o in model.outputs] == [(None, 6, 4), (None, 3, 2)]


def test_trained_weights_enter_by_their_absolute_value_also_when_frozen():
    x = massive((6, 5)).astype("float32")
    layer = LorentzBoost(3)
    one = np.array(layer(x))
    for variable in layer.weights:
        variable.assign(-variable)
    np.testing.assert_array_equal(layer(x), one)
    layer.trainable = False
    np.testing.assert_array_equal(layer(x), one)
    assert (np.array(layer.particle_combinations) >= 0).all()
    start = np.array(LorentzBoost(50)(massive((1, 400)).astype("float32")))
    assert np.isfinite(start).all()


def test_start_is_that_of_the_paper():
    keras.utils.set_random_seed(0)
    for positivity in ("absolute", "constraint"):
        layer = LorentzBoost(40, positivity=positivity)
        layer.build((None, 500, 4))
        start = np.array(layer.particle_kernel)
        assert np.sqrt(np.mean(start**2)) == pytest.approx(1 / 40, rel=0.02)
        assert (start < 0).any() == (positivity == "absolute")


def test_constraint_keeps_weights_positive():
    x = massive((64, 5)).astype("float32")
    layer = LorentzBoost(3, positivity="constraint")
    model = keras.Sequential([keras.Input((5, 4)), layer, keras.layers.Flatten()])
    model.compile(keras.optimizers.SGD(1e-3), "mse")
    model.fit(x, np.zeros((64, 12)), epochs=3, verbose=0)
    values = np.array(layer.particle_kernel)
    assert (values >= 0).all()
    assert (values == 0).any()
    np.testing.assert_array_equal(layer.particle_combinations, values)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_policies_boost_in_float32(policy):
    x = fast(2500, 100.0).reshape(500, 5, 4).astype("float32")
    outputs = []
    for dtype in (policy, "float32"):
        keras.utils.set_random_seed(0)
        outputs.append(LorentzBoost(3, dtype=dtype)(x))
    assert keras.backend.standardize_dtype(outputs[0].dtype) == "float32"
    # The same numbers: weights are not shortened either.
    np.testing.assert_array_equal(*outputs)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_particles": 0}, "`num_particles` must be a positive integer.*0"),
        ({"num_restframes": 2}, "one rest frame a particle.*num_restframes=2"),
        ({"mode": "pair"}, "must be one of.*'pair'.*Did you mean 'pairs'"),
        ({"mode": "combinations", "num_restframes": 3}, "leave out `num_restframes`"),
        ({"mode": "combinations", "num_particles": 1}, "at least 2"),
        ({"positivity": "abs"}, "`positivity` must be one of"),
        ({"particle_weights": np.ones((5, 2))}, r"shape \(n, 3\).*\(5, 2\)"),
        ({"particle_weights": [[np.nan] * 3]}, "finite numbers.*3 not finite"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        LorentzBoost(**{"num_particles": 3, **arguments})


def test_fixed_weights_of_other_inputs_are_refused():
    layer, _ = layer_of("pairs", inputs=5)
    with pytest.raises(ValueError, match=r"shape \(4, 3\).*Received: shape \(5, 3\)"):
        layer(massive((2, 4)).astype("float32"))
    with pytest.raises(ValueError, match=r"shape \(batch, n, k\)"):
        LorentzBoost(2)((np.ones((2, 5, 4)), np.ones((2, 4, 1))))
