"""A study from its file to its table."""

import json

import pytest

from kerashep.jobs import reproduce
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
    def run(rows, **more):
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
            data=[],
            provenance=None,
            output=tmp_path / "out.json",
            quick=False,
            seeds=1,
            workers=1,
            say=said.append,
        )
        return text, said, json.loads((tmp_path / "out.json").read_text())

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


def test_independent_test_sample_and_one_failed_row(run, tmp_path):
    broken = {"label": "Broken", "set": ["model.arguments={units: [4], foo: 1}"]}
    with pytest.raises(ValueError, match="1 trainings failed:\n  Broken, seed 1:") as e:
        run(
            [{"label": "AffinePNN"}, broken],
            test={"signal_events": 30, "masses_gev": [750]},
            masses_gev=[750],
            set=[*TINY, "data.split.fractions={train: 1.0}"],
        )
    document = json.loads((tmp_path / "out.json").read_text())
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
