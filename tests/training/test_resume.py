"""A killed training continues and ends as if nothing had happened."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from kerashep.training.callbacks import read_history
from kerashep.training.fit import train
from kerashep.training.resume import training_signature
from kerashep.training.run_folder import RunFolder
from tests.training.toy import toy_parts, toy_recipe

ROOT = Path(__file__).parents[2]
EPOCHS = 8
# An epoch takes a while, so that the kill comes in the midst of the training.
CHILD = """
import sys, time
from pathlib import Path
from kerashep.training.callbacks import EpochHistory
from kerashep.training.fit import train
from kerashep.training.run_folder import RunFolder
from tests.training.test_resume import recipe
from tests.training.toy import toy_parts
EpochHistory.on_epoch_begin = lambda *_: time.sleep(0.5)
train(recipe(sys.argv[2] == "compiled"), toy_parts(), seed=3, run=RunFolder(Path(sys.argv[1])))
"""


def recipe(compiled, **training):
    """Dropout, redrawn masses, momenta and early stopping: all kinds of state."""
    options = {
        "epochs": EPOCHS,
        "learning_rate": 0.1,
        "balance": "full",
        "early_stopping": {"patience": 4},
        "checkpoint_every": 2,
        **training,
    }
    arguments = {"units": [8, 4], "dropout": 0.3, "kernel_l2": 1e-4}
    return toy_recipe("affine_pnn", arguments, compiled=compiled, **options)


def kill_in_mid_training(folder, way, *, after_epochs):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CHILD, str(folder), way]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    history = RunFolder(folder).history
    deadline = time.monotonic() + 240
    try:
        while time.monotonic() < deadline and process.poll() is None:
            if (
                history.exists()
                and len(history.read_text().splitlines()) > after_epochs
            ):
                break
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL, "ended before it was killed"


@pytest.mark.parametrize("way", ["plain", "compiled"])
def test_killed_training_ends_with_the_same_bits(tmp_path, way):
    parts, plan = toy_parts(), recipe(way == "compiled")
    killed = RunFolder(tmp_path / "killed")
    kill_in_mid_training(killed.path, way, after_epochs=3)
    done = len(read_history(killed.history)["epoch"])
    assert 3 <= done < EPOCHS
    assert killed.checkpoint.is_file()
    (killed.path / ".history.csv-left").mkdir()  # as if killed while writing
    resumed = train(plan, parts, seed=3, run=killed)
    whole = train(plan, parts, seed=3, run=RunFolder(tmp_path / "whole"))
    assert resumed.history == whole.history
    assert len(whole.history["epoch"]) > done
    assert resumed.best_epoch == whole.best_epoch
    for a, b in zip(resumed.core.get_weights(), whole.core.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not list(killed.path.rglob(".*"))
    whole_file = (tmp_path / "whole" / "history.csv").read_bytes()
    assert killed.history.read_bytes() == whole_file


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    run = RunFolder(tmp_path_factory.mktemp("finished"))
    plan = recipe(False, epochs=2, batch_size=512)
    return run, plan, train(plan, toy_parts(600), seed=3, run=run)


def test_finished_training_is_not_repeated(finished):
    run, plan, first = finished
    before = run.checkpoint.stat().st_mtime_ns
    again = train(plan, toy_parts(600), seed=3, run=run)
    assert run.checkpoint.stat().st_mtime_ns == before
    assert again.history == first.history
    assert again.best_epoch == first.best_epoch
    for a, b in zip(again.core.get_weights(), first.core.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("change", "seed", "count", "message"),
    [
        ({"epochs": 3}, 3, 600, r"training\.epochs was 2, is now 3"),
        (
            {"learning_rate": 0.2},
            3,
            600,
            r"training\.learning_rate was 0\.1, is now 0\.2",
        ),
        (
            {"early_stopping": None},
            3,
            600,
            r"training\.early_stopping\.patience was 4",
        ),
        ({}, 4, 600, r"seed was 3, is now 4"),
        ({}, 3, 598, r"data hash was '\w{32}', is now '\w{32}'"),
    ],
)
def test_other_training_in_the_folder_is_refused(
    finished, change, seed, count, message
):
    run, _, _ = finished
    kept = run.recipe.read_bytes()
    options = {"epochs": 2, "batch_size": 512, **change}
    with pytest.raises(ValueError, match=message + r".*--restart"):
        train(recipe(False, **options), toy_parts(count), seed=seed, run=run)
    assert run.recipe.read_bytes() == kept


def test_damaged_state_is_named(finished, tmp_path):
    run, plan, _ = finished
    broken = RunFolder(tmp_path)
    broken.checkpoint.parent.mkdir()
    state = run.checkpoint.read_bytes()
    broken.checkpoint.write_bytes(state[: len(state) // 2])
    with pytest.raises(ValueError, match=r"state\.npz cannot be read.*--restart"):
        train(plan, toy_parts(600), seed=3, run=broken)


def test_signature_leaves_out_what_does_not_decide_the_weights():
    def signature(**training):
        return training_signature(toy_recipe(**training), seed=1, data_hash="0")

    assert signature() == signature(checkpoint_every=7, tensorboard=True)
    assert signature() != signature(balance="class")
    other = toy_recipe().model_copy(update={"name": "b", "description": "c"})
    assert signature() == training_signature(other, seed=1, data_hash="0")
