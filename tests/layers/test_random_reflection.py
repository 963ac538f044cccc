import itertools

import numpy as np
import tensorflow as tf

from kerashep.layers import RandomReflection
from tests.layers.momenta import VECTORS, events, invariants

COLUMNS = {"x": [1, 3, 7], "y": [0, 5, 8], "z": [4, 2]}


def signs(x, mirrored):
    """One row an axis; the same sign for all its columns, 1 for all others."""
    ratio = np.nan_to_num(mirrored / x, nan=1.0)
    rows = np.stack([ratio[:, columns[0]] for columns in COLUMNS.values()])
    for row, columns in zip(rows, COLUMNS.values(), strict=True):
        np.testing.assert_array_equal(
            ratio[:, columns], np.stack([row] * len(columns), 1)
        )
    others = sorted(set(range(10)).difference(*COLUMNS.values()))
    np.testing.assert_array_equal(ratio[:, others], 1.0)
    return rows


def test_each_axis_is_reversed_in_half_of_the_events_by_itself():
    x = events(20_000)
    layer = RandomReflection(VECTORS, axes=("x", "y", "z"), seed=1)
    rows = signs(x, np.array(layer(x, training=True)))
    assert set(np.unique(rows)) == {-1.0, 1.0}
    assert abs(rows.mean(axis=1)).max() < 0.03
    for one, other in itertools.combinations(rows, 2):
        assert abs((one * other).mean()) < 0.03


def test_y_and_z_by_default():
    x = events(200)
    rows = signs(x, np.array(RandomReflection(VECTORS)(x, training=True)))
    np.testing.assert_array_equal(rows[0], 1.0)
    assert {*rows[1]} == {*rows[2]} == {-1.0, 1.0}


def test_invariants_and_missing_values_are_untouched():
    x = events(500)
    mirrored = np.array(RandomReflection(VECTORS)(x, training=True))
    np.testing.assert_allclose(invariants(mirrored), invariants(x), rtol=1e-9)
    np.testing.assert_array_equal(np.isnan(mirrored), np.isnan(x))


def test_nothing_happens_outside_training():
    x = events(5)
    np.testing.assert_array_equal(RandomReflection(VECTORS)(x), x)


def test_seed_decides():
    x = events(50)
    outputs = [
        np.array(RandomReflection(VECTORS, seed=s)(x, training=True)) for s in (3, 3, 4)
    ]
    np.testing.assert_array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[0], outputs[2], equal_nan=True)


def test_in_a_compiled_program_each_step_draws_anew():
    layer, x = RandomReflection(VECTORS, seed=5), events(50)
    layer.build(x.shape)
    step = tf.function(lambda t: layer(t, training=True), jit_compile=True)
    first, second = (signs(x, np.array(step(tf.constant(x)))) for _ in range(2))
    assert not np.array_equal(first, second)
