"""Work that cannot end well is refused before it starts, in the user's words."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

SMALL = ["training.epochs=1", "evaluation.tsne_events=0"]
SMALL += ["evaluation.interpolation=null", "export.saved_model=false"]


def options(*values):
    return [word for value in (*SMALL, *values) for word in ("--set", value)]


def refused(shown, *words):
    assert shown.code == 2
    assert "Traceback" not in shown.err
    assert shown.err.count("Error:") == 1
    for word in words:
        assert word in shown.err


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs") / "negative"


@pytest.fixture
def run(run_folder, kerashep, tiny_recipe, table):
    """A run with negative weights that are kept, trained on first use."""
    if not (run_folder / "report.html").exists():
        run_folder.parent.mkdir(exist_ok=True)
        table["weight"][::8] = -0.2  # of background
        path = run_folder.parent / "pythia.parquet"
        pq.write_table(pa.table(table), path)
        shown = kerashep(
            *("train", tiny_recipe("weight"), "--data", path, "--run", run_folder),
            *options("data.negative_weights=keep"),
        )
        assert shown.code == 0, shown.err
        assert "curves are left out" in shown.out
        assert shown.out.index("curves are left out") < shown.out.index("Evaluating")
    return run_folder


@pytest.fixture
def events(run):
    return run.parent / "pythia.parquet"


def test_kept_negative_weights_leave_out_the_curves_only(run):
    document = json.loads((run / "metrics.json").read_text())
    for one in document["per_mass"]:
        assert np.isfinite(one["roc_auc"]["value"])
        assert one["pr_auc"]["value"] is None
        assert any("are negative" in flag for flag in one["flags"])
    figures = {path.stem for path in (run / "figures").glob("*.png")}
    assert {"roc_auc", "separation_500", "overtraining"} <= figures
    assert not {"roc_and_precision", "background_efficiency"} & figures
    assert "are negative" in (run / "report.html").read_text()


def test_negative_weights_with_no_positive_sum_are_refused_before_training(
    kerashep, tiny_recipe, table, write_events
):
    table["weight"][table["mass"] == 750] = -0.1
    path = write_events(table, "pythia.parquet")
    keep = options("data.negative_weights=keep")
    shown = kerashep("train", tiny_recipe("weight"), "--data", path, *keep)
    refused(shown, "signal of the test events at 750 GeV", "`data.negative_weights`")
    assert "epoch 1" not in shown.err
    assert not Path("runs").exists()


def test_places_that_cannot_be_written(kerashep, tiny_recipe, run, events):
    Path("afile").touch()
    tiny_recipe()
    before = set(Path().iterdir())
    for command, words in {
        ("train", tiny_recipe(), "--run", "afile"): "expected a folder",
        ("train", tiny_recipe(), "--run", "afile/run"): "by --run",
        ("evaluate", run, "-o", "afile"): "expected a folder",
        ("evaluate", run, "-o", "afile/x"): "'afile' is a file, not a folder",
        ("predict", run, events, "-o", "afile/x.csv"): "'afile' is a file, not",
        ("predict", run, events, "-o", str(run)): "is a folder; expected a file",
        ("reproduce", "affine_pnn_resonance", "-o", "afile/x.json"): "a file, not a f",
        ("export", run, "-o", "afile"): "expected a folder",
        ("export", run, "-o", "afile/x"): "by -o",
        ("export", run, "-o", str(run)): "which the export would replace",
    }.items():
        shown = kerashep(*command)
        refused(shown, words)
        assert shown.out == ""
    assert set(Path().iterdir()) == before
    assert (run / "model.keras").is_file()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux's /proc")
def test_file_systems_that_take_no_files(kerashep, tiny_recipe, run, events):
    for command in (
        ("train", tiny_recipe(), "--run", "/proc/run"),
        ("evaluate", run, "-o", "/proc/x"),
        ("predict", run, events, "-o", "/proc/x.csv"),
        ("export", run, "-o", "/proc/x"),
    ):
        refused(kerashep(*command), "'/proc' takes no new files", "Give another")


@pytest.mark.parametrize("mass", [-500, 0, "nan", "inf"])
def test_what_can_be_no_mass(kerashep, run, events, mass):
    words = ("--mass must be a positive number of GeV", f"Received: {mass}.")
    refused(kerashep("predict", run, events, "-o", "o.csv", "--mass", mass), *words)
    refused(kerashep("evaluate", run, "--mass", mass), *words)
    assert not Path("o.csv").exists()


def test_masses_without_test_signal(kerashep, run):
    shown = kerashep("evaluate", run, "--mass", 600)
    refused(shown, "none at 600 GeV, only at 500, 750, 1000 GeV", "--mass")
    assert not (run / "evaluation").exists()


def test_parameters_that_are_not_finite(kerashep, run, events):
    shown = kerashep("predict", run, events, "-o", "o.csv", "--parameters", "nan")
    refused(shown, "--parameters must be finite", "Received: nan")


def test_column_to_keep_that_is_not_there(kerashep, run, events):
    shown = kerashep("predict", run, events, "-o", "o.csv", "--keep", "M_JJ")
    refused(shown, "--keep names 'M_JJ'", "Did you mean 'm_jj'?", str(events))


def test_input_that_is_not_there_though_the_output_is(kerashep, run):
    Path("o.csv").touch()
    refused(kerashep("predict", run, "no.root", "-o", "o.csv"), "No file 'no.root'")


def test_model_argument_of_another_type(kerashep, tiny_recipe):
    shown = kerashep("train", tiny_recipe(), *options("model.arguments.units=hello"))
    refused(shown, "must be a list of integers, such as [300,", "Received: 'hello'")


def renamed(table):
    table["MET"] = table.pop("met")


def texts(table):
    table["label"] = np.where(table["label"] == 1, "sig", "bkg")


def signal_only(table):
    chosen = table["label"] == 1
    table.update({name: values[chosen] for name, values in table.items()})


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (renamed, ["no column 'met'", "Did you mean 'MET'?"]),
        (
            texts,
            ["holds bkg, sig", "`data.columns.signal_label` is [1]", "Set it to what"],
        ),
        (signal_only, ["There is no background", "add the files of the missing"]),
    ],
)
def test_events_at_fault(kerashep, tiny_recipe, table, write_events, spoil, words):
    spoil(table)
    path = write_events(table, "pythia.parquet")
    refused(kerashep("train", tiny_recipe(), "--data", path), *words)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  dataset: resonance\n", "", ["'data.dataset' is required: `file` for"]),
        ("  name: affine", "\tname: affine", ["line 5", "a tab;", "put blanks"]),
    ],
)
def test_recipe_file_at_fault(kerashep, tiny_recipe, old, new, words):
    path = tiny_recipe()
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    refused(kerashep("train", path), "tiny.yaml", *words)


def test_network_without_a_mass_input_needs_no_mass_column(
    kerashep, tiny_recipe, table, write_events
):
    del table["mass"]
    path = write_events(table, "pythia.parquet")
    command = ("train", tiny_recipe(), "--data", path, "--set", "model.name=single_nn")
    shown = kerashep(*command)
    add = "Add --set training.balance=class --set evaluation.interpolation=null, or"
    refused(shown, "The events have no mass", add)
    shown = kerashep(*command, *options("training.balance=class"), "--run", "mine")
    assert shown.code == 0, shown.err
    assert "No column mass: the events are used without a mass." in shown.out
    document = json.loads(Path("mine/metrics.json").read_text())
    assert [one["mass"] for one in document["per_mass"]] == [None]
    # A network with a mass input still needs it.
    refused(kerashep(*command[:4]), "no column 'mass'")


def test_restart_discards_nothing_when_the_events_are_at_fault(
    kerashep, run, tiny_recipe, table, write_events
):
    signal_only(table)
    path = write_events(table, "pythia.parquet")
    refused(
        kerashep("train", tiny_recipe(), "--data", path, "--run", run, "--restart"),
        "There is no background",
    )
    assert (run / "model.keras").is_file()
