import keras
import numpy as np
import pytest

from kerashep.testing import fill_weights
from kerashep.zoo import ParallelNet, create_model
from tests.zoo.numpy_layers import dense_block, plain_layer, sigmoid, swish, weights_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 5)).astype("float32")
JETS = np.array([0, 3, 1, 2, 1, 0])
X[:, 1] = JETS
HIGGSML = {"num_features": 31, "wide_features": range(13)}
JET_NUMBER = {"cardinalities": [4], "embedding_widths": [3]}
SMALL = {
    "num_features": 5,
    "wide_features": [4, 0],
    "wide_width": 4,
    "deep_depth": 3,
    "cardinalities": [4],
    "categorical_columns": [1],
    "embedding_widths": [3],
}


def twin(model):
    """Score of events with columns 0 and 4 high-level, 2, 3 and the jets low-level."""
    weights = weights_of(model)
    jets = weights["embedding/embeddings_0"][JETS]
    high, low = X[:, [0, 4]], np.hstack([X[:, [2, 3]], jets])
    if model.split == "full":
        wide, deep = high, low
    elif model.split == "semi":
        wide, deep = high, np.hstack([X[:, [0, 2, 3, 4]], jets])
    else:
        one = plain_layer(high, weights, swish, "wide_bottleneck_dense")
        other = plain_layer(low, weights, swish, "deep_bottleneck_dense")
        wide, deep = np.hstack([high, other]), np.hstack([low, one])
    wide = plain_layer(wide, weights, swish, "wide_dense_0")
    deep = dense_block(deep, weights, swish, model.deep.depth, "deep_")
    return plain_layer(np.hstack([wide, deep]), weights, sigmoid, "score")


@pytest.mark.parametrize(
    ("split", "count"), [("full", 9_303), ("bottleneck", 10_272), ("semi", 23_863)]
)
@pytest.mark.parametrize("column", [13, 22, 30])
def test_parameters_of_the_study(split, count, column):
    model = create_model(
        "parallel_net",
        **HIGGSML,
        **JET_NUMBER,
        split=split,
        categorical_columns=[column],
    )
    assert model.count_params() == count


def test_parameters_by_hand():
    def block(inputs, width):
        return sum((inputs + n * width + 1) * width for n in range(6))

    embedding = 4 * 3
    assert embedding + (13 + 1) * 50 + block(20, 20) + 50 + 20 + 1 == 9_303
    assert embedding + (13 + 1) * 50 + block(33, 33) + 50 + 33 + 1 == 23_863
    bottlenecks = (13 + 1) + (20 + 1)
    wide, deep = (14 + 1) * 51, block(21, 21)
    assert embedding + bottlenecks + wide + deep + 51 + 21 + 1 == 10_272


@pytest.mark.parametrize("split", ["full", "bottleneck", "semi"])
def test_output_against_numpy(split):
    model = ParallelNet(**SMALL, split=split)
    fill_weights(model)
    np.testing.assert_allclose(model({"x": X}), twin(model), rtol=1e-5)


@pytest.mark.parametrize("split", ["full", "bottleneck", "semi"])
def test_features_of_the_blocks(split):
    features = ParallelNet(**SMALL, split=split).block_features()
    assert features["wide"] == (0, 4)
    others = {"semi": (0, 2, 3, 4, 1, 1, 1)}
    assert features["deep"] == others.get(split, (2, 3, 1, 1, 1))


def test_categories_may_be_high_level():
    model = ParallelNet(**{**SMALL, "wide_features": [1, 2]})
    assert model.block_features() == {"wide": (2, 1, 1, 1), "deep": (0, 3, 4)}
    assert model.get_layer("wide_dense_0").kernel.shape == (4, 4)
    assert model.deep.widths == (3, 3, 3)


def test_full_split_blocks_share_nothing():
    model = ParallelNet(**SMALL)
    fill_weights(model)
    low = X.copy()
    low[:, [2, 3]] += 1.0
    wide = keras.Model(model.input, model.get_layer("wide_dense_0").output)
    deep = keras.Model(model.input, model.get_layer("deep_dense_2").output)
    np.testing.assert_array_equal(wide({"x": low}), wide({"x": X}))
    assert not np.allclose(deep({"x": low}), deep({"x": X}))


@pytest.mark.parametrize("split", ["full", "bottleneck", "semi"])
def test_l2_covers_every_weight(split):
    model = ParallelNet(**SMALL, split=split, l2=0.1)
    fill_weights(model)
    expected = 0.1 * sum(np.sum(np.square(w)) for w in model.get_weights())
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)
