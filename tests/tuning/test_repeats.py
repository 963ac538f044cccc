"""The best trials once more: kept, and ranked by what did not choose them."""

import math

import numpy as np
import pytest

from kerashep.training import pool
from kerashep.tuning.fold_file import FoldResult, write_fold
from kerashep.tuning.repeats import RepeatedTrial, repeat_best, score_noise
from tests.tuning.search_toy import ToyStream, toy_search, toy_study

VALUES = [10, 40, 50, 60, 90]
REPEATS = {"trials": 3, "seeds": 2}


@pytest.fixture
def searched(tmp_path, monkeypatch):
    def run():
        study = toy_study(budget={"trials": 5}, repeats=REPEATS)
        search, said = toy_search(tmp_path, study, VALUES)
        monkeypatch.setattr(pool, "run_stream", ToyStream())
        search.run(1, lambda: None)
        return search, said.append

    return run


def repeats_of(trained):
    def run(task, items, *, workers, progress):  # noqa: ARG001
        for number, item in enumerate(items):
            value = item.recipe.training.batch_size
            trained.append((value, item.seed))
            for path in item.paths:  # the second best is better without luck
                score = (0.8 if value == 40 else 0.7) + item.seed / 100
                write_fold(path, FoldResult({"roc_auc": score}))
            progress(number + 1, len(items), item)

    return run


def test_the_best_are_repeated_and_kept(searched, monkeypatch):
    trained = []
    monkeypatch.setattr(pool, "run_pool", repeats_of(trained))
    found = repeat_best(*(lambda s: (s[0], 1, s[1]))(searched()))
    assert sorted(trained) == [(v, s) for v in (40, 50, 60) for s in (2, 3)]
    assert [one.trial for one in found] == [2, 3, 4]
    assert found[0].scores == pytest.approx((0.82, 0.83))
    assert found[0].mean.value == pytest.approx(0.825)
    assert found[0].mean.error == pytest.approx(0.005)
    assert found[0].score == pytest.approx(0.79), "0.9 - 0.01 - 0.1"
    assert score_noise(found) == pytest.approx(np.std([0.82, 0.83], ddof=1))
    trained.clear()
    again = repeat_best(*(lambda s: (s[0], 1, s[1]))(searched()))
    assert again == found
    assert not trained


def test_what_fails_is_left_out(searched, monkeypatch):
    def fail(task, items, **_):  # noqa: ARG001
        for item in items:
            error = "no" if item.recipe.training.batch_size == 50 else None
            for path in item.paths:
                write_fold(path, FoldResult({"roc_auc": 0.7}, error=error))

    monkeypatch.setattr(pool, "run_pool", fail)
    search, say = searched()
    assert [one.trial for one in repeat_best(search, 1, say)] == [2, 4]


def test_no_repeats_unless_asked_for(tmp_path, monkeypatch):
    search, said = toy_search(tmp_path, toy_study(), VALUES)
    monkeypatch.setattr(pool, "run_stream", ToyStream())
    search.run(1, lambda: None)
    assert repeat_best(search, 1, said.append) == []
    assert math.isnan(score_noise([]))
    assert RepeatedTrial(1, 0.7, (0.6, 0.8)).to_dict()["mean"]["value"] == (
        pytest.approx(0.7)
    )
