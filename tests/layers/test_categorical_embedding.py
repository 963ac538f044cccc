import keras
import numpy as np
import pytest
import tensorflow as tf

from kerashep.layers import CategoricalEmbedding

RNG = np.random.default_rng(0)
JETS = np.array([0.0, 3.0, 1.0, 2.0, 3.0], "float32")
CHANNEL = np.array([1.0, 0.0, 0.0, 1.0, 1.0], "float32")
FIRST, SECOND = RNG.normal(size=(2, 5)).astype("float32")
X = np.stack([FIRST, JETS, SECOND, CHANNEL], axis=1)


def unknown(value):
    x = X.copy()
    x[2, 1] = value
    return x


def test_vectors_follow_the_other_features_in_the_order_of_the_arguments():
    layer = CategoricalEmbedding([2, 4], widths=[1, 3], columns=[3, 1])
    output = np.array(layer(X))
    channels, jets = map(np.array, layer.tables)
    expected = np.column_stack(
        [FIRST, SECOND, channels[CHANNEL.astype(int)], jets[JETS.astype(int)]]
    )
    np.testing.assert_array_equal(output, expected)
    assert layer.output_sources(4) == (0, 2, 3, 1, 1, 1)


def test_last_columns_by_default():
    layer = CategoricalEmbedding([4, 2])
    assert layer.columns_among(31) == (29, 30)
    output = np.array(layer(X[:, [0, 2, 1, 3]]))
    np.testing.assert_array_equal(output[:, :2], X[:, [0, 2]])
    np.testing.assert_array_equal(
        output[:, 2:4], np.array(layer.tables[0])[JETS.astype(int)]
    )


@pytest.mark.parametrize(
    ("cardinality", "width"), [(1, 1), (2, 1), (4, 2), (7, 4), (98, 49), (400, 50)]
)
def test_width_rule(cardinality, width):
    assert CategoricalEmbedding([cardinality]).vector_widths == (width,)


def test_tables_start_from_a_unit_gaussian():
    layer = CategoricalEmbedding([500], widths=[100])
    layer.build((None, 1))
    table = np.array(layer.tables[0])
    assert abs(table.mean()) < 0.02
    assert abs(table.std() - 1.0) < 0.02
    assert np.abs(table).max() > 3.0  # not truncated


@pytest.mark.parametrize("value", [4.0, -1.0, 1.5, np.nan, np.inf])
def test_unknown_category_is_an_error_that_names_it(value):
    layer = CategoricalEmbedding([4], columns=[1])
    model = keras.Sequential([keras.Input((4,)), layer])
    for call in (layer, model):
        with pytest.raises(
            ValueError, match=rf"0 to 3 in column 1.*1 of 5 events.*first {value}"
        ):
            call(unknown(value))


@pytest.mark.parametrize("value", [4.0, -1.0, 1.5, np.nan])
@pytest.mark.parametrize("jit_compile", [False, True])
def test_in_a_compiled_program_an_unknown_category_gives_nan(value, jit_compile):
    layer = CategoricalEmbedding([4], columns=[1])
    compiled = tf.function(layer, jit_compile=jit_compile)
    output = np.array(compiled(tf.constant(unknown(value))))
    bad = np.isnan(output)
    assert bad[2, 3:].all()
    assert bad.sum() == 2
    keep = [0, 1, 3, 4]
    np.testing.assert_array_equal(output[keep], np.array(layer(X))[keep])


@pytest.mark.parametrize("value", [4.0, -1.0, 1.5, np.nan])
def test_reserved_row(value):
    layer = CategoricalEmbedding([4], columns=[1], unknown="reserve")
    output = np.array(layer(unknown(value)))
    table = np.array(layer.tables[0])
    assert table.shape == (5, 2)
    np.testing.assert_array_equal(output[2, 3:], table[4])
    np.testing.assert_array_equal(output[1, 3:], table[3])


def test_gradient_of_a_row_is_the_sum_over_its_events():
    layer = CategoricalEmbedding([4], columns=[1])
    factor = RNG.normal(size=(5, 5)).astype("float32")
    layer.build((None, 4))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(X) * factor)
    gradient = tape.gradient(loss, layer.tables[0].value)
    expected = [factor[n == JETS, 3:].sum(axis=0) for n in range(4)]
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)


def test_codes_beyond_the_precision_of_bfloat16():
    layer = CategoricalEmbedding([600], widths=[2], dtype="mixed_bfloat16")
    output = np.array(keras.ops.cast(layer(np.array([[513.0], [514.0]])), "float32"))
    table = np.array(layer.tables[0])[[513, 514]]
    np.testing.assert_allclose(output, table, rtol=1e-2)


def test_regularizer_covers_each_table():
    layer = CategoricalEmbedding([4, 2], columns=[1, 3], embeddings_regularizer="l2")
    layer(X)
    expected = 0.01 * sum(np.sum(np.square(table)) for table in layer.tables)
    assert float(sum(layer.losses)) == pytest.approx(expected, rel=1e-5)
