import math
from dataclasses import replace

import numpy as np
import pytest

from kerashep.evaluation import combine_seeds


def test_mean_with_seed_spread_and_events_in_quadrature(toy_metrics):
    good, bad = toy_metrics
    combined = combine_seeds([good, bad])
    for one, two, both in zip(good, bad, combined, strict=True):
        values = [one.roc_auc.value, two.roc_auc.value]
        seeds = np.std(values, ddof=1) / math.sqrt(2)
        replicas = 0.5 * (one.roc_auc.replicas + two.roc_auc.replicas)
        events = np.std(replicas, ddof=1)
        assert both.roc_auc.value == pytest.approx(np.mean(values))
        assert both.roc_auc.error == pytest.approx(math.hypot(seeds, events))
        assert both.mass == one.mass


def test_a_single_run_is_itself(toy_metrics):
    assert combine_seeds(toy_metrics[:1]) == toy_metrics[0]


def test_flags_that_differ_in_numbers_are_one(toy_metrics):
    one = [replace(toy_metrics[0][0], flags=("Best cut 0.99 is bad.", "Rare."))]
    two = [replace(toy_metrics[0][0], flags=("Best cut 0.98 is bad.",))]
    first, second = combine_seeds([one, two])[0].flags
    assert first.startswith("Best cut 0.99 is bad. (So in 2 of 2 trainings")
    assert second.startswith("Rare. (So in 1 of 2 trainings")


def test_bad_input_is_refused(toy_metrics):
    with pytest.raises(ValueError, match=r"same masses"):
        combine_seeds([toy_metrics[0], toy_metrics[0][:2]])
    with pytest.raises(ValueError, match=r"at least one evaluation"):
        combine_seeds([])
