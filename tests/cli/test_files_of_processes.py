"""One ROOT file a process and no label column: trained and evaluated as typed."""

import json

import numpy as np
import pytest
import uproot

from kerashep.jobs.source import Source, load_events
from kerashep.training.recipe import load_recipe

RECIPE = """
name: search
model: {name: affine_pnn, arguments: {units: [8]}}
data:
  dataset: file
  files:
    - {path: tt.root, label: 0, process: ttbar, weight_scale: 0.5}
    - {path: x500.root, label: 1, process: X, weight_scale: 0.01, parameters: {mass: 500}}
    - {path: x1000.root, label: 1, process: X, weight_scale: 0.02, parameters: {mass: 1000}}
  provenance: pythia
  columns: {features: [pt, m_jj], weight: gen}
training: {epochs: 40, batch_size: 64, balance: full, learning_rate: 0.01}
evaluation: {bootstrap: 3, tsne_events: 0}
export: {parity_events: 100, saved_model: false}
quick: {training.epochs: 1}
"""
SIZES = {"tt.root": 400, "x500.root": 200, "x1000.root": 300}


def events_of(name, seed):
    count = SIZES[name]
    rng = np.random.default_rng([seed, count])
    peak = {"tt.root": 300, "x500.root": 500, "x1000.root": 1000}[name]
    return {
        "pt": rng.exponential(80, count).astype("float32"),
        "m_jj": rng.normal(peak, 100, count).astype("float32"),
        "gen": rng.uniform(0.5, 2, count),
    }


def write_samples(folder, seed=0):
    written = {}
    for name in SIZES:
        written[name] = events_of(name, seed)
        with uproot.recreate(folder / name) as file:
            file.mktree("Events", {k: v.dtype for k, v in written[name].items()})
            file["Events"].extend(written[name])
    return written


@pytest.fixture
def samples(tmp_path):
    (tmp_path / "ntuples").mkdir()
    (tmp_path / "ntuples" / "search.yaml").write_text(RECIPE)
    return write_samples(tmp_path / "ntuples")


def test_events_are_those_of_the_files(samples, tmp_path):
    recipe = load_recipe(tmp_path / "ntuples" / "search.yaml")
    events = load_events(recipe, Source(), seed=0)
    background, signal = events.label == 0, events.label == 1
    np.testing.assert_array_equal(events.label, np.repeat([0, 1, 1], [400, 200, 300]))
    assert set(np.take(events.process_names, events.process[background])) == {"ttbar"}
    assert set(np.take(events.process_names, events.process[signal])) == {"X"}
    scales = {"tt.root": 0.5, "x500.root": 0.01, "x1000.root": 0.02}
    weights = np.concatenate([samples[n]["gen"] * f for n, f in scales.items()])
    np.testing.assert_allclose(events.weight, weights)
    assert events.parameter_names == ("mass",)
    assert np.isnan(events.parameters[background]).all()
    masses = np.repeat(np.float32([500, 1000]), [200, 300])
    np.testing.assert_array_equal(events.parameters[signal, 0], masses)
    m_jj = np.concatenate([samples[name]["m_jj"] for name in SIZES])
    np.testing.assert_array_equal(events.features[:, 1], m_jj)
    assert events.provenance == "pythia"


@pytest.mark.usefixtures("samples")
def test_train_evaluate_and_resume(kerashep, tmp_path, monkeypatch):
    train = ("train", "ntuples/search.yaml", "--quick", "--run", "runs/x")
    shown = kerashep(*train)
    assert shown.code == 0, shown.err
    assert "500 signal at 500, 1000 GeV and 400 background" in shown.out
    document = json.loads((tmp_path / "runs/x/metrics.json").read_text())
    assert [one["mass"] for one in document["per_mass"]] == [500.0, 1000.0]
    assert document["provenance"] == "pythia"
    hashes = json.loads((tmp_path / "runs/x/provenance.json").read_text())["data"]

    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    shown = kerashep("evaluate", "../runs/x")
    assert shown.code == 0, shown.err
    again = json.loads((tmp_path / "runs/x/evaluation/metrics.json").read_text())
    assert again["per_mass"] == document["per_mass"]

    monkeypatch.chdir(tmp_path)
    history = (tmp_path / "runs/x/history.csv").read_text()
    assert kerashep(*train).code == 0
    assert (tmp_path / "runs/x/history.csv").read_text() == history
    text = RECIPE.replace("weight_scale: 0.02", "weight_scale: 0.03")
    (tmp_path / "ntuples" / "search.yaml").write_text(text)
    shown = kerashep(*train)
    assert shown.code == 2
    assert "holds another training" in shown.err
    assert "data.files was" in shown.err
    assert "data hash was" in shown.err
    assert kerashep(*train, "--restart").code == 0
    changed = json.loads((tmp_path / "runs/x/provenance.json").read_text())["data"]
    assert changed["train"]["events"] == hashes["train"]["events"]
    assert changed["train"]["hash"] != hashes["train"]["hash"]


