"""The order of a search: what is proposed from what, and nothing is done twice."""

import numpy as np
import pytest

from kerashep.training import pool
from kerashep.tuning.search_store import discard_search
from kerashep.tuning.trial_table import table_row
from tests.tuning.search_toy import KilledError, ToyStream, toy_search, toy_study

VALUES = [10, 90, 30, 55, 70, 48, 20, 80, 51, 49, 99, 1]


def run(monkeypatch, search, stream, workers=2, record=None):
    monkeypatch.setattr(pool, "run_stream", stream)
    search.run(workers, record or (lambda: None))


def rows(search):
    return [
        table_row(trial.task.number, trial.proposal.values, outcome)
        for trial, outcome in search.done()
    ]


PRUNED = {"pruning": {"least_trials": 3}}


@pytest.mark.parametrize("changes", [{}, PRUNED], ids=["whole", "pruned"])
@pytest.mark.parametrize(
    ("workers", "order"), [(1, "first"), (3, "last"), (3, "random")]
)
def test_neither_speed_nor_number_of_processes_decides(
    tmp_path, monkeypatch, changes, workers, order
):
    rng = np.random.default_rng(4)
    picks = {
        "first": lambda running: 0,  # noqa: ARG005
        "last": lambda running: -1,  # noqa: ARG005
        "random": lambda running: int(rng.integers(len(running))),
    }
    found = []
    for folder, count, pick in (("a", 2, "first"), ("b", workers, order)):
        search, _ = toy_search(tmp_path / folder, toy_study(**changes), VALUES)
        run(monkeypatch, search, ToyStream(picks[pick]), count)
        found.append((rows(search), search.proposer.log))
    assert found[0] == found[1]
    log = found[0][1]
    asked = [log[: log.index(f"ask {i}")] for i in range(12)]
    told = [[entry.split()[1] for entry in one if "tell" in entry] for one in asked]
    assert told == [[str(n) for n in range(i - 2)] for i in range(12)]


@pytest.mark.parametrize("changes", [{}, PRUNED], ids=["whole", "pruned"])
@pytest.mark.parametrize("kills", [(1,), (4, 9), (2, 5, 5, 17), (25,)])
def test_a_killed_search_continues_to_the_same_table(
    tmp_path, monkeypatch, changes, kills
):
    undisturbed, _ = toy_search(tmp_path / "a", toy_study(**changes), VALUES)
    run(monkeypatch, undisturbed, ToyStream())
    trained = []
    for kill in (*kills, None):
        search, _ = toy_search(tmp_path / "b", toy_study(**changes), VALUES)
        kept = len(list((tmp_path / "b" / "folds").glob("*.json")))
        assert kept == len(trained), "no finished fold is lost"
        stream = ToyStream(kill_after=kill, trained=trained)
        if kill is None or kill >= 31 or (changes and kill == 25):
            run(monkeypatch, search, ToyStream(trained=trained))
            break
        with pytest.raises(KilledError):
            run(monkeypatch, search, stream)
    assert rows(search) == rows(undisturbed)
    assert search.proposer.log == undisturbed.proposer.log
    assert len(trained) == len(set(trained)), "none is run twice"


def test_hopeless_trials_are_stopped_between_folds(tmp_path, monkeypatch):
    search, _ = toy_search(tmp_path, toy_study(**PRUNED), VALUES)
    stream = ToyStream()
    run(monkeypatch, search, stream, workers=1)
    found = {row["batch_size"]: (row["status"], row["folds"]) for row in rows(search)}
    # The median of the first folds of 10, 90 and 30 is that of 10.
    assert found[55] == ("finished", 3), "known: 10 and 90 alone"
    assert found[70] == ("finished", 3)
    assert found[1] == ("pruned", 1)
    assert found[99] == ("pruned", 1)
    assert found[49] == ("finished", 3)
    assert len(stream.trained) == sum(folds for _, folds in found.values())


def test_a_larger_budget_goes_on(tmp_path, monkeypatch):
    trained = []
    for trials in (5, 12):
        study = toy_study(budget={"trials": trials})
        search, said = toy_search(tmp_path, study, VALUES)
        run(monkeypatch, search, ToyStream(trained=trained))
        assert len(rows(search)) == trials
    assert len(trained) == len(set(trained)) == 36
    assert said[-1] == "trial 12/12, 0 s left, best 0.7990 (trial 9)"


def test_other_events_or_code_start_anew(tmp_path, monkeypatch):
    for code in ("a", "b"):
        search, _ = toy_search(tmp_path, toy_study(), VALUES, decisive={"code": code})
        assert search.store.recorded == []
        stream = ToyStream()
        run(monkeypatch, search, stream)
        assert len(stream.trained) == 36
    again, _ = toy_search(tmp_path, toy_study(), VALUES, decisive={"code": "b"})
    assert [one["batch_size"] for one in again.store.recorded] == VALUES
    discard_search(tmp_path)
    assert not list(tmp_path.rglob("*.json"))


