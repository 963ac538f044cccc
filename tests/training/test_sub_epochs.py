"""Sub-epochs are the full batches of the whole passes, divided anew."""

import itertools

import numpy as np
import pytest

from kerashep.data.background_mass import BackgroundMass
from kerashep.data.pipeline import BatchPipeline
from kerashep.training.compiled import CompiledTrainer
from kerashep.training.sub_epochs import SubEpochs
from tests.training.fold_toy import SETUP, batches, build, pipeline, toy_events
from tests.training.toy import toy_events as parametric_events


def with_draws():
    events = toy_events(230)
    return batches(events, SETUP.scaler(events), 3)


def with_sampled_mass():
    events = parametric_events(230)
    mass = BackgroundMass.for_events(events, "identical", "sampled")
    return BatchPipeline(events, batch_size=32, background_mass=mass, seed=3)


def flat(batch):
    x, y, w = batch
    return [x["x"], *([x["m"]] if "m" in x else []), y, w]


@pytest.mark.parametrize("make", [with_draws, with_sampled_mass])
@pytest.mark.parametrize("steps", [3, 7, 20])
def test_batches_are_those_of_the_passes_without_their_tails(make, steps):
    whole = make()
    assert whole.tail == 230 - 7 * 32
    expected = [
        flat(batch)
        for number in range(6)
        for batch in whole.batches(number)
        if len(batch[1]) == 32
    ]
    found = [
        flat(b) for e in range(40 // steps) for b in SubEpochs(make(), steps).batches(e)
    ]
    assert len(found) == steps * (40 // steps)
    for ours, theirs in zip(found, expected, strict=False):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("make", [with_draws, with_sampled_mass])
def test_blocks_hold_the_same_in_any_length_and_any_order(make):
    def read(epoch, length, parts):
        blocks = list(parts.blocks(epoch, length))
        names = ("index", *(["parameters"] if blocks[0].parameters is not None else []))
        arrays = [np.concatenate([getattr(b, n) for b in blocks]) for n in names]
        draws = zip(*(block.draws for block in blocks), strict=True)
        return [*arrays, *map(np.concatenate, draws)]

    parts = SubEpochs(make(), 5)
    first = {epoch: read(epoch, 2, parts) for epoch in range(4)}
    for epoch, length in itertools.product((3, 0, 2), (1, 5, 64)):
        for a, b in zip(read(epoch, length, parts), first[epoch], strict=True):
            np.testing.assert_array_equal(a, b)


def test_tables_are_lengthened_by_rows_that_are_not_used():
    parts = SubEpochs(pipeline(330), 4, table_rows=400)
    assert {len(table) for table in parts.tables.values()} == {400}
    used = np.concatenate([b.index.ravel() for e in range(10) for b in parts.blocks(e)])
    assert used.max() < 330
    np.testing.assert_array_equal(parts.tables["x"][:330], pipeline(330).tables["x"])


def test_compiled_training_on_parts_equals_that_on_whole_epochs():
    losses = {}
    for parts in (1, 3):
        model = build()
        whole = pipeline(12 * 32)
        trainer = CompiledTrainer(model, SubEpochs(whole, 12 // parts))
        trainer.reset(1)
        losses[parts] = trainer.fit(epochs=2 * parts).history["loss"]
        assert trainer.traces == 1
    thirds = np.reshape(losses[3], (2, 3)).mean(axis=1)
    np.testing.assert_allclose(thirds, losses[1], rtol=1e-5)


def test_as_dataset_serves_plain_keras():
    parts = SubEpochs(pipeline(), 4)
    dataset = parts.as_dataset(start_epoch=1)
    assert int(dataset.cardinality()) == 4
    for (x, _, _), (ours, _, _) in zip(dataset, parts.batches(1), strict=True):
        np.testing.assert_array_equal(x["x"], ours["x"])


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match=r"at least one full batch.*steps=0"):
        SubEpochs(pipeline(), 0)
    with pytest.raises(ValueError, match="0 full batches of 32"):
        SubEpochs(pipeline(20), 1)
    with pytest.raises(ValueError, match="at least the 330 events"):
        SubEpochs(pipeline(), 2, table_rows=329)