@pytest.fixture
def others(tmp_path):
    """Other samples of the same kind, with a list of what they are."""
    (tmp_path / "others").mkdir()
    write_samples(tmp_path / "others", seed=1)
    lines = [line for line in RECIPE.splitlines() if "- {path" in line]
    listed = "files:\n" + "\n".join(lines)
    (tmp_path / "others" / "samples.yaml").write_text(listed)
    return tmp_path / "others"


@pytest.mark.slow
def test_data_replaces_the_files_of_the_recipe(kerashep, samples, others, tmp_path):
    train = ("train", "ntuples/search.yaml", "--quick", "--run", "runs/y")
    data = [("--data", others / name) for name in SIZES]
    shown = kerashep(*train, *data[0], *data[1], *data[2], "--provenance", "real")
    assert shown.code == 2
    assert "`data.files` has no effect" in shown.out
    assert "it has no column 'label' (`data.columns.label`)" in shown.err
    assert "tt.root" in shown.err
    assert not (tmp_path / "runs/y").exists()
    shown = kerashep(*train, "--data", others / "samples.yaml", "--provenance", "real")
    assert shown.code == 0, shown.err
    assert "`data.files` has no effect" not in shown.out
    assert "[real]" in shown.out
    kept = load_recipe(tmp_path / "runs/y/recipe.yaml").data
    assert [file.path for file in kept.files] == [str(others / name) for name in SIZES]

    shown = kerashep("evaluate", "runs/y", "--data", others / "samples.yaml")
    assert shown.code == 0, shown.err
    document = json.loads((tmp_path / "runs/y/evaluation/metrics.json").read_text())
    assert document["events"] == {"test": sum(SIZES.values())}
    shown = kerashep("evaluate", "runs/y", "--data", others / "tt.root")
    assert shown.code == 2
    assert "it has no column 'label'" in shown.err
    labelled = samples["tt.root"] | {"label": np.arange(400) % 2}
    with uproot.recreate(others / "labelled.root") as file:
        file["Events"] = labelled
    shown = kerashep("evaluate", "runs/y", "--data", others / "labelled.root")
    assert shown.code == 2
    assert "The model takes mass of each event" in shown.err
    assert "events with no parameters" in shown.err
    both = ("--data", others / "samples.yaml", "--data", others / "tt.root")
    assert "one YAML file that lists them" in kerashep("evaluate", "runs/y", *both).err


@pytest.mark.usefixtures("samples")
def test_list_that_does_not_fit_the_column_map(kerashep, others):
    listed = others / "samples.yaml"
    listed.write_text(listed.read_text().replace("{mass: 500}", "{m: 500}"))
    shown = kerashep("train", "ntuples/search.yaml", "--data", listed)
    assert shown.code == 2
    assert "Each file of signal needs the same parameters" in shown.err
    listed.write_text("files:\n  - {path: tt.root, label: signal}\n")
    shown = kerashep("train", "ntuples/search.yaml", "--data", listed)
    assert shown.code == 2
    assert "files.0.label must be 0 or 1. Received: 'signal'" in shown.err


@pytest.mark.usefixtures("samples")
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("label: 0, ", "", "it has no column 'label' (`data.columns.label`)"),
        ("{mass: 1000}", "{mas: 1000}", "needs the same parameters"),
        ("weight_scale: 0.5", "weight_scale: -0.5", "must be greater than 0"),
        ("tt.root", "ttbar.root", "ttbar.root"),
        ("label: 0", "label: 1, parameters: {mass: 400}", "There is no background"),
        (", parameters: {mass: 500}", "", "needs the same parameters"),
    ],
)
def test_what_does_not_fit_is_said_before_training(kerashep, tmp_path, old, new, words):
    path = tmp_path / "ntuples" / "search.yaml"
    path.write_text(RECIPE.replace(old, new))
    shown = kerashep("train", path, "--run", "runs/z")
    assert shown.code == 2
    assert words in shown.err
    assert not (tmp_path / "runs/z").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("samples")
@pytest.mark.slow
def test_network_without_parameters(kerashep, others):
    """It scores samples whose mass nobody states."""
    train = ("train", "ntuples/search.yaml", "--quick", "--run", "runs/s")
    shown = kerashep(*train, "--set", "model={name: single_nn}")
    assert shown.code == 0, shown.err
    listed = others / "samples.yaml"
    shown = kerashep("evaluate", "runs/s", "--data", listed)
    assert shown.code == 0, shown.err
    assert "without a mass" not in shown.out
    assert "1000 GeV" in shown.out
    text = listed.read_text()
    for mass in (500, 1000):
        text = text.replace(f", parameters: {{mass: {mass}}}", "")
    listed.write_text(text)
    shown = kerashep("evaluate", "runs/s", "--data", listed)
    assert shown.code == 0, shown.err
    assert "1000 GeV" not in shown.out
