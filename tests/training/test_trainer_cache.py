"""A training that takes over a compiled program gives the bits of a fresh one."""

import numpy as np
import pytest

from kerashep.training import trainer_cache
from kerashep.training.fit import train
from kerashep.training.resume import Checkpoint
from kerashep.training.run_folder import RunFolder
from kerashep.training.trainer_cache import shared_programs
from tests.training.toy import toy_parts, toy_recipe

DROPOUT = {"units": [8, 4], "dropout": 0.2, "kernel_l2": 1e-3}


@pytest.fixture(autouse=True)
def no_program_from_before(monkeypatch):
    monkeypatch.setattr(trainer_cache, "_last", trainer_cache._LastTrainer())


def recipe(**training):
    return toy_recipe(arguments=DROPOUT, compiled=True, **training)


def state(trained):
    core = trained.core
    return [np.array(v) for v in (*core.variables, *core.optimizer.variables)]


def check_same(ours, theirs):
    assert ours.history == theirs.history
    assert ours.best_epoch == theirs.best_epoch
    for a, b in zip(state(ours), state(theirs), strict=True):
        np.testing.assert_array_equal(a, b)


STOPPING = {"monitor": "val_loss", "patience": 1}
KINDS = {
    "plain": {},
    "stopping": {"epochs": 8, "learning_rate": 0.1, "early_stopping": STOPPING},
    "one cycle": {"schedule": {"name": "one_cycle"}},
}


class KilledError(Exception):
    """The process is gone."""


@pytest.mark.parametrize(
    "kind",
    [
        "plain",
        *(pytest.param(k, marks=pytest.mark.slow) for k in KINDS if k != "plain"),
    ],
)
def test_the_second_training_compiles_nothing_and_has_the_bits_of_a_fresh_one(kind):
    plan, parts = recipe(**KINDS[kind]), toy_parts(1500)
    fresh = [train(plan, parts, seed=seed) for seed in (1, 2)]
    with shared_programs():
        first = train(plan, parts, seed=1)
        program, kept = trainer_cache._last.trainer, state(first)
        traces = program.traces
        second = train(plan, parts, seed=2)
    assert trainer_cache._last.trainer is program
    assert program.traces == traces == 2, "one for blocks, one for the tail"
    check_same(first, fresh[0])
    check_same(second, fresh[1])
    for before, now in zip(kept, state(first), strict=True):
        np.testing.assert_array_equal(before, now)
    x, m = np.ones((5, 3), "float32"), np.full((5, 1), 500.0, "float32")
    np.testing.assert_array_equal(first.score(x, m), fresh[0].score(x, m))
    if kind == "stopping":
        assert second.best_epoch < len(second.history["epoch"]), "weights came back"


def test_a_killed_training_continues_through_the_program_of_another(tmp_path):
    plan, parts = recipe(epochs=4), toy_parts(1500)
    whole = train(plan, parts, seed=2)

    def kill(checkpoint, epoch, finished):
        save(checkpoint, epoch, finished)
        if epoch == 2:
            raise KilledError

    save = Checkpoint._save
    with shared_programs(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoint, "_save", kill)
        with pytest.raises(KilledError):
            train(plan, parts, seed=2, run=RunFolder(tmp_path))
    assert trainer_cache._last.trainer is None, "nothing is kept after a failure"
    with shared_programs():
        train(plan, parts, seed=1)
        program = trainer_cache._last.trainer
        check_same(train(plan, parts, seed=2, run=RunFolder(tmp_path)), whole)
        assert trainer_cache._last.trainer is program


def test_other_programs_are_not_mistaken_for_the_last_one():
    parts = toy_parts(1500)
    plans = [
        (recipe(epochs=1), parts),
        (recipe(epochs=1, batch_size=64), parts),
        (toy_recipe(compiled=True, epochs=1), parts),
        (toy_recipe(compiled=True, epochs=1, optimizer="sgd"), parts),
        (toy_recipe(compiled=True, epochs=1), toy_parts(1200)),
    ]
    programs = []
    with shared_programs():
        for plan, events in plans:
            train(plan, events, seed=1)
            programs.append(trainer_cache._last.trainer)
        train(toy_recipe(compiled=True, epochs=1, learning_rate=1e-3), events, seed=1)
    assert len({id(program) for program in programs}) == len(plans)
    assert trainer_cache._last.trainer is programs[-1], "a rate is no program"


def test_without_asking_nothing_is_kept():
    train(recipe(epochs=1), toy_parts(600), seed=1)
    assert trainer_cache._last.trainer is None
