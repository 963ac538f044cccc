"""What becomes of a trial, and the median rule."""

import math

import numpy as np
import pytest

from kerashep.tuning.fold_file import FoldResult, read_fold, write_fold
from kerashep.tuning.outcome import outcome_of, pruning_thresholds
from kerashep.tuning.progress_line import best_trial, progress_line
from kerashep.tuning.study_file import Budget, Pruning


def folds(*scores):
    return [None if s is None else FoldResult({"roc_auc": s}) for s in scores]


def outcome(*scores, thresholds=None):
    least = thresholds or [None] * len(scores)
    return outcome_of(folds(*scores), least, "roc_auc")


def test_mean_and_standard_error():
    whole = outcome(0.7, 0.8, 0.9)
    assert whole.status == "finished"
    assert whole.score == pytest.approx(0.8)
    assert whole.standard_error == pytest.approx(0.1 / math.sqrt(3))
    assert math.isnan(outcome(0.7, None).standard_error)


@pytest.mark.parametrize(
    ("scores", "thresholds", "status", "count"),
    [
        ((0.7, 0.8, None), (None,) * 3, "open", 2),
        ((0.7, None, None), (0.75, None, None), "pruned", 1),
        ((0.7, None, None), (0.7, None, None), "open", 1),
        ((0.7, 0.7, None), (0.6, 0.71, None), "pruned", 2),
        ((0.7, 0.7, 0.1), (0.6, 0.6, 0.9), "finished", 3),
        ((0.7, math.nan, None), (None,) * 3, "failed", 1),
        ((None, 0.7, 0.7), (None,) * 3, "open", 0),
    ],
)
def test_status(scores, thresholds, status, count):
    found = outcome(*scores, thresholds=thresholds)
    assert (found.status, len(found.scores)) == (status, count)


def test_an_error_is_told():
    results = [FoldResult({"roc_auc": 0.7}), FoldResult(error="no memory")]
    found = outcome_of(results, [None, None], "roc_auc")
    assert (found.status, found.error) == ("failed", "no memory")
    undefined = outcome_of(folds(0.7, 0.7), [None, None], "ams")
    assert "'ams' is undefined" in undefined.error


def test_thresholds_are_medians_over_the_same_folds():
    earlier = [
        outcome(0.5, 0.9, 0.9),
        outcome(0.7, 0.8, 0.9),
        outcome(0.6, None, None, thresholds=(0.65, None, None)),
        outcome(math.nan, None, None),
    ]
    rule = Pruning(least_trials=2)
    assert pruning_thresholds(earlier, rule, 3) == (
        pytest.approx(0.6),
        pytest.approx(np.median([0.7, 0.75])),
        None,
    )
    many = Pruning(least_trials=3)
    assert pruning_thresholds(earlier, many, 3) == (pytest.approx(0.6), None, None)
    later = Pruning(first_folds=2, least_trials=2)
    assert pruning_thresholds(earlier, later, 3)[0] is None
    assert pruning_thresholds(earlier, None, 3) == (None,) * 3


def test_files_keep_what_is_undefined(tmp_path):
    path = tmp_path / "fold.json"
    assert read_fold(path) is None
    written = FoldResult({"roc_auc": 0.1 + 0.2, "ams": math.nan}, 10, 3, 0.5)
    write_fold(path, written)
    found = read_fold(path)
    assert found.score("roc_auc") == 0.1 + 0.2
    assert math.isnan(found.score("ams"))
    assert (found.parameters, found.epochs, found.error) == (10, 3, None)
    path.write_text(path.read_text()[:40])
    assert read_fold(path) is None


def test_the_line_says_what_is_left_and_what_is_best():
    done = {n: outcome(0.8, 0.8 + n / 1000) for n in range(1, 13)}
    done[4] = outcome(0.99, None, thresholds=(1.0, None))
    line = progress_line(
        done, Budget(trials=350), seconds=600, trained=12, seconds_here=277
    )
    assert line == "trial 12/350, 2 h 10 min left, best 0.8060 (trial 12)"
    both = Budget(trials=350, seconds=5400)
    assert "1 h 20 min left" in progress_line(
        done, both, seconds=600, trained=12, seconds_here=277
    )
    assert best_trial({1: outcome(0.8), 2: outcome(0.8)}) == 1
    assert progress_line({}, Budget(), seconds=0, trained=0, seconds_here=0) == (
        "trial 0"
    )
