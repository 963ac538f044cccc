"""`data.streamed: true`: training events stay on disk, as typed."""

import gc
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kerashep.data.streaming import StreamedPipeline
from kerashep.jobs import sample_files
from kerashep.jobs.source import Source, load_events, split
from kerashep.jobs.streamed import load_streamed
from kerashep.training import streamed as training_streamed
from kerashep.training.recipe import load_recipe

RECIPE = """
name: large
model: {name: affine_pnn, arguments: {units: [8]}}
data:
  dataset: file
  streamed: true
  files:
    - {path: tt.parquet, label: 0, process: ttbar, weight_scale: 0.5}
    - {path: x500.parquet, label: 1, process: X, parameters: {mass: 500}}
    - {path: x1000.parquet, label: 1, process: X, parameters: {mass: 1000}}
  provenance: simulated
  columns: {features: [pt, m_jj], weight: gen, event_id: id}
  split: {by: event_id, fractions: {train: 0.6, validation: 0.2, test: 0.2}}
training: {epochs: 3, batch_size: 128, balance: full, learning_rate: 0.02}
evaluation: {bootstrap: 3, tsne_events: 0}
export: {parity_events: 100, saved_model: false}
"""
SIZES = {"tt": (6000, 300), "x500": (3000, 500), "x1000": (2000, 1000)}
BLOCK, IN_MEMORY, SAMPLE = 500, 1024, 800


@pytest.fixture(autouse=True)
def files(tmp_path):
    (tmp_path / "large.yaml").write_text(RECIPE)
    first = 0
    for name, (count, peak) in SIZES.items():
        rng = np.random.default_rng(count)
        columns = {
            "pt": rng.exponential(80, count).astype("float32"),
            "m_jj": rng.normal(peak, 150, count).astype("float32"),
            "gen": rng.uniform(0.5, 2, count),
            "id": np.arange(first, first + count),
        }
        first += count
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet")


@pytest.fixture
def small_blocks(monkeypatch):
    """Fewer events at once than the files hold, and what was held at once."""
    held = {"block": 0, "part": 0, "parts": 0}
    monkeypatch.setattr(training_streamed, "ROWS_IN_MEMORY", IN_MEMORY)
    monkeypatch.setattr(training_streamed, "SAMPLE_EVENTS", SAMPLE)
    iter_events, parts = sample_files.iter_events, StreamedPipeline._balanced

    def blocks(*arguments, **options):
        for block in iter_events(*arguments, **{**options, "rows": BLOCK}):
            held["block"] = max(held["block"], len(block))
            yield block

    def balanced(*arguments):
        for rows, order in parts(*arguments):
            held["part"] = max(held["part"], len(rows))
            held["parts"] += 1
            yield rows, order

    monkeypatch.setattr(sample_files, "iter_events", blocks)
    monkeypatch.setattr(StreamedPipeline, "_balanced", balanced)
    return held


def loaded(tmp_path, **changes):
    recipe = load_recipe(tmp_path / "large.yaml")
    return recipe.model_copy(update={"data": recipe.data.model_copy(update=changes)})


@pytest.mark.usefixtures("small_blocks")
def test_parts_hold_the_same_events_as_in_memory(tmp_path):
    recipe = loaded(tmp_path, streamed=False)
    whole = split(recipe, load_events(recipe, Source(), seed=0))
    streamed, parts = load_streamed(loaded(tmp_path), tmp_path / "run", print)
    for name in ("validation", "test"):
        ids = parts[name].event_id
        np.testing.assert_array_equal(ids, whole[name].event_id)
        np.testing.assert_array_equal(parts[name].features, whole[name].features)
        np.testing.assert_array_equal(parts[name].weight, whole[name].weight)
        assert parts[name].process_names == whole[name].process_names == ("ttbar", "X")
    rows = streamed.store.rows(np.arange(len(streamed)))
    order = np.lexsort(rows[:, :2].T)
    expected = whole["train"].features
    np.testing.assert_array_equal(
        rows[order, :2], expected[np.lexsort(expected.T)]
    )  # each training event once, and no other
    assert streamed.signal == np.count_nonzero(whole["train"].label)


