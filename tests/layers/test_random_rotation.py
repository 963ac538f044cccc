import keras
import numpy as np
import tensorflow as tf

from kerashep.data.symmetry import PhiRotation, Vector
from kerashep.layers import RandomRotation
from tests.layers.momenta import OTHERS, VECTORS, components, events, invariants


def angle_of(before, after, number=0):
    (px, py, _), (qx, qy, _) = components(before, number), components(after, number)
    return np.angle((qx + 1j * qy) / (px + 1j * py))


def test_all_vectors_turn_by_one_angle_uniform_in_the_circle():
    x = events(20_000)
    turned = np.array(RandomRotation(VECTORS, seed=1)(x, training=True))
    angle = angle_of(x, turned)
    for number in (1, 2):
        other = angle_of(x, turned, number)
        np.testing.assert_allclose(np.exp(1j * other), np.exp(1j * angle), atol=1e-4)
    counts, _ = np.histogram(angle, 10, (-np.pi, np.pi))
    assert abs(counts / 2_000 - 1).max() < 0.1
    untouched = [*OTHERS, 4, 2]
    np.testing.assert_array_equal(turned[:, untouched], x[:, untouched])


def test_invariants_are_untouched():
    x = events(500)
    turned = np.array(RandomRotation(VECTORS)(x, training=True))
    np.testing.assert_allclose(invariants(turned), invariants(x), rtol=1e-3, atol=1e-2)


def test_same_numbers_as_the_stage_of_the_pipeline():
    x = events(100)
    turned = np.array(RandomRotation(VECTORS, seed=2)(x, training=True))
    names = tuple(f"c{column}" for column in range(x.shape[1]))
    vectors = tuple(Vector(*(f"c{c}" for c in vector)) for vector in VECTORS)
    stage = PhiRotation(vectors).for_features(names)
    expected = stage.apply(x, angle_of(x, turned).astype("float32"))
    np.testing.assert_allclose(turned, expected, rtol=1e-4, atol=1e-3)


def test_nothing_happens_outside_training():
    x = events(5)
    np.testing.assert_array_equal(RandomRotation(VECTORS)(x), x)


def test_missing_momentum_stays_missing_and_alone():
    x = events(6)
    x[:, list(VECTORS[1])] = np.nan
    turned = np.array(RandomRotation(VECTORS)(x, training=True))
    np.testing.assert_array_equal(np.isnan(turned), np.isnan(x))


def test_seed_decides_and_each_call_draws_anew():
    x = events(8)
    one, same, other = (RandomRotation(VECTORS, seed=s) for s in (3, 3, 4))
    first = np.array(one(x, training=True))
    np.testing.assert_array_equal(same(x, training=True), first)
    assert not np.allclose(other(x, training=True), first, equal_nan=True)
    assert not np.allclose(one(x, training=True), first, equal_nan=True)


def test_one_angle_an_event_for_all_its_rows():
    x = np.repeat(events(7)[:, None], 3, axis=1)
    turned = np.array(RandomRotation(VECTORS)(x, training=True))
    np.testing.assert_array_equal(turned[:, 0], turned[:, 2])
    assert len(np.unique(angle_of(x, turned)[:, 0].round(4))) == 7


def test_in_a_compiled_program_each_step_draws_anew():
    layer = RandomRotation(VECTORS, seed=5)
    x = events(50)
    layer.build(x.shape)
    step = tf.function(lambda t: layer(t, training=True), jit_compile=True)
    first, second = (np.array(step(tf.constant(x))) for _ in range(2))
    np.testing.assert_allclose(invariants(first), invariants(x), rtol=1e-3, atol=1e-2)
    assert abs(angle_of(first, second)).min() > 0.0


def test_in_front_of_a_model_it_acts_in_fit_only():
    model = keras.Sequential(
        [keras.Input((10,)), RandomRotation(VECTORS, seed=1), keras.layers.Dense(1)]
    )
    x = np.nan_to_num(events(64))
    np.testing.assert_array_equal(model(x), model.layers[1](x))
    model.compile("sgd", "mse", jit_compile=True)
    losses = [
        model.train_on_batch(1e-3 * x, np.zeros((64, 1)), return_dict=True)["loss"]
        for _ in range(2)
    ]
    assert np.isfinite(losses).all()
