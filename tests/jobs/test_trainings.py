import hashlib

import numpy as np
import pytest

from kerashep.datasets.resonance import load_resonance
from kerashep.export.keras_file import load_keras
from kerashep.jobs import trainings
from kerashep.jobs.served import parity_sample, served_info
from kerashep.jobs.source import training_masses, without_masses
from kerashep.jobs.trainings import (
    discard_trainings,
    retrainings,
    train_seeds,
)
from kerashep.training.recipe import load_recipe
from tests.training.toy import toy_parts, toy_recipe


@pytest.fixture(scope="module")
def events():
    return load_resonance(
        masses_gev=(500, 750, 1000), signal_events=10, background_events=30, seed=1
    )


def recipe(*overrides):
    return load_recipe("affine_pnn_resonance", overrides=overrides)


def test_masses_are_those_of_the_signal(events):
    assert training_masses(events) == (500.0, 750.0, 1000.0)


def test_without_masses_keeps_the_background(events):
    kept = without_masses(events, [500, 1000])
    assert training_masses(kept) == (750.0,)
    assert np.count_nonzero(kept.label == 0) == 30
    assert without_masses(events, ()) is events


def test_retrainings_drop_signal_masses_only(events, tmp_path):
    plan = recipe("evaluation.interpolation={drop: [[750], [500, 750]]}")
    parts = {"train": events, "test": events}
    found = retrainings(plan, parts, tmp_path, seeds=[7])
    assert list(found) == ["without 750", "without 500, 750"]
    assert found["without 750"].seen_gev == (500.0, 1000.0)
    (training,) = found["without 750"].trainings
    assert training.folder == tmp_path / "interpolation" / "without_750"
    assert (training.seed, set(training.parts)) == (7, {"train"})
    kept = training.parts["train"]
    assert training_masses(kept) == (500.0, 1000.0)
    assert np.count_nonzero(kept.label == 0) == 30


def test_one_retraining_a_seed_each_in_its_own_folder(events, tmp_path):
    plan = recipe("evaluation.interpolation={drop: [[750]]}")
    found = retrainings(plan, {"train": events}, tmp_path, seeds=[7, 8, 9])
    trainings = found["without 750"].trainings
    below = tmp_path / "interpolation" / "without_750"
    assert [one.seed for one in trainings] == [7, 8, 9]
    assert [one.folder for one in trainings] == [
        *(below, below / "seeds" / "8", below / "seeds" / "9")
    ]


def test_extrapolation_trains_on_each_mass_alone(events, tmp_path):
    found = retrainings(
        recipe("evaluation.extrapolation=true"), {"train": events}, tmp_path, seeds=[0]
    )
    assert {name: group.seen_gev for name, group in found.items()} == {
        "only 500": (500.0,),
        "only 750": (750.0,),
        "only 1000": (1000.0,),
    }
    for group in found.values():
        assert training_masses(group.trainings[0].parts["train"]) == group.seen_gev


@pytest.mark.parametrize("drop", ["[[600]]", "[[500, 750, 1000]]"])
def test_what_cannot_be_dropped(events, tmp_path, drop):
    plan = recipe(f"evaluation.interpolation={{drop: {drop}}}")
    with pytest.raises(ValueError, match="must name training masses"):
        retrainings(plan, {"train": events}, tmp_path, seeds=[0])


def test_parity_sample_covers_the_trained_range(events):
    plan = recipe("export.parity_events=5000")
    x, m = parity_sample(plan, events, served_info(plan, events, None))
    assert (x.shape, m.shape) == ((5000, 27), (5000, 1))
    assert 500 <= m.min() < 510
    assert 990 < m.max() <= 1000


def test_discard_keeps_what_is_not_of_a_training(tmp_path):
    below = tmp_path / "interpolation" / "without_750"
    for folder in (tmp_path, below, below / "seeds" / "8"):
        (folder / "checkpoint").mkdir(parents=True)
        (folder / "model.keras").touch()
        (folder / "notes.txt").touch()
    discard_trainings(tmp_path)
    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.*")}
    place = "interpolation/without_750/"
    assert left == {"notes.txt", f"{place}notes.txt", f"{place}seeds/8/notes.txt"}


def test_the_description_knows_the_files_of_the_events(events, tmp_path):
    plan = recipe()
    assert served_info(plan, events, None).training_files == ()
    (tmp_path / "a.csv").write_bytes(b"content")
    data = plan.data.model_copy(
        update={"dataset": "file", "paths": (str(tmp_path / "a.csv"),)}
    )
    plan = plan.model_copy(update={"data": data})
    expected = hashlib.sha256(b"content").hexdigest()
    assert served_info(plan, events, None).training_files == (expected,)


def test_several_seeds_share_the_pool_and_one_stays_here(monkeypatch, tmp_path):
    pooled, here = [], []

    def in_pool(found, *, workers, say):  # noqa: ARG001
        pooled.extend(found)
        return [one.folder for one in found]

    def run_training(training, **options):
        here.append((training.seed, options["progress"], options["workers"]))
        return training.folder

    monkeypatch.setattr(trainings, "in_pool", in_pool)
    monkeypatch.setattr(trainings, "run_training", run_training)
    options = {"workers": 3, "say": print}
    paths = train_seeds(toy_recipe(), {}, tmp_path, seeds=[7, 8, 9], **options)
    assert paths == [tmp_path, tmp_path / "seeds" / "8", tmp_path / "seeds" / "9"]
    assert ([one.seed for one in pooled], here) == ([7, 8, 9], [])
    assert train_seeds(toy_recipe(), {}, tmp_path, seeds=[7], **options) == [tmp_path]
    assert (len(pooled), here) == (3, [(7, True, 3)])


def test_a_seed_gives_the_same_bits_here_and_in_the_pool(tmp_path):
    plan, parts, said = toy_recipe(epochs=2, compiled=True), toy_parts(900), []
    options = {"workers": 2, "say": said.append}
    pooled = train_seeds(plan, parts, tmp_path / "a", seeds=[3, 4], **options)
    here = [
        path
        for seed in (3, 4)
        for path in train_seeds(
            plan, parts, tmp_path / str(seed), seeds=[seed], **options
        )
    ]
    assert sorted(said)[-1].startswith("  2/2 trained: seed ")
    for ours, theirs in zip(pooled, here, strict=True):
        both = [load_keras(path)[0].get_weights() for path in (ours, theirs)]
        for a, b in zip(*both, strict=True):
            np.testing.assert_array_equal(a, b)
        histories = [path.with_name("history.csv") for path in (ours, theirs)]
        assert histories[0].read_text() == histories[1].read_text()
