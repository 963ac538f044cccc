"""`lbn_single_top` on ROOT files, one a process: jagged branches and event weights."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest
import uproot

from kerashep.jobs.source import Source, load_events, with_files
from kerashep.training.recipe import load_recipe
from tests.cli.test_particles import write_root

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
KINDS = {"Jet": 4, "Muon": 2, "Electron": 2}
SAMPLES = """
files:
  - {path: top.root, label: 1, process: single_top}
  - {path: ww.root, label: 0, process: ww}
  - {path: wz.root, label: 0, process: wz}
"""


def branches(seed, count=150):
    """Lists of up to one particle more than is kept, some of them empty."""
    import awkward as ak

    rng = np.random.default_rng(seed)
    found = {}
    for kind, kept in KINDS.items():
        number = rng.integers(0, kept + 2, count)
        momenta = rng.normal(0, 30 + 20 * (seed == 0), (3, number.sum()))
        energy = np.sqrt((momenta**2).sum(axis=0) + 4.0)
        for part, values in zip(
            ("Px", "Py", "Pz", "E"), (*momenta, energy), strict=True
        ):
            found[f"{kind}_{part}"] = ak.unflatten(values.astype("f4"), number)
    found |= {f"MET_p{axis}": rng.normal(0, 30, count).astype("f4") for axis in "xy"}
    found["EventWeight"] = rng.uniform(0.01, 0.1 + seed, count).astype("f4")
    return found


@pytest.fixture
def written(tmp_path):
    names = ("top.root", "ww.root", "wz.root")
    content = {name: branches(seed) for seed, name in enumerate(names)}
    for name, columns in content.items():
        write_root(tmp_path / name, columns)
    (tmp_path / "samples.yaml").write_text(SAMPLES)
    return content


def read(folder, listed="samples.yaml"):
    source = Source.from_options([folder / listed], "simulated")
    recipe = with_files(load_recipe("lbn_single_top"), source, print)
    return load_events(recipe, source, seed=0)


@pytest.mark.filterwarnings("ignore:.*are left out")
@pytest.mark.filterwarnings("ignore:.*is left out")
def test_events_are_those_of_the_branches(written, tmp_path):
    events = read(tmp_path)
    assert len(events.feature_names) == 36
    assert tuple(events.process_names) == ("single_top", "ww", "wz")
    np.testing.assert_array_equal(events.label, np.repeat([1, 0, 0], 150))
    weights = [columns["EventWeight"] for columns in written.values()]
    np.testing.assert_allclose(events.weight, np.concatenate(weights))
    sums = [events.training_weight[events.label == kind].sum() for kind in (0, 1)]
    np.testing.assert_allclose(sums[0], sums[1], rtol=1e-5)
    for row in (0, 3, 77, 149):
        kept = sorted(
            zip(
                *(
                    written["top.root"][f"Muon_{p}"][row]
                    for p in ("E", "Px", "Py", "Pz")
                ),
                strict=True,
            ),
            key=lambda one: -np.hypot(one[1], one[2]),
        )[:2]
        start = events.feature_names.index("muon_0_E")
        found = events.features[row, start : start + 8].reshape(2, 4)
        np.testing.assert_allclose(found[: len(kept)], np.reshape(kept, (-1, 4)))
        np.testing.assert_array_equal(found[len(kept) :], 0.0)


@pytest.mark.usefixtures("written")
@pytest.mark.filterwarnings("ignore:.*are left out")
@pytest.mark.filterwarnings("ignore:.*is left out")
def test_train_evaluate_and_explain(kerashep, tmp_path, monkeypatch, capsys):
    listed = ("--data", "samples.yaml", "--provenance", "simulated")
    small = ("--set", "model.arguments={combinations: 4, units: [8]}")
    few = ("--set", "export.parity_events=500", "--set", "evaluation.bootstrap=3")
    train = ("train", "lbn_single_top", "--quick", *small, *few, *listed)
    shown = kerashep(*train, "--run", "run")
    assert shown.code == 0, shown.err
    assert "150 signal and 300 background events, 36 features" in shown.out
    shown = kerashep("evaluate", "run", "--data", "samples.yaml")
    assert shown.code == 0, shown.err
    numbers = json.loads((tmp_path / "run/evaluation/metrics.json").read_text())
    assert numbers["events"] == {"test": 450}

    script = str(ROOT / "examples" / "explain_lbn.py")
    monkeypatch.setattr("sys.argv", [script, "run", "-o", "shown"])
    runpy.run_path(script, run_name="__main__")
    said = capsys.readouterr().out
    assert "Within 10 % of the W (80.4 GeV)" in said
    assert {path.stem for path in (tmp_path / "shown").iterdir()} == {
        "combination_weights",
        "combination_importance",
        "learnt_masses",
    }


@pytest.mark.skipif(
    not (SHARED / "single_top.root").exists(), reason="needs ../shared/data"
)
@pytest.mark.filterwarnings("ignore:.*is left out")
def test_the_published_events_fit_the_recipe(tmp_path):
    lines = [
        f"  - {{path: {SHARED / name}.root, label: {int(name == 'single_top')}}}"
        for name in ("single_top", "ww", "wz")
    ]
    (tmp_path / "shared.yaml").write_text("\n".join(["files:", *lines]))
    events = read(tmp_path, "shared.yaml")
    assert [int((events.label == kind).sum()) for kind in (1, 0)] == [5684, 7947]
    with uproot.open(SHARED / "single_top.root") as file:
        total = file["events"]["EventWeight"].array(library="np").sum(dtype="float64")
        energies = file["events"]["Jet_E"].array()
    assert events.weight[events.label == 1].sum() == pytest.approx(total, rel=1e-6)
    jets = [events.feature_names.index(f"jet_{i}_E") for i in range(4)]
    present = (events.features[:5684][:, jets] > 0).sum(axis=1)
    np.testing.assert_array_equal(present, [min(len(one), 4) for one in energies])
    assert (events.features[:, jets] == 0).all(axis=1).any()  # no jet at all
