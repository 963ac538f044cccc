"""Jagged branches and list columns: trained on, scored and evaluated as typed."""

import awkward as ak
import numpy as np
import pyarrow.parquet as pq
import pytest
import uproot

RECIPE = """
name: jets
model: {name: single_nn, arguments: {units: [8]}}
data:
  dataset: file
  files:
    - {path: background.root, label: 0, process: background}
    - {path: signal.root, label: 1, process: signal}
  provenance: simulated
  columns:
    features: [n]
    particles:
      - {name: jet, E: J_E, px: J_x, py: J_y, pz: J_z, count: 3}
      - {name: met, px: met_x, py: met_y}
    weight: w
preprocessing: {scaling: none}
training: {epochs: 2, batch_size: 64, balance: class}
evaluation: {bootstrap: 3, tsne_events: 0}
export: {parity_events: 100, saved_model: false}
"""


def jagged(seed, count=300):
    rng = np.random.default_rng(seed)
    number = rng.integers(0, 4, count)
    momenta = rng.normal(0, 60 * (1 + seed), (3, number.sum()))
    lists = dict(zip(("J_x", "J_y", "J_z"), momenta.astype("f4"), strict=True))
    lists["J_E"] = np.sqrt((momenta**2).sum(axis=0) + 25).astype("f4")
    branches = {name: ak.unflatten(values, number) for name, values in lists.items()}
    return branches | {
        "n": number,
        "met_x": rng.normal(0, 40, count),
        "met_y": rng.normal(0, 40, count),
        "w": rng.uniform(0.5, 1.5, count),
    }


def write_root(path, branches):
    kinds = {
        name: "var * float32" if isinstance(values, ak.Array) else values.dtype
        for name, values in branches.items()
    }
    with uproot.recreate(path) as file:
        file.mktree("events", kinds).extend(branches)


@pytest.fixture
def run(kerashep, tmp_path):
    """A trained run of these files, and the command."""
    write_root(tmp_path / "background.root", jagged(0))
    write_root(tmp_path / "signal.root", jagged(1))
    (tmp_path / "jets.yaml").write_text(RECIPE)
    shown = kerashep("train", "jets.yaml", "--run", "runs/jets")
    assert shown.code == 0, shown.err
    assert "17 features" in shown.out
    return kerashep


def test_train_predict_and_evaluate(run, tmp_path):
    check_scores(run, tmp_path)
    check_files_without_the_particles(run, tmp_path)
    shown = run("evaluate", "runs/jets")
    assert shown.code == 0, shown.err


def check_scores(run, tmp_path):
    shown = run("predict", "runs/jets", "signal.root", "-o", "scores.root")
    assert shown.code == 0, shown.err
    assert "not flat are not copied: J_x, J_y, J_z, J_E" in shown.out + shown.err
    with uproot.open(tmp_path / "scores.root") as file:
        scores = file["events"]["score"].array(library="np")
    assert scores.shape == (300,)
    assert scores.std() > 0

    lists = jagged(1)
    columns = ak.zip(lists, depth_limit=1)
    ak.to_parquet(columns, tmp_path / "signal.parquet")
    shown = run("predict", "runs/jets", "signal.parquet", "-o", "scores.parquet")
    assert shown.code == 0, shown.err
    again = pq.read_table(tmp_path / "scores.parquet")["score"].to_numpy()
    np.testing.assert_allclose(again, scores, rtol=1e-5)

    flat = {"n": lists["n"]}
    for i in range(3):
        for part, name in (("E", "E"), ("px", "x"), ("py", "y"), ("pz", "z")):
            pt = np.hypot(lists["J_x"], lists["J_y"])
            ordered = lists[f"J_{name}"][ak.argsort(pt, ascending=False)]
            padded = ak.fill_none(ak.pad_none(ordered, 3, clip=True), 0.0)
            flat[f"jet_{i}_{part}"] = ak.to_numpy(padded[:, i])
    met = np.hypot(lists["met_x"], lists["met_y"])
    parts = (met, lists["met_x"], lists["met_y"], np.zeros(300))
    names = (f"met_0_{part}" for part in ("E", "px", "py", "pz"))
    flat |= dict(zip(names, parts, strict=True))
    write_root(tmp_path / "flat.root", flat)
    shown = run("predict", "runs/jets", "flat.root", "-o", "flat.parquet")
    assert shown.code == 0, shown.err
    again = pq.read_table(tmp_path / "flat.parquet")["score"].to_numpy()
    np.testing.assert_allclose(again, scores, rtol=1e-5)


def check_files_without_the_particles(run, tmp_path):
    lists = jagged(1)
    del lists["J_z"]
    write_root(tmp_path / "short.root", lists)
    shown = run("predict", "runs/jets", "short.root", "-o", "none.parquet")
    assert shown.code == 2
    assert "lacks 12 column(s) the model needs: jet_0_E" in shown.err
    assert "as lists: J_E, J_x, J_y, J_z" in shown.err
    lists = jagged(1)
    lists["J_z"] = ak.fill_none(ak.pad_none(lists["J_z"], 5), 0.0)
    write_root(tmp_path / "long.root", lists)
    shown = run("predict", "runs/jets", "long.root", "-o", "none.parquet")
    assert shown.code == 2
    assert "Lists of one event differ in length" in shown.err
    assert not (tmp_path / "none.parquet").exists()
