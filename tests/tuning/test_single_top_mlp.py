"""The appendix's networks are those that recipes of the same space train."""

import numpy as np

from kerashep.tuning.model_spaces import single_top_mlp_arguments
from kerashep.tuning.single_top_mlp import build_model
from kerashep.zoo import SingleNN
from tests.tuning.stub_hp import StubHp


def test_both_ways_build_the_same_network():
    hp = StubHp(hidden_layers=2, hidden_layers_dim=100, dropout_rate=0.2)
    theirs = build_model(hp, dim=5)
    ours = SingleNN(5, **single_top_mlp_arguments(hp))
    assert hp.asked["learning_rate"] == [1e-2, 1e-3]
    assert float(theirs.optimizer.learning_rate) == np.float32(1e-2)
    assert theirs.count_params() == ours.count_params() == 600 + 10_100 + 101
    ours.set_weights(theirs.get_weights())
    x = np.random.default_rng(1).normal(size=(4, 5)).astype("float32")
    expected = np.asarray(theirs(x))
    np.testing.assert_allclose(np.asarray(ours({"x": x})), expected, rtol=1e-6)
