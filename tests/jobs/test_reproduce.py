"""A study from its file to its table."""

import hashlib

import numpy as np
import pytest

from kerashep.cli.recipe_words import in_recipe_words
from kerashep.data.writers import table_writer
from kerashep.datasets import load_jets_simulated, load_resonance
from kerashep.jobs import reproduce
from kerashep.jobs.environment import package_code
from kerashep.jobs.results_file import read_results
from kerashep.jobs.study import Study

TINY = [
    "data.arguments.signal_events=60",
    "data.arguments.background_events=200",
    "data.arguments.masses_gev=[500, 1000]",
    "model.arguments={units: [4]}",
    "training.epochs=1",
    "training.compiled=false",
]


@pytest.fixture
def run(tmp_path, monkeypatch):
    def run(rows, *, seeds=1, restart=False, data=(), provenance=None, **more):
        study = Study.model_validate(
            {
                "title": "Tiny",
                "recipe": "affine_pnn_resonance",
                "set": TINY,
                "rows": rows,
                **more,
            }
        )
        monkeypatch.setattr(reproduce, "load_study", lambda *_: ("tiny", study))
        said = []
        text = reproduce.reproduce_job(
            "mine",
            study=None,
            data=data,
            provenance=provenance,
            output=tmp_path / "out.json",
            quick=False,
            seeds=seeds,
            workers=1,
            restart=restart,
            say=said.append,
        )
        return text, said, read_results(tmp_path / "out.json")["tiny"]

    return run


def test_networks_and_trees_in_one_table(run):
    text, said, document = run(
        [{"label": "AffinePNN"}, {"label": "Trees", "trees": "parametric"}],
        differences=[["AffinePNN", "Trees"]],
        paper={"name": "affine_pnn_hepmass", "table": "3"},
    )
    assert said[0] == "Tiny: 2 trainings"
    assert [row["label"] for row in document["rows"]] == ["AffinePNN", "Trees"]
    assert [one["mass"] for one in document["rows"][0]["per_mass"]] == [500.0, 1000.0]
    assert document["provenance"] == "simulated"
    assert document["failed"] == []
    assert document["command"] == "kerashep reproduce mine --study tiny --seeds 1"
    assert len(document["differences"]) == 2
    assert "AffinePNN - Trees" in text
    assert "Published, table 3" in text


def test_an_interrupted_study_trains_only_what_is_missing(run, tmp_path):
    first = run([{"label": "AffinePNN"}], seeds=2)
    assert len(list((tmp_path / "out.cells" / "tiny").glob("*.json"))) == 2
    assert first[1][0] == "Tiny: 2 trainings"
    assert ", 0 s left" not in first[1][-1]
    assert " left" in first[1][-2]
    # As if it had been killed after the first of two trainings.
    one, other = sorted((tmp_path / "out.cells" / "tiny").glob("*.json"))
    kept = (one.read_text(), one.stat().st_mtime_ns)
    other.unlink()
    second = run([{"label": "AffinePNN"}], seeds=2)
    assert "1 of them are there already" in second[1][1]
    assert [line for line in second[1] if "/1 AffinePNN" in line]
    assert kept == (one.read_text(), one.stat().st_mtime_ns)
    for document in (first[2], second[2]):
        for row in document["rows"]:
            row.pop("training_seconds")
    assert second[2] == first[2]
    # A finished study only prints its table; --restart trains again.
    assert run([{"label": "AffinePNN"}], seeds=2)[0] == second[0]
    third = run([{"label": "AffinePNN"}], seeds=2, restart=True)
    assert not any("already" in line for line in third[1])
    assert one.stat().st_mtime_ns > kept[1]


def test_rows_trained_without_masses_are_evaluated_there(run):
    _, _, document = run(
        [
            {"label": "All"},
            {"label": "One", "drop_masses": [1000]},
            {"label": "Trees", "trees": "parametric", "drop_masses": [1000]},
        ],
        set=[*TINY, "data.split.fractions={train: 1.0}"],
        test={"signal_events": 30},
    )
    events = {row["row"]: row["training_events"] for row in document["rows"]}
    assert events == {"All": 320, "One": 260, "Trees": 260}
    for row in document["rows"]:
        assert [one["mass"] for one in row["per_mass"]] == [500.0, 1000.0]


def test_masses_that_are_not_there_cannot_be_dropped(run):
    with pytest.raises(ValueError, match="`drop_masses` of the row 'A' must name"):
        run([{"label": "A", "drop_masses": [600]}])


def test_independent_test_sample_and_one_failed_row(run, tmp_path):
    broken = {"label": "Broken", "set": ["model.arguments={units: [4], foo: 1}"]}
    with pytest.raises(ValueError, match="1 trainings failed:\n  Broken, seed 1:") as e:
        run(
            [{"label": "AffinePNN"}, broken],
            test={"signal_events": 30, "masses_gev": [750]},
            masses_gev=[750],
            set=[*TINY, "data.split.fractions={train: 1.0}"],
        )
    document = read_results(tmp_path / "out.json")["tiny"]
    assert "| AffinePNN |" in str(e.value), "the table of the others is still shown"
    (row,) = document["rows"]
    assert [one["mass"] for one in row["per_mass"]] == [750.0]
    assert row["training_events"] == 320
    (failed,) = document["failed"]
    assert failed.startswith("Broken, seed 1:")
    assert "foo" in failed


