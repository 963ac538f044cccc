import numpy as np
import pytest

from kerashep.testing import fill_weights
from kerashep.zoo import ParallelNet, block_reliance, bottleneck_reliance
from tests.zoo.numpy_layers import plain_layer, swish, weights_of
from tests.zoo.test_parallel_net import JETS, SMALL, X


def logit(probability):
    return np.log(probability / (1.0 - probability))


@pytest.mark.parametrize("split", ["full", "bottleneck", "semi"])
def test_parts_of_the_blocks_add_up_to_the_logit(split):
    model = ParallelNet(**SMALL, split=split)
    fill_weights(model)
    parts = block_reliance(model, X)
    assert parts.wide.shape == parts.deep.shape == (6,)
    bias = float(model.get_layer("score").bias[0])
    rest = logit(np.array(model({"x": X}), "float64")[:, 0]) - bias
    sums = [a * parts.wide + b * parts.deep for a in (1, -1) for b in (1, -1)]
    distance = np.min(np.abs(np.stack(sums) - rest), axis=0)
    np.testing.assert_allclose(distance, 0.0, atol=1e-5)


def test_a_block_without_weight_in_the_head_has_no_part():
    model = ParallelNet(**SMALL)
    fill_weights(model)
    kernel, bias = model.get_layer("score").get_weights()
    kernel[:4] = 0.0  # the wide block's
    model.get_layer("score").set_weights([kernel, bias])
    parts = block_reliance(model, X)
    np.testing.assert_array_equal(parts.wide, 0.0)
    assert (parts.deep > 0).all()


def test_bottlenecks_against_numpy():
    model = ParallelNet(**SMALL, split="bottleneck")
    fill_weights(model)
    weights = weights_of(model)
    low = np.hstack([X[:, [2, 3]], weights["embedding/embeddings_0"][JETS]])
    found = bottleneck_reliance(model, X)
    assert found["wide"].features == (0, 4)
    assert found["deep"].features == (2, 3, 1, 1, 1)
    for block, inputs in (("wide", X[:, [0, 4]]), ("deep", low)):
        name = f"{block}_bottleneck_dense"
        expected = np.abs(inputs * weights[f"{name}/kernel"][:, 0])
        np.testing.assert_allclose(found[block].reliance, expected, rtol=1e-5)
        output = plain_layer(inputs, weights, swish, name)[:, 0]
        np.testing.assert_allclose(found[block].output, output, rtol=1e-5)


def test_other_splits_have_no_bottlenecks():
    with pytest.raises(ValueError, match=r"has bottlenecks\. Received: split='full'"):
        bottleneck_reliance(ParallelNet(**SMALL), X)
