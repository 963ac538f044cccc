"""KerasTuner's oracles behind one door: repeatable, nothing twice, good where it can."""

import math

import pytest

from kerashep.tuning.proposer import Proposer
from kerashep.tuning.search_space import SearchSpace
from kerashep.tuning.space_section import SpaceSection
from kerashep.tuning.study_file import Tuner
from tests.tuning.search_toy import RECIPE

pytest.importorskip("keras_tuner", reason="KerasTuner is not installed")
VALUES = {
    "training.learning_rate": {"low": 1e-4, "high": 1e-1, "scale": "log"},
    "model.arguments.dropout": [0.0, 0.25, 0.5],
}
SPACE = SearchSpace(SpaceSection(values=VALUES), RECIPE)


def score(values):
    """Best at a rate of 10^-2.3 without dropout."""
    return -((math.log10(values["learning_rate"]) + 2.3) ** 2) - values["dropout"]


def proposals(name, count, *, recorded=(), pending=2, **tuner):
    source = Proposer(
        Tuner(name=name, **tuner),
        SPACE.hyperparameters(),
        seed=0,
        epochs=9,
        recorded=recorded,
    )
    made, untold = [], []
    while len(made) < count:
        proposal = None if len(untold) >= pending else source.ask()
        if proposal is not None:
            made.append((proposal.values, proposal.epochs))
            untold.append(proposal)
        elif source.exhausted:
            break
        else:
            oldest = untold.pop(0)
            failed = oldest.key == "0002"
            source.tell(oldest.key, None if failed else score(oldest.values))
    return made


def values_of(made):
    return [values for values, _ in made]


@pytest.mark.parametrize(
    ("name", "count", "tuner"),
    [
        ("random", 12, {}),
        ("grid", 12, {}),
        ("hyperband", 20, {}),
        ("bayesian", 7, {"initial_trials": 4}),
    ],
)
def test_an_interrupted_search_is_proposed_the_same(name, count, tuner):
    first = proposals(name, count, **tuner)
    assert len(first) == count
    assert proposals(name, count, recorded=values_of(first)[:6], **tuner) == first


def test_nothing_is_proposed_twice():
    for name in ("random", "grid"):
        found = [tuple(values.items()) for values in values_of(proposals(name, 25))]
        assert len(set(found)) == len(found)


def test_a_grid_ends():
    grid = {"values": {"training.batch_size": [64, 128], "training.balance": ["none"]}}
    space = SearchSpace(SpaceSection.model_validate(grid), RECIPE)
    source = Proposer(Tuner(name="grid"), space.hyperparameters(), seed=0, epochs=1)
    made = []
    while not source.exhausted:
        proposal = source.ask()
        if proposal is not None:
            made.append(space.overrides(proposal.hyperparameters))
            source.tell(proposal.key, 0.5)
    assert made == [
        {"training.batch_size": size, "training.balance": "none"} for size in (64, 128)
    ]


def test_hyperband_trains_the_best_for_longer():
    made = proposals("hyperband", 100)
    epochs = [length for _, length in made]
    assert set(epochs) == {1, 3, 9}
    short = [values for values, length in made if length == 1]
    promoted = [values for values, length in made if length == 9 and values in short]
    assert promoted == [max(short, key=score)], "though one of the first has failed"


def test_a_gaussian_process_finds_the_best():
    made = values_of(proposals("bayesian", 11, initial_trials=5))
    best = max(made, key=score)
    assert score(best) > max(map(score, made[:5]))
    assert best["dropout"] == 0.0
    assert abs(math.log10(best["learning_rate"]) + 2.3) < 0.3
    assert len({tuple(values.items()) for values in made}) == 11