def test_nothing_succeeded(run):
    with pytest.raises(ValueError, match="Every training failed"):
        run([{"label": "B", "set": ["model.arguments={foo: 1}"]}])


def test_a_study_on_a_file_says_which_file_and_how_it_was_split(run, tmp_path):
    sample = load_resonance(
        masses_gev=(500.0, 1000.0), signal_events=60, background_events=120
    )
    columns = dict(zip(sample.feature_names, sample.features.T, strict=True))
    mass = np.nan_to_num(sample.parameters[:, 0])
    path = tmp_path / "events.csv"
    with table_writer(path) as writer:
        writer.write({**columns, "label": sample.label, "mass": mass})
    _, _, document = run(
        [{"label": "AffinePNN"}], seeds=2, data=[path], provenance="pythia"
    )
    assert document["command"] == (
        "kerashep reproduce mine --study tiny --data events.csv --provenance pythia "
        "--seeds 2"
    )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert document["data"] == [{"name": "events.csv", "sha256": digest}]
    assert document["provenance"] == "pythia"
    assert document["code"] == package_code()
    assert "Nadeau and Bengio" in document["uncertainty"]


def test_a_scan_over_the_training_size_is_drawn(run, tmp_path):
    text, _, _ = run(
        [{"label": "AffinePNN"}],
        scan={
            "title": "signal",
            "path": "data.arguments.signal_events",
            "values": [60, 120],
        },
    )
    path = tmp_path / "out_figures" / "tiny_training_size.png"
    assert path.is_file()
    assert text.endswith(f"Written: {tmp_path / 'out.json'}, {path}")


def reproduce_file(path, study, said):
    path.write_text("x,label,mass\n")
    return reproduce.reproduce_job(
        "affine_pnn_resonance",
        study=study,
        data=[path],
        provenance="pythia",
        output=path.with_name("out.json"),
        quick=False,
        seeds=1,
        workers=1,
        restart=False,
        say=said.append,
    )


def test_a_study_without_test_events_of_a_file_is_refused_before_training(tmp_path):
    said = []
    with pytest.raises(ValueError, match=r"'comparison' of .* keeps no test ev") as e:
        reproduce_file(tmp_path / "events.csv", "comparison", said)
    for words in (
        "{'train': 0.9, 'validation': 0.1}",
        "The keys test and masses_gev of a study have no effect on files",
        "Use --study file_comparison",
    ):
        assert words in str(e.value)
    assert "--study imbalance" not in str(e.value)
    assert in_recipe_words(str(e.value)) == str(e.value), "as the command shows it"
    assert said == []
    assert sorted(tmp_path.iterdir()) == [tmp_path / "events.csv"]


def test_what_has_no_effect_on_files_is_said(tmp_path, monkeypatch):
    study = Study.model_validate(
        {
            "title": "T",
            "recipe": "affine_pnn_resonance",
            "set": TINY,
            "rows": [{"label": "A"}],
            "masses_gev": [500],
        }
    )
    monkeypatch.setattr(reproduce, "load_study", lambda *_: ("tiny", study))
    said = []
    with pytest.raises(ValueError, match="Every training failed"):  # no such columns
        reproduce_file(tmp_path / "events.csv", "tiny", said)
    assert said[0].startswith("The keys test and masses_gev of the study have no eff")


JETS = [
    "model={name: dense_classifier, arguments: {depth: 1, width: 4}}",
    "data.arguments.constituents=5",
    "training.epochs=1",
    "training.compiled=false",
]


def write_jets(path, seed=0):
    jets = load_jets_simulated(events=60, constituents=200, seed=seed)
    columns = dict(zip(jets.feature_names, jets.features.T, strict=True))
    with table_writer(path) as writer:
        writer.write({**columns, "is_signal_new": jets.label})
    return path


def test_a_file_of_a_named_data_set_is_split_at_random(run, tmp_path):
    path = write_jets(tmp_path / "toptag.parquet")
    rows, tagging = [{"label": "FCN"}], {"recipe": "lbn_toptagging", "set": JETS}
    _, _, document = run(rows, seeds=2, data=[path], **tagging)
    assert document["rows"][0]["training_events"] == 45
    assert document["provenance"] == "pythia"  # the data set's own
    assert "Nadeau and Bengio" in document["uncertainty"]
    with pytest.raises(ValueError, match="without --provenance"):
        run(rows, data=[path], provenance="real", **tagging)


def test_a_folder_of_files_keeps_its_test_events_at_every_seed(run, tmp_path):
    for seed, name in enumerate(("train", "test")):
        write_jets(tmp_path / f"{name}.parquet", seed)
    _, _, document = run(
        [{"label": "FCN"}],
        seeds=2,
        data=[tmp_path],
        recipe="lbn_toptagging",
        set=[*JETS, "data.split.fractions={train: 1.0}"],
        scan={"path": "data.arguments.max_events", "values": [20, 40], "title": "jets"},
        test={"split": "test", "max_events": 50},
        metrics=["roc_auc", "accuracy"],
    )
    assert [row["training_events"] for row in document["rows"]] == [20, 40]
    events = [row["per_mass"][0] for row in document["rows"]]
    assert [set(one) >= {"roc_auc", "accuracy"} for one in events] == [True, True]
    assert "bootstrap error of the test events" in document["uncertainty"]
