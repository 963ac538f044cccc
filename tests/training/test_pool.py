"""Many tasks over processes: order, failures, retries, seeds."""

import gc
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from kerashep.training.pool import PoolResult, run_pool, run_stream, worker_count

ROOT = Path(__file__).parents[2]


def square(x):
    return x * x


def draw(seed):
    return float(np.random.default_rng(seed).normal())


def environment(name):
    return os.environ.get(name)


def frozen(_):
    return gc.get_freeze_count()


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


def test_what_succeeds_is_handed_over_at_once():
    seen = []
    run_pool(fail_on_three, [1, 3, 5], workers=1, succeeded=seen.append)
    assert sorted(seen) == [1, 5]


def test_an_item_that_fails_once_is_retried(tmp_path):
    (result,) = run_pool(fail_once, [str(tmp_path / "a")], workers=1)
    assert result == PoolResult("second time", attempts=2)


def test_an_item_whose_process_dies_is_retried(tmp_path):
    (result,) = run_pool(die_once, [str(tmp_path / "a")], workers=1)
    assert result.value == "alive"


def die_if_two(item):
    if item == 2:
        os._exit(1)
    return item


def test_an_item_that_always_dies_takes_no_other_with_it():
    results = run_pool(die_if_two, list(range(8)), workers=2)
    assert [one.value for one in results] == [0, 1, None, 3, 4, 5, 6, 7]
    assert not results[2].ok
    assert results[2].attempts == 2


def warn_and_fail_on_three(x):
    warnings.warn("the events are few", stacklevel=1)
    warnings.warn(f"item {x}", RuntimeWarning, stacklevel=1)
    return fail_on_three(x)


def test_warnings_of_the_tasks_reach_the_caller_once_each():
    with pytest.warns(UserWarning, match="few|item") as caught:
        results = run_pool(warn_and_fail_on_three, [2, 3, 4], workers=2)
    assert [str(one.message) for one in caught] == [
        *("the events are few", "item 2", "item 3", "item 4")
    ]
    assert results[0].warnings == ("the events are few", "item 2")
    assert (results[1].ok, results[1].warnings[1]) == (False, "item 3")


def test_what_another_process_took_along_still_has_two_attempts(tmp_path):
    jobs = [("die", ""), *(("fail once", str(tmp_path / str(i))) for i in range(4))]
    results = run_pool(die_or_fail_once, jobs, workers=1)
    assert [one.ok for one in results] == [False, True, True, True, True]
    assert [one.attempts for one in results] == [2] * 5


def die_or_fail_once(job):
    what, marker = job
    return os._exit(1) if what == "die" else fail_once(marker)


def test_a_stream_asks_for_more_as_results_come():
    waiting, known = [1, 2], []

    def ask():
        if waiting:
            return waiting.pop(0)
        if len(known) == 2:
            known.append(0)
            return sum(known)  # not known before
        return None

    results = {}
    for item, result in run_stream(square, ask, workers=2):
        known.append(item)
        results[item] = result.value
    assert results == {1: 1, 2: 4, 3: 9}


def test_a_stream_tries_failures_once_more(tmp_path):
    waiting = [("die", ""), ("fail once", str(tmp_path / "a")), ("die", "")]
    ask = lambda: waiting.pop() if waiting else None  # noqa: E731
    results = [result for _, result in run_stream(die_or_fail_once, ask, workers=1)]
    assert sorted((one.ok, one.attempts) for one in results) == [
        *((False, 2), (False, 2), (True, 2))
    ]


def own_process(_):
    return os.getpid()


def test_processes_of_a_stream_are_replaced_after_some_items():
    waiting = [1, 2, 3, 4, 5]
    ask = lambda: waiting.pop() if waiting else None  # noqa: E731
    found = run_stream(own_process, ask, workers=1, most_items=2)
    numbers = [result.value for _, result in found]
    assert numbers[0] == numbers[1] != numbers[2] == numbers[3] != numbers[4]


def note_for_seconds(path):
    for _ in range(100):
        time.sleep(0.1)
        with Path(path).open("a") as file:
            file.write(".")


def test_processes_end_with_their_killed_parent(tmp_path):
    code = (
        "from tests.training.test_pool import note_for_seconds\n"
        "from kerashep.training.pool import run_pool\n"
        f"run_pool(note_for_seconds, [{str(tmp_path / 'notes')!r}], workers=1)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as parent:
        while not (tmp_path / "notes").exists():
            time.sleep(0.1)
        parent.kill()
    time.sleep(3)
    noted = (tmp_path / "notes").stat().st_size
    time.sleep(1)
    assert (tmp_path / "notes").stat().st_size == noted < 100


def test_no_items_no_work():
    assert run_pool(square, [], workers=2) == []


def test_worker_count_comes_from_argument_then_environment(monkeypatch):
    monkeypatch.setenv("KERASHEP_WORKERS", "3")
    assert worker_count() == 3
    assert worker_count(1) == 1
    monkeypatch.setenv("KERASHEP_WORKERS", "many")
    with pytest.raises(ValueError, match=r"positive integer\. Received: 'many'"):
        worker_count()


def test_worker_count_where_affinity_cannot_be_asked(monkeypatch):
    monkeypatch.delenv("KERASHEP_WORKERS", raising=False)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert worker_count() == 5


def test_garbage_is_not_searched_for_among_libraries_after_the_first_task():
    counts = [one.value for one in run_pool(frozen, [0, 1, 2], workers=1)]
    assert counts[1] == counts[2] > 10_000


def leave_mark(path):
    time.sleep(0.2)
    Path(path).touch()


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_nothing_runs_behind_an_interruption(tmp_path, error):
    def interrupt(done, total, item):  # noqa: ARG001
        raise error

    marks = [str(tmp_path / str(number)) for number in range(10)]
    with pytest.raises(error):
        run_pool(leave_mark, marks, workers=1, progress=interrupt)
    left = len(list(tmp_path.iterdir()))
    assert left < 4, "those that had begun"
    time.sleep(1)
    assert len(list(tmp_path.iterdir())) == left
    assert [one.value for one in run_pool(square, [2, 3], workers=1)] == [4, 9]


def test_nothing_runs_behind_an_interruption_of_the_second_attempts(tmp_path):
    def interrupt(done, total, item):  # noqa: ARG001
        if done == 2:
            raise KeyboardInterrupt

    marks = [str(tmp_path / f"{number} first") for number in range(4)]
    with pytest.raises(KeyboardInterrupt):
        run_pool(fail_once_and_note, marks, workers=1, progress=interrupt)
    noted = len(list(tmp_path.glob("*noted")))
    time.sleep(1)
    assert len(list(tmp_path.glob("*noted"))) == noted < 4


def fail_once_and_note(marker):
    fail_once(marker)
    time.sleep(0.2)
    Path(f"{marker} noted").touch()
