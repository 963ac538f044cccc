import sys

import numpy as np
import pytest

from kerashep.automl import BoostedTrees
from kerashep.automl.tree_fitting import parameter_rows
from kerashep.automl.tree_settings import TreeSettings
from kerashep.data.events import Events


def events(count=600, weight=None):
    rng = np.random.default_rng(0)
    label = np.repeat([0.0, 1.0], count // 2)
    return Events(
        features=rng.normal(size=(count, 2)) + label[:, None],
        feature_names=("a", "b"),
        label=label,
        provenance="simulated",
        training_weight=weight,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"backend": "lightgbn"},
            "Unknown `backend` 'lightgbn'. Did you mean 'lightgbm'",
        ),
        ({"rounds": 0}, "`rounds` must be positive. Received: rounds=0"),
        ({"threads": -1}, "`threads` must be positive"),
        ({"validation_fraction": 0.0}, "`validation_fraction` must be above 0"),
        ({"event_fraction": 0.0}, "`event_fraction` must be above 0"),
        ({"feature_fraction": 1.5}, "`feature_fraction` must be above 0"),
        ({"leaves": 1}, "`leaves` must be at least 2"),
    ],
)
def test_bad_settings_raise(arguments, message):
    with pytest.raises(ValueError, match=message):
        TreeSettings(**arguments)


def test_negative_weights_are_counted():
    weight = np.ones(600)
    weight[[0, 5, 599]] = -1
    with pytest.raises(ValueError, match=r"weights >= 0. Received: [123] negative"):
        BoostedTrees().fit(events(weight=weight))


def test_an_empty_class_is_named():
    weight = np.repeat([1.0, 0.0], 300)
    with pytest.raises(ValueError, match="no signal of positive training weight"):
        BoostedTrees().fit(events(weight=weight))


def test_absent_lightgbm_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(ImportError, match=r"pip install kerashep\[trees\]"):
        BoostedTrees().fit(events())


def test_parameter_rows():
    for m in (5, [5], [[5]], [5, 5, 5]):
        if np.shape(m) != (1, 1):
            np.testing.assert_array_equal(parameter_rows(m, 3, 1), np.full((3, 1), 5))
    assert parameter_rows([1, 2], 3, 2).shape == (3, 2)
    with pytest.raises(ValueError, match=r"shape \(2,\) or \(3, 2\).*shape \(3,\)"):
        parameter_rows([1, 2, 3], 3, 2)
    with pytest.raises(ValueError, match="pass `m`"):
        parameter_rows(None, 3, 1)
