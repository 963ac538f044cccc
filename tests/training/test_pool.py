"""Many tasks over processes: order, failures, retries, seeds."""

import os
from pathlib import Path

import numpy as np
import pytest

from kerashep.training.pool import PoolResult, run_pool, worker_count


def square(x):
    return x * x


def draw(seed):
    return float(np.random.default_rng(seed).normal())


def environment(name):
    return os.environ.get(name)


def fail_on_three(x):
    if x == 3:
        raise ValueError("three is not allowed")
    return x


def fail_once(marker):
    path = Path(marker)
    if not path.exists():
        path.touch()
        raise RuntimeError("the first time")
    return "second time"


def die_once(marker):
    path = Path(marker)
    if not path.exists():
        path.touch()
        os._exit(1)
    return "alive"


def test_results_stand_in_the_order_of_the_items():
    results = run_pool(square, list(range(7)), workers=2)
    assert [one.value for one in results] == [0, 1, 4, 9, 16, 25, 36]
    assert all(one.ok and one.attempts == 1 for one in results)


def test_results_do_not_depend_on_the_number_of_workers():
    one, two = (run_pool(draw, [5, 6, 7, 8], workers=n) for n in (1, 2))
    assert [r.value for r in one] == [r.value for r in two]


def test_each_process_has_one_thread():
    (result,) = run_pool(environment, ["OMP_NUM_THREADS"], workers=1)
    assert result.value == "1"


def test_a_failing_item_is_reported_and_the_others_go_on():
    seen = []
    results = run_pool(
        fail_on_three,
        [1, 3, 5],
        workers=2,
        progress=lambda done, total, item: seen.append((done, total, str(item))),
    )
    assert [one.ok for one in results] == [True, False, True]
    assert results[1].error == "ValueError: three is not allowed"
    assert results[1].attempts == 2
    assert "fail_on_three" in results[1].details
    assert (3, 3, "3 FAILED: ValueError: three is not allowed") in seen


def test_an_item_that_fails_once_is_retried(tmp_path):
    (result,) = run_pool(fail_once, [str(tmp_path / "a")], workers=1)
    assert result == PoolResult("second time", attempts=2)


def test_an_item_whose_process_dies_is_retried(tmp_path):
    (result,) = run_pool(die_once, [str(tmp_path / "a")], workers=1)
    assert result.value == "alive"


def test_no_items_no_work():
    assert run_pool(square, [], workers=2) == []


def test_worker_count_comes_from_argument_then_environment(monkeypatch):
    monkeypatch.setenv("KERASHEP_WORKERS", "3")
    assert worker_count() == 3
    assert worker_count(1) == 1
    monkeypatch.setenv("KERASHEP_WORKERS", "many")
    with pytest.raises(ValueError, match=r"positive integer\. Received: 'many'"):
        worker_count()
