import math

import numpy as np
from sklearn.metrics import roc_auc_score

from kerashep.testing import fake_events
from kerashep.testing.model_checks import _auc


def test_separation_gives_the_promised_auc():
    inputs, label = fake_events(20_000, 3, separation=1.0)
    best = roc_auc_score(label[:, 0], inputs["x"].sum(axis=1))
    expected = 0.5 * (1.0 + math.erf(1.0 / math.sqrt(2.0) / math.sqrt(2.0)))
    assert abs(best - expected) < 0.01
    assert set(inputs) == {"x"}


def test_parameters_come_from_the_grid_for_both_classes():
    inputs, label = fake_events(200, 3, ((500.0, 1.0), (750.0, 2.0)), seed=1)
    for value in (0.0, 1.0):
        rows = inputs["m"][label[:, 0] == value]
        assert {tuple(row) for row in rows.tolist()} == {(500.0, 1.0), (750.0, 2.0)}


def test_seed_decides():
    first, again, other = (fake_events(8, 2, seed=s)[0]["x"] for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_auc_with_ties_against_sklearn():
    rng = np.random.default_rng(0)
    label = rng.integers(2, size=(200, 1))
    score = rng.integers(5, size=(200, 1)) + label
    assert math.isclose(_auc(label, score), roc_auc_score(label, score))
