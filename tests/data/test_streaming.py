"""Events larger than memory: each once an epoch, with the statistics of resident ones."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from kerashep.data.background_mass import BackgroundMass
from kerashep.data.column_map import ColumnMap
from kerashep.data.event_blocks import iter_events, part_of_blocks
from kerashep.data.event_store import EventStore
from kerashep.data.events import Events
from kerashep.data.pipeline import BatchPipeline
from kerashep.data.readers import read_events
from kerashep.data.scaling import FeatureScaler
from kerashep.data.splits import split_events
from kerashep.data.streaming import StreamedPipeline
from kerashep.data.symmetry import PhiRotation, Vector
from kerashep.data.weights import with_training_weights
from kerashep.data.writers import table_writer

COLUMNS = ColumnMap(
    features=("px", "py", "row"), parameters={"mass": "mass"}, weight="weight"
)
COUNT = 4000


def make_table(count=COUNT, seed=0):
    """Sorted as files are: all signal first, one mass after the other."""
    rng = np.random.default_rng(seed)
    label = (np.arange(count) < count // 4).astype("float32")
    mass = np.repeat([500.0, 1000.0, np.nan], [count // 8, count // 8, count * 3 // 4])
    return {
        "px": rng.normal(size=count).astype("float32"),
        "py": rng.normal(size=count).astype("float32"),
        "row": np.arange(count, dtype="float32"),
        "label": label,
        "mass": mass,
        "weight": rng.uniform(0.1, 3.0, count),
    }


@pytest.fixture(params=["parquet", "root"])
def path(request, tmp_path):
    file = tmp_path / f"events.{request.param}"
    with table_writer(file) as writer:
        writer.write(make_table())
    return file


@pytest.fixture
def store(tmp_path):
    table = make_table()
    blocks = (
        as_events({k: v[i : i + 700] for k, v in table.items()})
        for i in range(0, COUNT, 700)
    )
    return EventStore.write(blocks, tmp_path)


def as_events(table):
    return Events(
        features=np.stack([table[name] for name in COLUMNS.features], axis=1),
        feature_names=COLUMNS.features,
        label=table["label"],
        provenance="simulated",
        parameters=table["mass"][:, None],
        parameter_names=("mass",),
        weight=table["weight"],
        training_weight=table["weight"] / 2,
    )


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Blocks of a hundredth of the usual size, so that tests see many of them."""
    monkeypatch.setattr("kerashep.data.event_store._BLOCK_ROWS", 650)


def make_pipeline(store, **options):
    mass = BackgroundMass("identical", "sampled", store.parameter_sets)
    defaults = {"batch_size": 128, "rows_in_memory": 1000, "background_mass": mass}
    return StreamedPipeline(store, **(defaults | options))


def test_blocks_of_a_file_hold_what_read_events_reads(path):
    whole = read_events(path, COLUMNS, provenance="simulated")
    blocks = list(iter_events(path, COLUMNS, provenance="simulated", rows=900))
    assert max(map(len, blocks)) <= 900
    joined = Events.concatenate(blocks)
    for name in ("features", "label", "parameters", "weight", "event_id"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))


def test_several_files_with_constants(tmp_path):
    table = make_table()
    del table["label"], table["mass"]
    files = [tmp_path / "x.parquet", tmp_path / "tt.parquet"]
    for file in files:
        with table_writer(file) as writer:
            writer.write(table)
    columns = COLUMNS.model_copy(update={"label": None, "parameters": {}})
    options = {"label": [1, 0], "parameters": [{"mass": 750.0}, None]}
    blocks = list(iter_events(files, columns, provenance="simulated", **options))
    events = Events.concatenate(blocks)
    assert events.label.sum() == COUNT
    assert (events.parameters[events.label == 1] == 750).all()
    assert len(np.unique(events.event_id)) == 2 * COUNT


def test_bad_values_in_a_later_block_are_found(tmp_path):
    table = make_table()
    table["px"][3000] = np.nan
    file = tmp_path / "events.parquet"
    with table_writer(file) as writer:
        writer.write(table)
    with pytest.raises(ValueError, match=r"Column 'px' of .* has 1 NaN"):
        list(iter_events(file, COLUMNS, provenance="simulated", rows=500))


def test_parts_of_blocks_are_those_of_the_whole_file(path):
    """Blocks of 333 events: that at the end of the signal holds one event of it."""
    fractions = {"train": 0.6, "validation": 0.1, "test": 0.3}
    whole = read_events(path, COLUMNS, provenance="simulated")
    expected = split_events(whole, fractions, by="event_id", seed=5)
    for part in fractions:
        blocks = iter_events(path, COLUMNS, provenance="simulated", rows=333)
        found = Events.concatenate(
            list(part_of_blocks(blocks, fractions, part, seed=5))
        )
        for name in ("features", "label", "weight", "event_id"):
            np.testing.assert_array_equal(
                getattr(found, name), getattr(expected[part], name)
            )
    with pytest.raises(ValueError, match="name the part"):
        next(part_of_blocks([whole], fractions, "tests"))


