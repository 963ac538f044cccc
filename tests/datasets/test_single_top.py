"""The data set `single_top`: both networks, yields, negative weights, difficulty."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from kerashep.data import with_training_weights
from kerashep.data.weights import apply_negative_weight_policy
from kerashep.datasets import load_dataset, load_single_top
from kerashep.datasets.simulators.single_top import COMPONENTS
from kerashep.datasets.simulators.single_top_features import QCD_FEATURES, TOP_FEATURES

NEGATIVE = {"single_top": 0.1, "ttbar": 0.2, "W_jets": 0.15, "QCD": 0, "WW": 0, "WZ": 0}


@pytest.fixture(scope="module")
def top():
    return load_single_top(events=12_000, seed=2)


@pytest.fixture(scope="module")
def qcd():
    return load_single_top(events=12_000, network="qcd", seed=2)


def yields(events):
    return {
        name: events.weight[events.process == number].sum()
        for number, name in enumerate(events.process_names)
    }


@pytest.mark.parametrize("number", [100, 101, 5000])
@pytest.mark.parametrize("negative", [True, False])
def test_yields_whatever_the_number(number, negative):
    events = load_single_top(events=number, negative_weights=negative)
    assert len(events) == number
    assert (np.bincount(events.process, minlength=6) > 0).all()
    for name, total in yields(events).items():
        expected = sum(part.expected for part in COMPONENTS if part.process == name)
        assert total == pytest.approx(expected)


def test_negative_weights(top):
    for number, name in enumerate(top.process_names):
        share = (top.weight[top.process == number] < 0).mean()
        assert share == pytest.approx(NEGATIVE[name], abs=2e-3)
    with pytest.raises(ValueError, match="have a negative weight"):
        apply_negative_weight_policy(top, "error")
    positive = load_single_top(events=300, negative_weights=False)
    assert (positive.weight > 0).all()


def test_signs_do_not_depend_on_kinematics(top):
    """Means of both signs agree within 4.5 standard errors."""
    chosen = top.process == top.process_names.index("single_top")
    x, negative = top.features[chosen], top.weight[chosen] < 0
    first, second = x[negative], x[~negative]
    error = np.sqrt(first.var(axis=0) / len(first) + second.var(axis=0) / len(second))
    assert (np.abs(first.mean(axis=0) - second.mean(axis=0)) < 4.5 * error).all()


def test_networks_see_the_same_events(top, qcd):
    assert top.feature_names == TOP_FEATURES
    assert qcd.feature_names == QCD_FEATURES
    np.testing.assert_array_equal(top.process, qcd.process)
    np.testing.assert_array_equal(top.weight, qcd.weight)
    np.testing.assert_array_equal(top.column("mt_w"), qcd.column("mt_w"))
    names = np.array(top.process_names)
    np.testing.assert_array_equal(top.label == 1, names[top.process] == "single_top")
    np.testing.assert_array_equal(qcd.label == 0, names[qcd.process] == "QCD")
    assert top.provenance == "simulated"
    assert top.label[:3000].mean() == pytest.approx(0.3, abs=0.04)  # random order


def test_seed_decides_everything():
    first, again, other = (
        load_dataset("single_top", seed=seed, events=200) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.features, again.features)
    assert not np.array_equal(first.features, other.features)


@pytest.mark.parametrize(
    ("network", "low", "high"), [("top", 0.86, 0.94), ("qcd", 0.94, 0.99)]
)
def test_difficulty(network, low, high):
    events = load_single_top(
        events=6000, network=network, negative_weights=False, seed=2
    )
    events = with_training_weights(events, "balanced")
    test = np.arange(len(events)) % 2 == 0
    trees = HistGradientBoostingClassifier(
        max_iter=40, max_leaf_nodes=8, random_state=0
    )
    with threadpool_limits(1):
        train = (events.features[~test], events.label[~test])
        trees.fit(*train, events.training_weight[~test])
        score = trees.predict_proba(events.features[test])[:, 1]
    weight = events.weight[test]
    assert low < roc_auc_score(events.label[test], score, sample_weight=weight) < high


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"events": 99}, r"at least 100. Received: events=99"),
        ({"network": "tops"}, "Unknown `network` 'tops'. Did you mean 'top'"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        load_single_top(**arguments)
