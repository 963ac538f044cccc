import keras
import numpy as np
import pytest

from kerashep.testing import fill_weights
from kerashep.zoo import DenseClassifier, create_model, hidden_model
from tests.zoo.numpy_layers import (
    dense_block,
    plain_layer,
    relu,
    sigmoid,
    swish,
    weights_of,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4)).astype("float32")
JETS = np.array([0, 3, 1, 2, 1, 0])
X[:, 2] = JETS
HIGGSML = {"cardinalities": [4], "embedding_widths": [3]}


def embedded(weights):
    table = weights["embedding/embeddings_0"]
    return np.hstack([X[:, [0, 1, 3]], table[JETS]])


def test_parameters_of_the_final_network_of_the_study():
    model = create_model("dense_classifier", num_features=31, **HIGGSML)
    assert model.count_params() == 23_113
    # Footnote 12: embedding, six layers on 33 n inputs, head.
    layers = sum((33 * n) * 33 + 33 for n in range(1, 7))
    assert 4 * 3 + layers + 33 + 1 == 23_113


def test_parameters_of_the_baseline_of_the_study():
    baseline = {"depth": 4, "width": 100, "connection": "plain", "activation": "relu"}
    assert DenseClassifier(31, **baseline, **HIGGSML).count_params() == 33_813
    assert DenseClassifier(31, **baseline).count_params() == 33_813 - 12 - 2 * 100


def test_parameters_do_not_depend_on_where_the_categories_are():
    model = DenseClassifier(31, categorical_columns=[22], **HIGGSML)
    assert model.count_params() == 23_113
    assert model.categorical_columns == (22,)


def test_densely_connected_against_numpy():
    model = DenseClassifier(
        4, 3, 5, categorical_columns=[2], cardinalities=[4], embedding_widths=[3]
    )
    fill_weights(model)
    weights = weights_of(model)
    hidden = dense_block(embedded(weights), weights, swish, 3)
    np.testing.assert_allclose(hidden_model(model)({"x": X}), hidden, 1e-5, 1e-7)
    expected = plain_layer(hidden, weights, sigmoid, "score")
    np.testing.assert_allclose(model({"x": X}), expected, rtol=1e-5)


def test_plain_against_numpy():
    model = DenseClassifier(4, 3, 5, connection="plain", activation="relu")
    fill_weights(model)
    weights = weights_of(model)
    hidden = X
    for i in range(3):
        hidden = plain_layer(hidden, weights, relu, f"dense_{i}")
    expected = plain_layer(hidden, weights, sigmoid, "score")
    np.testing.assert_allclose(model({"x": X}), expected, rtol=1e-5)


def test_residual_against_numpy():
    model = DenseClassifier(4, 3, 5, connection="residual")
    fill_weights(model)
    weights = weights_of(model)
    hidden = plain_layer(X, weights, swish, "dense_0")
    for i in (1, 2):
        hidden = hidden + plain_layer(hidden, weights, swish, f"dense_{i}")
    expected = plain_layer(hidden, weights, sigmoid, "score")
    np.testing.assert_allclose(model({"x": X}), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("depth", "width", "growth", "widths"),
    [
        (6, 33, 0.0, (33,) * 6),
        (4, 40, 0.45, (40, 58, 76, 94)),
        (5, 100, -0.1, (100, 90, 80, 70, 60)),
        (5, 33, 0.9, (33, 62, 92, 122, 151)),
        (5, 33, -0.2, (33, 27, 20, 14, 7)),
    ],
)
def test_growth(depth, width, growth, widths):
    model = DenseClassifier(7, depth, width, growth, connection="plain")
    kernels = [model.get_layer(f"dense_{i}").kernel for i in range(depth)]
    assert tuple(kernel.shape[1] for kernel in kernels) == widths


def test_densely_connected_with_growth_counts():
    model = DenseClassifier(7, 4, 40, 0.45)
    widths = (40, 58, 76, 94)
    inputs = [7 + sum(widths[:d]) for d in range(4)]
    expected = sum((n + 1) * w for n, w in zip(inputs, widths, strict=True)) + 95
    assert model.count_params() == expected


@pytest.mark.parametrize(
    ("activation", "variance"),
    [("relu", 2 / 300), ("selu", 1 / 300), ("prelu", 2 / 300)],
)
def test_starts(activation, variance):
    model = DenseClassifier(300, 1, 300, activation=activation)
    kernel = np.array(model.get_layer("dense_0").kernel)
    np.testing.assert_allclose(kernel.var(), variance, rtol=0.03)
    head = DenseClassifier(3, 1, 4000).get_layer("score")
    np.testing.assert_allclose(np.array(head.kernel).var(), 2 / 4001, rtol=0.1)
    np.testing.assert_array_equal(head.bias, 0.0)


@pytest.mark.parametrize("connection", ["plain", "dense", "residual"])
def test_l2_covers_every_weight(connection):
    model = DenseClassifier(
        4,
        3,
        5,
        connection=connection,
        l2=0.1,
        cardinalities=[4],
        categorical_columns=[2],
    )
    fill_weights(model)
    expected = 0.1 * sum(np.sum(np.square(w)) for w in model.get_weights())
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("connection", ["plain", "dense", "residual"])
def test_dropout_after_every_hidden_activation(connection):
    model = DenseClassifier(4, 3, 5, connection=connection, dropout=0.25)
    found = [
        layer.rate
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.Dropout)
    ]
    assert found == [0.25] * 3


@pytest.mark.parametrize(
    ("connection", "activation"),
    [("plain", "learnt_swish"), ("dense", "prelu"), ("residual", "selu")],
)
def test_everything_at_once_trains_and_is_loaded(connection, activation, tmp_path):
    model = DenseClassifier(
        4,
        2,
        5,
        connection=connection,
        activation=activation,
        dropout=0.1,
        batch_norm=True,
        cardinalities=[4],
        categorical_columns=[2],
    )
    model.compile("adam", "binary_crossentropy", run_eagerly=True)
    loss = model.train_on_batch({"x": X}, np.array([[0.0], [1.0]] * 3))
    assert np.isfinite(loss)
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded({"x": X}), model({"x": X}))


def test_unknown_category_is_never_silent():
    model = DenseClassifier(4, 2, 5, cardinalities=[4], categorical_columns=[2])
    x = X.copy()
    x[1, 2] = 4.0
    with pytest.raises(ValueError, match=r"0 to 3 in column 2.*1 of 6 events"):
        model({"x": x})
    scores = model.predict({"x": x}, verbose=0)[:, 0]
    np.testing.assert_array_equal(np.isnan(scores), [False, True] + [False] * 4)