@pytest.mark.usefixtures("small_blocks")
def test_sample_and_training_weights(tmp_path):
    recipe = loaded(tmp_path, streamed=False)
    train = split(recipe, load_events(recipe, Source(), seed=0))["train"]
    streamed, parts = load_streamed(loaded(tmp_path), tmp_path / "run", print)
    sample = parts["train"]
    assert len(sample) < 1.3 * SAMPLE < len(train)
    assert set(np.unique(sample.parameters[sample.label == 1])) == {500, 1000}
    for value in (0, 1):
        rows = train.label == value
        factor = np.count_nonzero(rows) / train.weight[rows].sum()
        for part in parts.values():
            mine = part.label == value
            np.testing.assert_allclose(
                part.training_weight[mine], part.weight[mine] * factor, rtol=1e-5
            )
    again, _ = load_streamed(loaded(tmp_path), tmp_path / "other", print)
    assert again.fingerprint == streamed.fingerprint


def test_a_rare_mass_is_in_the_sample(tmp_path, monkeypatch):
    rare = {"pt": [1.0] * 3, "m_jj": [2.0] * 3, "gen": [1.0] * 3, "id": [-1, -2, -3]}
    pq.write_table(pa.table(rare), tmp_path / "x700.parquet")
    text = RECIPE.replace(
        "  provenance",
        "    - {path: x700.parquet, label: 1, process: Y, parameters: {mass: 700}}\n  provenance",
    )
    text = text.replace("{train: 0.6, validation: 0.2, test: 0.2}", "{train: 1.0}")
    (tmp_path / "large.yaml").write_text(text)
    monkeypatch.setattr(training_streamed, "SAMPLE_EVENTS", 50)
    streamed, parts = load_streamed(loaded(tmp_path), tmp_path / "run", print)
    sample = parts["train"]
    assert 700 in sample.parameters[:, 0]
    assert sample.process_names == ("ttbar", "X", "Y")
    rare = sample.parameters[:, 0] == 700
    assert set(sample.process[rare]) == {2}
    assert len(streamed) == 11_003


def test_train_resume_and_evaluate(kerashep, small_blocks, tmp_path):
    train = ("train", "large.yaml", "--run", "run")
    shown = kerashep(*train)
    assert shown.code == 0, shown.err
    assert "training events" in shown.out
    assert "the scaler is fitted on a sample of" in shown.out
    assert 0 < small_blocks["block"] <= BLOCK
    assert 0 < small_blocks["part"] <= IN_MEMORY
    assert small_blocks["parts"] > 3 * 5  # an epoch is not read at once
    gc.collect()
    assert not list((tmp_path / "run").glob("kerashep-*"))

    document = json.loads((tmp_path / "run/metrics.json").read_text())
    values = [one["roc_auc"]["value"] for one in document["per_mass"]]
    assert [one["mass"] for one in document["per_mass"]] == [500.0, 1000.0]
    assert all(0.75 < value <= 1 for value in values)
    about = json.loads((tmp_path / "run/provenance.json").read_text())["data"]["train"]
    assert document["events"]["train"] == about["events"] > 6000
    assert sum(document["events"].values()) == 11_000
    history = (tmp_path / "run/history.csv").read_text()
    losses = [float(line.split(",")[1]) for line in history.splitlines()[1:]]
    assert np.isfinite(losses).all()

    assert kerashep(*train).code == 0
    assert (tmp_path / "run/history.csv").read_text() == history
    shown = kerashep("evaluate", "run")
    assert shown.code == 0, shown.err
    again = json.loads((tmp_path / "run/evaluation/metrics.json").read_text())
    assert again["per_mass"] == document["per_mass"]
    assert again["events"] == {"test": document["events"]["test"]}

    changed = RECIPE.replace("weight_scale: 0.5", "weight_scale: 0.6")
    (tmp_path / "large.yaml").write_text(changed)
    shown = kerashep(*train)
    assert shown.code == 2
    assert "data hash was" in shown.err


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.slow
def test_interrupted_training_continues_bit_for_bit(kerashep, tmp_path, monkeypatch):
    from kerashep.training.resume import Checkpoint

    assert kerashep("train", "large.yaml", "--run", "whole").code == 0
    save = Checkpoint.on_epoch_end

    def killed(self, epoch, logs=None):
        save(self, epoch, logs)
        if epoch == 1:
            raise ValueError("killed")

    monkeypatch.setattr(Checkpoint, "on_epoch_end", killed)
    assert "killed" in kerashep("train", "large.yaml", "--run", "run").err
    monkeypatch.setattr(Checkpoint, "on_epoch_end", save)
    shown = kerashep("train", "large.yaml", "--run", "run")
    assert shown.code == 0, shown.err
    assert "epoch 1/3" not in shown.err
    whole, continued = (
        json.loads((tmp_path / name / "metrics.json").read_text())["per_mass"]
        for name in ("whole", "run")
    )
    assert continued == whole


