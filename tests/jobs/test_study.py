"""Study files: all that are published are valid, and what is wrong is said."""

from pathlib import Path

import pytest
import yaml

from kerashep._resources import resource_root
from kerashep.jobs.reproduce import study_cells
from kerashep.jobs.source import Source
from kerashep.jobs.study import Scan, list_studies, load_study, read_study
from kerashep.training.recipe import load_recipe

ROOT = resource_root("recipes")
PUBLISHED = [
    (path.parents[1].name, path.stem) for path in sorted(ROOT.glob("*/studies/*.yaml"))
]
MINIMAL = {"title": "t", "recipe": "affine_pnn_resonance", "rows": [{"label": "A"}]}


def write(tmp_path, **changes):
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump({**MINIMAL, **changes}))
    return path


@pytest.mark.parametrize(("name", "study"), PUBLISHED)
@pytest.mark.parametrize("quick", [False, True], ids=["full", "quick"])
def test_every_cell_of_a_published_study_is_a_valid_recipe(name, study, quick):
    cells = study_cells(load_study(name, study)[1], Source(), quick, seeds=1)
    assert cells
    for cell in cells:
        recipe = load_recipe(cell.recipe, overrides=cell.overrides, quick=cell.quick)
        assert cell.test is not None or "test" in recipe.data.split.fractions


@pytest.mark.parametrize(("name", "study"), PUBLISHED)
def test_every_network_of_a_published_study_exists(name, study):
    from kerashep.zoo import list_models

    for cell in study_cells(load_study(name, study)[1], Source(), True, seeds=1):
        model = load_recipe(cell.recipe, overrides=cell.overrides).model.name
        assert model in list_models()


def test_the_grid_is_the_default():
    assert load_study("affine_pnn_resonance", None)[0] == "grid"
    assert "comparison" in list_studies("affine_pnn_resonance")
    with pytest.raises(ValueError, match="`--study` is needed"):
        load_study("affine_pnn_gaussian", None)


def test_cells_follow_the_table_and_quick(tmp_path):
    study = read_study(
        write(
            tmp_path,
            rows=[{"label": "A"}, {"label": "B", "set": ["training.epochs=4"]}],
            set=["training.epochs=3"],
            seeds=2,
            test={"signal_events": 10},
            scan={
                "title": "n",
                "path": "training.batch_size",
                "values": [64, 2_500_000],
                "set": {64: ["training.epochs=5"]},
            },
            quick={"set": ["evaluation.bootstrap=2"], "test": {"signal_events": 5}},
        )
    )
    cells = study_cells(study, Source(), quick=False, seeds=None)
    names = [str(cell) for cell in cells]
    assert names[:3] == ["A at 64, seed 1", "A at 64, seed 2", "B at 64, seed 1"]
    assert len(cells) == 8
    # Later settings win: study, row, scan value.
    assert cells[2].overrides == (
        *("training.epochs=3", "training.epochs=4"),
        *("training.batch_size=64", "training.epochs=5"),
    )
    assert cells[-1].overrides[-1] == "training.batch_size=2500000"
    (quick, other) = study_cells(study, Source(), quick=True, seeds=None)
    assert (quick.scan_value, quick.seed, other.row.key) == (64, 1, "B")
    assert "evaluation.bootstrap=2" in quick.overrides
    assert dict(quick.test) == {"signal_events": 5}
    assert dict(cells[0].test) == {"signal_events": 10}


def test_users_files_are_evaluated_where_they_have_signal(tmp_path):
    study = read_study(write(tmp_path, masses_gev=[500]))
    (cell,) = study_cells(study, Source(files=(Path("a"),)), False, seeds=1)
    assert cell.masses_gev is None
    (cell,) = study_cells(study, Source(), False, seeds=1)
    assert cell.masses_gev == (500,)


def test_scan_values_are_written_exactly():
    scan = Scan(path="a", values=(1_234_567.0, 3e-4), title="t")
    assert scan.overrides(1_234_567.0) == ["a=1234567"]
    assert scan.overrides(3e-4) == ["a=0.0003"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rowz": []}, "rowz"),
        ({"rows": [{"label": "A"}, {"label": "A"}]}, "Received twice: A"),
        ({"differences": [["A", "AffinePN"]]}, "names the row 'AffinePN'"),
        (
            {"scan": {"path": "a", "values": [1], "title": "t", "set": {2: []}}},
            r"`scan.set` must be .* Received: \[2.0\]",
        ),
    ],
)
def test_faults_are_named(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        read_study(write(tmp_path, **changes))