def test_a_damaged_state_or_fold_is_made_anew(tmp_path, monkeypatch):
    search, _ = toy_search(tmp_path, toy_study(), VALUES)
    run(monkeypatch, search, ToyStream())
    (tmp_path / "search.json").write_text('{"search": ')
    sorted((tmp_path / "folds").glob("*.json"))[3].write_text("{}")
    again, _ = toy_search(tmp_path, toy_study(), VALUES)
    stream = ToyStream()
    run(monkeypatch, again, stream)
    assert len(stream.trained) == 1
    assert rows(again) == rows(search)


def test_a_duplicate_is_not_run_again(tmp_path, monkeypatch):
    values = [10, 20, 20, 10, 30, 40]
    study = toy_study(budget={"trials": 4})
    search, _ = toy_search(tmp_path, study, values)
    stream = ToyStream(lambda running: -1)  # noqa: ARG005
    run(monkeypatch, search, stream, workers=3)
    assert [row["batch_size"] for row in rows(search)] == [10, 20, 30, 40]
    assert search.duplicates == 2
    assert len(stream.trained) == len(set(stream.trained)) == 12
    scores = {e.split()[1]: e.split()[2] for e in search.proposer.log if "tell" in e}
    assert scores["2"] == scores["1"], "it is told the known score"


def test_what_the_space_does_not_hold_is_drawn_anew(tmp_path, monkeypatch):
    search, said = toy_search(tmp_path, toy_study(), [-1, 10, -1, 20])
    run(monkeypatch, search, ToyStream())
    assert [row["trial"] for row in rows(search)] == [1, 2]
    assert search.rejected == 2
    assert "tell 0 nothing" in search.proposer.log
    assert said[-1].startswith("trial 2/12")


def test_an_exhausted_space_ends_the_search(tmp_path, monkeypatch):
    search, said = toy_search(tmp_path, toy_study(), [10, *[-1] * 300])
    run(monkeypatch, search, ToyStream())
    assert "The space is exhausted after 1 trials." in said
    assert len(rows(search)) == 1


def test_a_failing_trial_is_recorded_and_skipped(tmp_path, monkeypatch):
    search, said = toy_search(tmp_path, toy_study(), VALUES)
    run(monkeypatch, search, ToyStream(fails=(30, 51)))
    failed = [row for row in rows(search) if row["status"] == "failed"]
    assert [row["batch_size"] for row in failed] == [30, 51]
    assert failed[0]["error"] == "ValueError: too large"
    assert failed[0]["score"] is None
    assert "trial 3 failed: ValueError: too large" in said
    assert "tell 2 nothing" in search.proposer.log
    assert said[-1].endswith("best 0.7990 (trial 10)")
    again, _ = toy_search(tmp_path, toy_study(), VALUES)
    stream = ToyStream()
    run(monkeypatch, again, stream)
    assert not stream.trained
    assert rows(again) == rows(search)


def test_if_all_fail_the_search_stops(tmp_path, monkeypatch):
    search, _ = toy_search(tmp_path, toy_study(), VALUES)
    with pytest.raises(ValueError, match=r"first 5 trials failed.*too large.*restart"):
        run(monkeypatch, search, ToyStream(fails=tuple(VALUES)))


def test_a_time_budget_ends_the_search(tmp_path, monkeypatch):
    now = [100.0]

    def record():
        now[0] += 10.0

    study = toy_study(budget={"seconds": 35.0})
    search, said = toy_search(tmp_path, study, VALUES, clock=lambda: now[0])
    run(monkeypatch, search, ToyStream(), workers=1, record=record)
    assert len(rows(search)) == 4
    assert said[0] == "trial 1, 35 s left, best 0.7600 (trial 1)"
    # Interrupted after 40 s: a search that continues knows that.
    again, _ = toy_search(tmp_path, study, VALUES, clock=lambda: now[0])
    stream = ToyStream()
    run(monkeypatch, again, stream, workers=1)
    assert not stream.trained
    assert len(rows(again)) == 4
    more = toy_study(budget={"seconds": 45.0})
    longer, _ = toy_search(tmp_path, more, VALUES, clock=lambda: now[0])
    run(monkeypatch, longer, stream, workers=1, record=record)
    assert len(rows(longer)) == 5


def test_a_proposer_that_waits_is_asked_again_after_one_more_result(
    tmp_path, monkeypatch
):
    logs = []
    for workers in (1, 2, 3):
        folder = tmp_path / str(workers)
        search, _ = toy_search(folder, toy_study(), VALUES, waits_before=(2, 7))
        run(monkeypatch, search, ToyStream(lambda running: -1), workers)  # noqa: ARG005
        assert len(rows(search)) == 12
        logs.append(search.proposer.log)
    assert logs[0] == logs[1] == logs[2]
    first = logs[0].index("wait")
    assert logs[0][first + 1].startswith("tell 0")
    assert logs[0][first + 2] == "ask 2"