def test_processes_are_kept(tmp_path):
    table = make_table() | {"kind": np.repeat(["b", "a"], COUNT // 2)}
    file = tmp_path / "events.parquet"
    with table_writer(file) as writer:
        writer.write(table)
    columns = COLUMNS.model_copy(update={"process": "kind"})
    blocks = iter_events(file, columns, provenance="simulated", rows=500)
    store = EventStore.write(blocks, tmp_path)
    assert store.process_names == ("b", "a")
    rows = store.rows(np.arange(COUNT, dtype="int32"))[:, 2].astype(int)
    np.testing.assert_array_equal(store.side_columns()[1], rows >= COUNT // 2)
    files = [file, file]
    constants = {
        "label": [0, 1],
        "process": ["tt", "X"],
        "parameters": [None, {"mass": 500.0}],
    }
    *_, last = iter_events(files, columns, provenance="simulated", **constants)
    assert last.process_names == ("tt", "X")
    assert (last.process == 1).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": np.zeros(COUNT)}, r"weights of the signal are zero \(column 'wei"),
        ({"label": np.zeros(COUNT)}, r"no signal.*Column 'label' of .* holds 0;"),
    ],
)
def test_all_blocks_are_checked_as_the_whole_file(tmp_path, change, message):
    file = tmp_path / "events.parquet"
    with table_writer(file) as writer:
        writer.write(make_table() | change)
    blocks = iter_events(file, COLUMNS, provenance="simulated", rows=500)
    with pytest.raises(ValueError, match=message):
        EventStore.write(blocks, tmp_path)
    with pytest.raises(ValueError, match=message):
        read_events(file, COLUMNS, provenance="simulated")


def test_units_are_checked_after_the_last_block(tmp_path):
    table = make_table()
    table["row"] += 1e6
    table["py"][::3] = -999
    file = tmp_path / "events.parquet"
    with table_writer(file) as writer:
        writer.write(table)
    columns = COLUMNS.model_copy(update={"feature_units": {"row": "GeV"}})
    blocks = iter_events(file, columns, provenance="simulated", rows=500)
    with pytest.warns(UserWarning, match="looks like MeV") as caught:
        EventStore.write(blocks, tmp_path)
    texts = [str(warning.message) for warning in caught]
    assert any("feature 'row'" in text and "looks like MeV" in text for text in texts)
    assert any("hold -999" in text and "'py'" in text for text in texts)
    with table_writer(file) as writer:
        writer.write(table | {"mass": table["mass"] / 1000})
    blocks = iter_events(file, columns, provenance="simulated", rows=500)
    with pytest.raises(ValueError, match=r"between 0\.5 and 1, which looks like TeV"):
        EventStore.write(blocks, tmp_path)


def test_each_event_once_an_epoch_and_whole(path, tmp_path):
    blocks = iter_events(path, COLUMNS, provenance="simulated", rows=500)
    store = EventStore.write(blocks, tmp_path)
    assert len(store) == COUNT
    table = make_table()
    pipeline = make_pipeline(store, training_weights="physics_normalised")
    assert (pipeline.steps_per_epoch, pipeline.tail) == (32, COUNT % 128)
    orders = []
    for epoch in (0, 1):
        batches = list(pipeline.batches(epoch))
        assert [len(y) for _, y, _ in batches] == [128] * 31 + [COUNT % 128]
        rows = np.concatenate([x["x"][:, 2] for x, _, _ in batches]).astype(int)
        np.testing.assert_array_equal(np.sort(rows), np.arange(COUNT))
        label = np.concatenate([y[:, 0] for _, y, _ in batches])
        mass = np.concatenate([x["m"][:, 0] for x, _, _ in batches])
        px = np.concatenate([x["x"][:, 0] for x, _, _ in batches])
        np.testing.assert_array_equal(label, table["label"][rows])
        np.testing.assert_array_equal(px, table["px"][rows])
        own = label == 1
        np.testing.assert_array_equal(mass[own], table["mass"][rows][own])
        assert set(mass[~own]) == {500.0, 1000.0}
        orders.append(rows)
    assert not np.array_equal(*orders)


def test_statistics_are_those_of_resident_events(store):
    """Composition of batches of a sorted file: hypergeometric, as in memory."""
    events = as_events(make_table())
    mass = BackgroundMass.for_events(events, "identical", "sampled")
    resident = BatchPipeline(events, batch_size=128, background_mass=mass)
    streamed = make_pipeline(store)
    counts = {}
    for name, pipeline in (("resident", resident), ("streamed", streamed)):
        labels = [
            y for e in range(20) for _, y, _ in pipeline.batches(e) if len(y) == 128
        ]
        counts[name] = np.array([label.sum() for label in labels])
    expected = stats.hypergeom(COUNT, COUNT // 4, 128)
    for found in counts.values():
        assert len(found) == 20 * 31
        assert (
            abs(found.mean() - expected.mean()) < 4 * expected.std() / len(found) ** 0.5
        )
        # Slightly narrower when streamed: each part has its exact share of each block.
        assert 0.85 < found.std() / expected.std() < 1.1
    assert stats.ks_2samp(*counts.values()).pvalue > 1e-3


def test_neighbours_of_an_event_are_spread_over_the_file_and_change(store):
    streamed = make_pipeline(store)
    partners = []
    for epoch in range(30):
        for x, _, _ in streamed.batches(epoch):
            rows = x["x"][:, 2]
            if 7 in rows:
                partners.append(rows[rows != 7])
    partners = np.concatenate(partners)
    assert stats.kstest(partners, stats.uniform(0, COUNT).cdf).pvalue > 1e-3


def test_order_follows_from_seed_and_epoch(store):
    def first(**options):
        epoch = options.pop("epoch", 3)
        x, _, _ = next(iter(make_pipeline(store, **options).batches(epoch)))
        return np.concatenate([x["x"], x["m"]], axis=1)

    used = make_pipeline(store)
    list(used.batches(0))
    x, _, _ = next(iter(used.batches(3)))
    np.testing.assert_array_equal(first(), np.concatenate([x["x"], x["m"]], axis=1))
    assert not np.array_equal(first(), first(seed=1))
    assert not np.array_equal(first(), first(epoch=4))


@pytest.mark.parametrize("policy", ["physics_normalised", "balanced", "flat"])
def test_training_weights_are_those_of_the_whole_sample(store, policy):
    expected = with_training_weights(as_events(make_table()), policy).training_weight
    for x, _, w in make_pipeline(store, training_weights=policy).batches(0):
        np.testing.assert_allclose(w, expected[x["x"][:, 2].astype(int)], rtol=1e-5)


def test_stored_training_weights_are_kept(store):
    expected = as_events(make_table()).training_weight
    for x, _, w in make_pipeline(store).batches(0):
        np.testing.assert_array_equal(w, expected[x["x"][:, 2].astype(int)])


def test_transforms_then_scaler(store):
    sample = store.sample(2000)
    assert abs(len(sample) - 2000) < 100
    assert abs(sample.label.mean() - 0.25) < 0.02
    scaler = FeatureScaler.fit(sample)
    turn = (PhiRotation((Vector("px", "py"),)),)
    table = make_table()
    for x, _, _ in make_pipeline(store, transforms=turn, scaler=scaler).batches(0):
        raw = x["x"] * scaler.scale + scaler.mean
        rows = np.rint(raw[:, 2]).astype(int)
        pt = np.hypot(table["px"], table["py"])[rows]
        np.testing.assert_allclose(np.hypot(raw[:, 0], raw[:, 1]), pt, rtol=1e-3)
        assert not np.allclose(raw[:, 0], table["px"][rows], atol=0.1)


def test_batches_do_not_depend_on_the_stacks(store):
    pipeline = make_pipeline(store)
    single = [x["m"][0] for x, _, _ in pipeline.stacks(0, 1)]
    double = [m for x, _, _ in pipeline.stacks(0, 2) for m in x["m"]]
    for a, b in zip(single, double, strict=True):
        np.testing.assert_array_equal(a, b)


def test_fixed_masses_stay(tmp_path):
    rule = BackgroundMass("uniform", "fixed", [[500.0], [1000.0]])
    store = EventStore.write([as_events(make_table())], tmp_path, background_mass=rule)
    pipeline = make_pipeline(store, background_mass=None)

    def masses(epoch):
        found = np.empty(COUNT)
        for x, _, _ in pipeline.batches(epoch):
            found[x["x"][:, 2].astype(int)] = x["m"][:, 0]
        return found

    first = masses(0)
    np.testing.assert_array_equal(first, masses(1))
    background = first[COUNT // 4 :]
    assert stats.kstest(background, stats.uniform(500, 500).cdf).pvalue > 1e-3


def test_dataset_gives_the_same_batches(store):
    pipeline = make_pipeline(store)
    dataset = pipeline.as_dataset()
    for epoch in (0, 1):
        pairs = zip(dataset, pipeline.batches(epoch), strict=True)
        for (x1, y1, w1), (x2, y2, w2) in pairs:
            np.testing.assert_array_equal(x1["x"], x2["x"])
            np.testing.assert_array_equal(x1["m"], x2["m"])
            np.testing.assert_array_equal(y1, y2)
            np.testing.assert_array_equal(w1, w2)


def test_a_model_without_parameters_gets_none(store):
    pipeline = make_pipeline(store, background_mass=None, parametric=False)
    inputs, _, _ = next(pipeline.batches(0))
    assert set(inputs) == {"x"}
    (element, _, _), *_ = pipeline.as_dataset().take(1)
    assert set(element) == {"x"}
    with pytest.raises(ValueError, match="no effect with parametric=False"):
        make_pipeline(store, parametric=False)


def test_memory_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("kerashep.data.event_store._BLOCK_ROWS", 8000)
    count, wide = 200_000, 40
    names = tuple(f"f{i}" for i in range(wide))

    def blocks():
        rng = np.random.default_rng(0)
        for _ in range(count // 8000):
            features = rng.normal(size=(8000, wide)).astype("float32")
            yield Events(features, names, np.arange(8000) % 2, "simulated")

    whole = count * wide * 4
    tracemalloc.start()
    store = EventStore.write(blocks(), tmp_path)
    pipeline = StreamedPipeline(store, batch_size=500, rows_in_memory=10_000)
    seen = sum(len(y) for _, y, _ in pipeline.batches(0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen == count
    assert peak < whole / 3


@pytest.mark.parametrize("balance", ["none", "class"])
def test_memory_is_what_the_documentation_says(tmp_path, monkeypatch, balance):
    """Three parts of an epoch; the peak of the second and third counts too."""
    monkeypatch.setattr("kerashep.data.event_store._BLOCK_ROWS", 3000)
    wide, rows = 60, 10_000
    features = np.random.default_rng(0).normal(size=(3 * rows, wide))
    names = tuple(f"f{i}" for i in range(wide))
    events = Events(features, names, np.arange(3 * rows) % 2, "simulated")
    store = EventStore.write([events], tmp_path)
    del features, events
    options = {"batch_size": 100, "rows_in_memory": rows, "balance": balance}
    pipeline = StreamedPipeline(store, **options)
    tracemalloc.start()
    for stack in pipeline.stacks(0, 1):
        del stack
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2.3 * rows * (wide + 4) * 4


def test_no_part_is_read_in_vain(store, monkeypatch):
    read = []
    part = EventStore.part

    def counted(self, number, parts, shifts):
        read.append(number)
        return part(self, number, parts, shifts)

    monkeypatch.setattr(EventStore, "part", counted)
    list(make_pipeline(store).batches(0))
    assert read == [0, 1, 2, 3]


def test_the_copy_on_disk_is_removed(tmp_path):
    store = EventStore.write([as_events(make_table())], tmp_path)
    assert list(Path(tmp_path).iterdir())
    del store
    assert not list(Path(tmp_path).iterdir())


def test_errors(store, tmp_path):
    events = as_events(make_table())
    with pytest.raises(ValueError, match="Give the pipeline a sampled"):
        make_pipeline(store, background_mass=None)
    fixed = BackgroundMass("identical", "fixed", [[500.0]])
    with pytest.raises(ValueError, match="give it to EventStore"):
        make_pipeline(store, background_mass=fixed)
    two = BackgroundMass("identical", "sampled", [[500.0, 1.0]])
    with pytest.raises(ValueError, match="has 2 parameters"):
        make_pipeline(store, background_mass=two)
    sampled = BackgroundMass("identical", "sampled", [[500.0]])
    with pytest.raises(ValueError, match="give it to StreamedPipeline"):
        EventStore.write([events], tmp_path, background_mass=sampled)
    with pytest.raises(ValueError, match="Did you mean 'balanced'"):
        make_pipeline(store, training_weights="balance")
    with pytest.raises(ValueError, match="rows_in_memory >= batch_size"):
        make_pipeline(store, rows_in_memory=10)
    with pytest.raises(ValueError, match="3000 background and 0 signal"):
        EventStore.write([events.take(events.label == 0)], tmp_path)
    with pytest.raises(ValueError, match="0 background and 0 signal"):
        EventStore.write([], tmp_path)
    other = events.select_features(("px", "py"))
    with pytest.raises(ValueError, match="disagree in `feature_names`"):
        EventStore.write([events, other], tmp_path)
    zero = events.with_columns(weight=events.weight * (events.label == 0))
    with pytest.raises(ValueError, match="All 1000 weights of the signal are zero"):
        EventStore.write([zero], tmp_path)
    cancelling = events.with_columns(weight=np.resize([1.0, -1.0], COUNT))
    with pytest.raises(ValueError, match="positive sums"):
        make_pipeline(
            EventStore.write([cancelling], tmp_path), training_weights="balanced"
        )
