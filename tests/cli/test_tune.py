"""`kerashep tune`: words of the command line, and a search that is killed."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.jobs.tune_toy import table_without_times, write_study


def test_run_may_be_left_out(kerashep):
    for words in (("tune", "nothing"), ("tune", "run", "nothing")):
        ran = kerashep(*words)
        assert ran.code == 2
        assert "Unknown name or path 'nothing': no study.yaml" in ran.err


def test_help_and_show_start_without_tensorflow(loaded_modules):
    shown, modules = loaded_modules("tune", "--help")
    assert "show" in shown
    assert not modules & {"tensorflow", "keras", "keras_tuner", "numpy", "matplotlib"}


def test_nothing_to_show(kerashep, tmp_path):
    study = write_study(tmp_path)
    ran = kerashep("tune", "show", study)
    assert ran.code == 2
    assert "No trial is done in 'runs/tuning/toy'" in ran.err


def start(study, output):
    words = [sys.executable, "-m", "kerashep.cli.main", "tune", study, "-o", output]
    return subprocess.Popen(
        [str(word) for word in (*words, "--workers", 2)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def folds_in(output):
    return {path: path.stat().st_mtime_ns for path in (output / "folds").glob("*.json")}


@pytest.mark.slow
def test_a_killed_search_loses_no_fold_and_runs_none_twice(tmp_path):
    pytest.importorskip("keras_tuner", reason="KerasTuner is not installed")
    study = write_study(tmp_path, budget={"trials": 8}, tuner=BAYESIAN, pruning=RULE)
    undisturbed = start(study, tmp_path / "a")
    assert undisturbed.wait() == 0, undisturbed.stderr.read()
    output, wait = tmp_path / "b", random.Random(os.getpid())
    kept = {}
    for kill_after in (1, 5, 9):  # folds, and a moment more
        running = start(study, output)
        while len(folds_in(output)) < kill_after and running.poll() is None:
            time.sleep(0.05)
        time.sleep(wait.uniform(0, 2))
        running.send_signal(signal.SIGKILL)
        running.wait()
        time.sleep(2)  # its processes notice
        now = folds_in(output)
        assert kept.items() <= now.items(), "kept as they were"
        kept = now
    last = start(study, output)
    assert last.wait() == 0, last.stderr.read()
    found = folds_in(output)
    assert kept.items() <= found.items(), "none run twice"
    assert {path.name for path in found} == {
        path.name for path in folds_in(tmp_path / "a")
    }
    tables = [table_without_times(tmp_path / one / "trials.csv") for one in "ab"]
    assert tables[0] == tables[1]


BAYESIAN = {"name": "bayesian", "initial_trials": 3}
RULE = {"least_trials": 2}
