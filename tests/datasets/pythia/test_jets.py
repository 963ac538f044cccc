"""Generated jets: without the generator what is kept is read, with it a few are made."""

import shutil
import sys

import awkward as ak
import numpy as np
import pytest

from kerashep.datasets import generate_mass_jets, load_dataset, load_jets
from kerashep.datasets.pythia import generator
from kerashep.datasets.pythia.jet_settings import JetSettings
from kerashep.datasets.pythia.jets import generate_jets, jets_folder, pythia_seed


def keep(settings, folder, count, *, shard=0, seed=0):
    """Writes a shard as if it had been generated; jet i has i + 1 constituents."""
    lists = [[float(count - k) for k in range(i + 1)] for i in range(count)]
    columns = {"E": lists, "PX": lists, "PY": [[0.0] * len(r) for r in lists]}
    columns["PZ"] = columns["PY"]
    for i, name in enumerate(("true_mass", "jet_mass", "groomed_mass")):
        columns[name] = [float(i)] * count
    place = jets_folder(settings, seed, folder)
    place.mkdir(parents=True, exist_ok=True)
    array = ak.zip({n: ak.Array(v) for n, v in columns.items()}, depth_limit=1)
    ak.to_parquet(array, place / f"shard_{shard:04d}_{count}.parquet")


@pytest.fixture
def no_generator(monkeypatch):
    monkeypatch.setitem(sys.modules, "pythia8mc", None)


@pytest.mark.usefixtures("no_generator")
def test_kept_jets_need_no_generator(tmp_path):
    for process in ("top", "qcd"):
        keep(JetSettings(process), tmp_path, 6)
    events = load_jets(tmp_path, events=11, constituents=4)
    assert len(events) == 11
    assert events.label.sum() == 5
    assert events.process_names == ("qcd", "top")
    assert events.provenance == "pythia"
    first = events.features.reshape(11, 4, 4)[..., 0]
    assert sorted((first > 0).sum(axis=1)) == [1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4]
    keep(JetSettings("w"), tmp_path, 6)
    jets = generate_mass_jets(tmp_path, events=5, constituents=7)
    assert jets.constituents.shape == (5, 7, 4)
    masses = (jets.true_mass, jets.jet_mass, jets.groomed_mass)
    assert [mass.tolist() for mass in masses] == [[0] * 5, [1] * 5, [2] * 5]
    assert len(load_dataset("w_jets", path=tmp_path, events=5)) == 0  # none has a mass


@pytest.mark.usefixtures("no_generator")
def test_more_jets_need_it_and_say_so(tmp_path):
    keep(JetSettings("top"), tmp_path, 6)
    message = r"needs pythia8mc: `pip install kerashep\[pythia\]`"
    for call in (
        lambda: load_jets(tmp_path, events=14),
        lambda: load_jets(tmp_path, events=4, seed=1),
        lambda: generate_mass_jets(tmp_path, events=3),
    ):
        with pytest.raises(ModuleNotFoundError, match=message):
            call()


@pytest.mark.usefixtures("no_generator")
def test_shards_are_named_by_number(tmp_path, monkeypatch):
    monkeypatch.setattr("kerashep.datasets.pythia.jets.JETS_A_SHARD", 3)
    settings = JetSettings("top")
    for shard, count in enumerate((3, 3, 2)):
        keep(settings, tmp_path, count, shard=shard)
    names = [path.name for path in generate_jets(settings, 8, folder=tmp_path)]
    assert names == [f"shard_{i:04d}_{n}.parquet" for i, n in enumerate((3, 3, 2))]
    with pytest.raises(ModuleNotFoundError):
        generate_jets(settings, 9, folder=tmp_path)


def test_seeds_differ():
    seeds = {pythia_seed(seed, shard) for seed in range(20) for shard in range(50)}
    assert len(seeds) == 1000
    assert min(seeds) >= 1
    assert max(seeds) <= 900_000_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"events": 1}, "events >= 2"),
        ({"signal": "qcd"}, "two processes"),
        ({"signal": "tops"}, "Did you mean 'top'"),
        ({"constituents": 300}, "from 1 to 200"),
        ({"workers": 0}, "workers >= 1"),
    ],
)
def test_wrong_arguments(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        load_jets(tmp_path, **arguments)


@pytest.fixture
def generator_installed():
    for name in ("pythia8mc", "fastjet"):
        pytest.importorskip(name, reason="needs the extra `pythia`")


@pytest.mark.usefixtures("generator_installed")
def test_generated_jets(tmp_path):
    events = load_dataset("jets", path=tmp_path, events=20, constituents=200, seed=5)
    vectors = events.features.reshape(20, 200, 4).astype("f8")
    jet = vectors.sum(axis=1)
    pt = np.hypot(jet[:, 1], jet[:, 2])
    assert ((pt > 549.9) & (pt < 650.1)).all()
    assert (np.abs(np.arcsinh(jet[:, 3] / pt)) < 2.001).all()
    mass = np.sqrt(jet[:, 0] ** 2 - (jet[:, 1:] ** 2).sum(axis=1))
    assert 140 < np.median(mass[events.label == 1]) < 210
    assert np.median(mass[events.label == 0]) < 130
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    assert len(kept) == 2
    again = load_dataset("jets", path=tmp_path, events=20, constituents=200, seed=5)
    np.testing.assert_array_equal(again.features, events.features)
    assert kept == {path: path.stat().st_mtime_ns for path in kept}
    # The first jets of a shard do not depend on how many were asked for.
    (few,) = generate_jets(JetSettings("top"), 4, seed=5, folder=tmp_path / "few")
    (many,) = generate_jets(JetSettings("top"), 10, seed=5, folder=tmp_path)
    assert ak.from_parquet(few).E.to_list() == ak.from_parquet(many).E[:4].to_list()


@pytest.mark.usefixtures("generator_installed")
def test_generated_w_jets(tmp_path):
    plain = generate_mass_jets(tmp_path, events=20, smeared=False, seed=1)
    np.testing.assert_allclose(plain.true_mass, plain.groomed_mass, rtol=1e-3, atol=0.2)
    smeared = generate_mass_jets(tmp_path, events=20, seed=1)
    assert 60 < np.median(smeared.true_mass) < 100
    assert not np.allclose(smeared.true_mass, smeared.groomed_mass, rtol=1e-4)
    shutil.rmtree(tmp_path)


@pytest.mark.usefixtures("generator_installed")
def test_settings_that_pythia_does_not_know():
    with pytest.raises(
        ValueError, match="does not know the setting 'Nothing:at = all'"
    ):
        next(generator.event_batches(["Nothing:at = all"], 1))
    with pytest.raises(ValueError, match="`seed` must be from 1"):
        next(generator.event_batches([], 0))
