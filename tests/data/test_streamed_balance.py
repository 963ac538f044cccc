"""Balanced batches of streamed events: the exact counts of resident ones."""

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from kerashep.data.background_mass import BackgroundMass
from kerashep.data.balance import BatchSampler
from kerashep.data.event_store import EventStore
from kerashep.data.events import Events
from kerashep.data.streaming import StreamedPipeline

MASSES = (500.0, 750.0, 1000.0, 1250.0, 1500.0)
PROCESSES = ("ttbar", "wjets", "X")
COUNT = 24_000


def make_events():
    """Sorted, and far from balanced: 1/24 signal, a twentieth of it at one mass."""
    rng = np.random.default_rng(0)
    signal = np.arange(COUNT) < 1000
    mass = np.full(COUNT, np.nan)
    mass[signal] = np.sort(rng.choice(MASSES, 1000, p=[0.05] + [0.2375] * 4))
    process = np.where(signal, 2, np.arange(COUNT) > COUNT * 0.9)
    return Events(
        features=np.stack([np.arange(COUNT), rng.normal(size=COUNT)], axis=1),
        feature_names=("row", "noise"),
        label=signal,
        provenance="simulated",
        parameters=mass[:, None],
        parameter_names=("mass",),
        process=process,
        process_names=PROCESSES,
    )


@pytest.fixture(scope="module")
def events():
    return make_events()


@pytest.fixture
def store(tmp_path, events, monkeypatch):
    monkeypatch.setattr("kerashep.data.event_store._BLOCK_ROWS", 1500)
    blocks = (events.take(slice(i, i + 700)) for i in range(0, COUNT, 700))
    return EventStore.write(blocks, tmp_path)


def make_pipeline(store, **options):
    mass = BackgroundMass("identical", "sampled", store.parameter_sets)
    defaults = {
        "batch_size": 1000,
        "rows_in_memory": 5000,
        "balance": "full",
        "background_mass": mass,
    }
    return StreamedPipeline(store, **(defaults | options))


def rows_of(inputs):
    return inputs["x"][..., 0].astype(int)


def test_each_batch_has_the_exact_counts(store, events):
    pipeline = make_pipeline(store)
    assert (pipeline.steps_per_epoch, pipeline.tail) == (24, 0)
    for epoch in (0, 1):
        batches = list(pipeline.batches(epoch))
        assert [len(y) for _, y, _ in batches] == [1000] * 24
        for inputs, y, _ in batches:
            rows, label = rows_of(inputs), y[:, 0]
            np.testing.assert_array_equal(label, events.label[rows])
            own = inputs["m"][label == 1, 0]
            np.testing.assert_array_equal(own, events.parameters[rows, 0][label == 1])
            np.testing.assert_array_equal([(own == m).sum() for m in MASSES], 100)
            process = events.process[rows][label == 0]
            np.testing.assert_array_equal(np.bincount(process), [250, 250])
            assert set(inputs["m"][label == 0, 0]) == set(MASSES)


@pytest.mark.parametrize("balance", ["class", "signal", "background"])
def test_counts_are_those_of_the_resident_sampler(store, events, balance):
    resident = BatchSampler(
        events.label, events.process, events.parameters, 1000, balance
    ).draw(0, 0, 5)
    batches = make_pipeline(store, balance=balance).batches(0)
    for expected, (inputs, _, _) in zip(resident, batches, strict=False):
        rows = rows_of(inputs)
        assert events.label[rows].sum() == events.label[expected].sum() == 500
        for kind in ("parameters", "process"):
            divided = {"signal": "parameters", "background": "process"}.get(balance)
            if kind == divided:
                half = events.label == (1 if kind == "parameters" else 0)
                found, wanted = (
                    np.unique(getattr(events, kind)[r[half[r]]], return_counts=True)[1]
                    for r in (rows, expected)
                )
                np.testing.assert_array_equal(found, wanted)


def test_without_replacement_within_a_sub_class(store, events):
    drawn = np.concatenate(
        [
            rows_of(x)
            for epoch in (0, 1)
            for x, _, _ in make_pipeline(store).batches(epoch)
        ]
    )
    times = np.bincount(drawn, minlength=COUNT)
    mass = events.parameters[:, 0]
    groups = [events.process == p for p in (0, 1)] + [mass == m for m in MASSES]
    for group in groups:
        assert times[group].max() - times[group].min() <= 1


def test_neighbours_are_spread_over_the_whole_store(store, events):
    background = []
    for epoch in range(2):
        for x, _, _ in make_pipeline(store, balance="class").batches(epoch):
            rows = rows_of(x)[:50]
            background.append(rows[events.label[rows] == 0])
    spread = stats.uniform(1000, COUNT - 1000)
    assert stats.kstest(np.concatenate(background), spread.cdf).pvalue > 1e-3


def test_order_follows_from_seed_and_epoch_not_from_memory(store):
    def epoch(number=1, **options):
        return list(make_pipeline(store, **options).batches(number))

    for (x1, y1, _), (x2, y2, _) in zip(
        epoch(), epoch(rows_in_memory=1000), strict=True
    ):
        np.testing.assert_array_equal(x1["x"], x2["x"])
        np.testing.assert_array_equal(x1["m"], x2["m"])
        np.testing.assert_array_equal(y1, y2)
    assert not np.array_equal(rows_of(epoch()[0][0]), rows_of(epoch(0)[0][0]))
    assert not np.array_equal(rows_of(epoch()[0][0]), rows_of(epoch(seed=1)[0][0]))


def test_processes_of_blocks_with_other_names_get_one_numbering(tmp_path, events):
    names = [("ttbar", "wjets", "X"), ("wjets", "X", "ttbar")]
    swap = np.array([2, 0, 1])
    half = events.take(slice(0, None, 2)), events.take(slice(1, None, 2))
    other = Events(
        features=half[1].features,
        feature_names=half[1].feature_names,
        label=half[1].label,
        provenance="simulated",
        parameters=half[1].parameters,
        parameter_names=("mass",),
        process=swap[half[1].process],
        process_names=names[1],
    )
    store = EventStore.write([half[0], other], tmp_path)
    assert store.process_names == PROCESSES
    rows = store.rows(np.arange(COUNT, dtype="int32"))[:, 0].astype(int)
    np.testing.assert_array_equal(store.side_columns()[1], events.process[rows])
    np.testing.assert_array_equal(
        store.sample(COUNT).process,
        events.process[store.sample(COUNT).features[:, 0].astype(int)],
    )


def test_memory_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("kerashep.data.event_store._BLOCK_ROWS", 8000)
    count, wide = 200_000, 40
    names = tuple(f"f{i}" for i in range(wide))

    def blocks():
        for _ in range(count // 8000):
            features = np.ones((8000, wide), "float32")
            yield Events(features, names, np.arange(8000) % 2, "simulated")

    tracemalloc.start()
    pipeline = StreamedPipeline(
        EventStore.write(blocks(), tmp_path),
        batch_size=500,
        rows_in_memory=10_000,
        balance="class",
    )
    assert sum(len(y) for _, y, _ in pipeline.batches(0)) == count
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < count * wide * 4 / 2


def test_bad_options(store):
    with pytest.raises(ValueError, match="needs a place"):
        make_pipeline(store, batch_size=8)
    with pytest.raises(ValueError, match="Did you mean 'signal'"):
        make_pipeline(store, balance="signl")
    with pytest.warns(UserWarning, match="the loss is not balanced"):
        make_pipeline(store, training_weights="balanced")