def test_what_a_killed_run_left_is_removed_and_nothing_else(tmp_path):
    left, own = tmp_path / "kerashep-a1", tmp_path / "kerashep-main"
    for folder, name in ((left, "events.float32"), (own, "setup.py")):
        folder.mkdir()
        (folder / name).write_text("x")
    streamed, _ = load_streamed(loaded(tmp_path), tmp_path, print)
    assert not left.exists()
    assert (own / "setup.py").is_file()
    assert len(list(tmp_path.glob("kerashep-*/events.float32"))) == 1
    del streamed
    gc.collect()
    assert not list(tmp_path.glob("kerashep-*/events.float32"))


@pytest.mark.slow
def test_files_of_data_need_ids_too(kerashep, tiny_recipe, table, write_events):
    table["id"] = np.arange(200)
    file = write_events(table, "simulated.parquet")
    train = ("train", tiny_recipe(), "--data", file, "--run", "run")
    train += ("--set", "data.streamed=true", "--set", "data.split.by=event_id")
    train += ("--set", "evaluation.interpolation=null")
    train += ("--set", "training.compiled=true")
    shown = kerashep(*train)
    assert shown.code == 2
    assert "with `data.columns.event_id`" in shown.err
    shown = kerashep(*train, "--set", "data.columns.event_id=id")
    assert shown.code == 0, shown.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--set", "data.split.by=seed"], "`data.split.by: event_id`"),
        (["--set", "training.compiled=false"], "`training.compiled: true`"),
        (
            ["--set", "training.background_mass.assignment=fixed"],
            "`training.background_mass.assignment: sampled`",
        ),
        (["--set", "data.training_weights=balanced_parameters"], "or flat"),
        (["--set", "training.loss=soft_ams"], "binary_crossentropy"),
        (["--set", "evaluation.extrapolation=true"], "evaluation.extrapolation"),
        (
            ["--set", "evaluation.interpolation={drop: [[500]]}"],
            "evaluation.interpolation",
        ),
        (["--set", "training.ensemble={}"], "training.ensemble"),
        (["--seeds", "2"], "--seeds"),
    ],
)
def test_what_needs_all_events_in_memory_is_refused(kerashep, tmp_path, options, words):
    shown = kerashep("train", "large.yaml", "--run", "run", *options)
    assert shown.code == 2
    assert words in shown.err
    assert not (tmp_path / "run/model.keras").exists()
    assert not list((tmp_path / "run").glob("kerashep-*"))


def test_named_data_set_and_python(kerashep, tmp_path):
    setting = ("--set", "data.streamed=true")
    shown = kerashep("train", "affine_pnn_resonance", *setting, "--run", "run")
    assert shown.code == 2
    assert "`data.dataset: file`, or --data" in shown.err
    from kerashep.training.fit import train

    recipe = loaded(tmp_path, streamed=False)
    parts = split(recipe, load_events(recipe, Source(), seed=0))
    with pytest.raises(ValueError, match="no streamed events"):
        train(loaded(tmp_path), parts)


def test_part_without_a_class(tmp_path):
    text = RECIPE.replace(
        "{train: 0.6, validation: 0.2, test: 0.2}", "{train: 0.9999, test: 0.0001}"
    )
    (tmp_path / "large.yaml").write_text(text)
    with pytest.raises(ValueError, match=r"(p|P)art 'test'"):
        load_streamed(loaded(tmp_path), tmp_path / "run", print)
