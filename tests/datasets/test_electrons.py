"""Data set of simulated electron candidates."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import accuracy_score, roc_auc_score
from threadpoolctl import threadpool_limits

from kerashep.datasets import ELECTRON_SCHEMA, load_dataset, load_electrons
from kerashep.datasets.electron_schema import CLASSES


@pytest.fixture(scope="module")
def events():
    return load_electrons(events=5000, seed=1)


def test_events(events):
    assert events.features.shape == (5000, 1170)
    assert events.feature_names == ELECTRON_SCHEMA.feature_names
    assert events.process_names == CLASSES
    assert events.provenance == "simulated"
    np.testing.assert_array_equal(events.label, events.process == 0)
    counts = np.bincount(events.process)
    assert counts[1:5].tolist() == [125] * 4
    assert 0.2 < events.label[:1000].mean() < 0.5


def test_weights_give_the_shares(events):
    shares = np.bincount(events.process, events.weight) / 5000
    np.testing.assert_allclose(shares, [0.365, 0.002, 0.006, 0.005, 0.004, 0.618])


def test_seed_and_workers():
    first = load_dataset("electrons", events=300, rare=0.017, seed=4)
    again = load_electrons(events=300, rare=0.017, workers=3, seed=4)
    other = load_electrons(events=300, rare=0.017, seed=5)
    np.testing.assert_array_equal(first.features, again.features)
    assert (first.features != other.features).any()
    np.testing.assert_allclose(first.weight[first.process == 0], 1, rtol=0.05)


def test_scalars_leave_room(events):
    """The scalars alone are good, not perfect; images and tracks know more."""
    tracks = events.features[:, ELECTRON_SCHEMA.slices["tracks"]][:, :20]
    strips = ELECTRON_SCHEMA.split(events.features)["em1"][:, 20:36].sum(axis=2)
    scalars = events.features[:, ELECTRON_SCHEMA.slices["scalars"]]
    pt = events.column("pt")[:, np.newaxis]
    more = np.concatenate([scalars, tracks / pt, strips / pt], axis=1)
    accuracy, auc = [], []
    for inputs in (scalars, more):
        model = HistGradientBoostingClassifier(max_iter=40, random_state=0)
        with threadpool_limits(1):
            model.fit(inputs[:3000], events.label[:3000], events.weight[:3000])
            scores = model.predict_proba(inputs[3000:])[:, 1]
        truth, weight = events.label[3000:], events.weight[3000:]
        accuracy.append(accuracy_score(truth, scores > 0.5, sample_weight=weight))
        auc.append(roc_auc_score(truth, scores, sample_weight=weight))
    assert 0.92 < accuracy[0] < 0.965
    assert 0.97 < auc[0] < 0.992
    assert auc[1] > auc[0]


@pytest.mark.parametrize(
    "arguments", [{"events": 10}, {"rare": 0.0}, {"rare": 0.95}, {"workers": 0}]
)
def test_wrong_arguments(arguments):
    with pytest.raises(ValueError, match="Expected events >= 50"):
        load_electrons(**arguments)
