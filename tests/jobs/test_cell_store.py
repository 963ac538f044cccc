"""What is kept of a finished training comes back bit for bit."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import numpy as np
import pytest

from kerashep.evaluation.limit import compare_with_likelihood_ratio
from kerashep.evaluation.mass_metrics import METRICS, MassMetrics
from kerashep.evaluation.measured import Measured
from kerashep.jobs import cell_store
from kerashep.jobs.cell_store import (
    discard_cells,
    file_hashes,
    run_stored_cell,
    stored_cell,
)
from kerashep.jobs.cells import Cell, CellResult
from kerashep.jobs.source import Source
from kerashep.jobs.study import Row
from kerashep.training.file_section import FileSection

CELL = Cell(
    row=Row(label="A"),
    scan_value=None,
    seed=1,
    recipe="affine_pnn_resonance",
    overrides=("training.epochs=1",),
    quick=False,
    source=Source(),
    test=(("signal_events", 30),),
    masses_gev=None,
    limit=True,
)


def result():
    rng = np.random.default_rng(0)
    numbers = {
        name: Measured.from_replicas(rng.normal(), rng.normal(size=5))
        for name in METRICS
    }
    numbers["background_rejection"] = Measured(float("inf"), float("nan"))
    mass = MassMetrics(
        mass=500.0,
        **numbers,
        signal_events=3,
        background_events=4,
        parameters={"mass": 500.0},
        flags=("x",),
    )
    limit = compare_with_likelihood_ratio([mass], [mass])
    return CellResult("simulated", (mass,), tuple(limit), 100, 2.5)


def stored(cell, folder, **changes):
    options = {"study": "m/s", "versions": {"keras": "3"}, "code": "c", **changes}
    return stored_cell(cell, folder, **options)


def test_all_digits_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr(cell_store, "run_cell", lambda _: result())
    kept = stored(CELL, tmp_path)
    assert kept.read() is None
    run_stored_cell(kept)
    found = kept.read()
    assert repr(found) == repr(result())  # NaN and infinity included
    for name in METRICS[:-1]:
        ours, theirs = (
            getattr(one.per_mass[0], name).replicas for one in (found, result())
        )
        np.testing.assert_array_equal(ours, theirs)


def test_a_damaged_file_is_not_a_finished_cell(tmp_path, monkeypatch):
    monkeypatch.setattr(cell_store, "run_cell", lambda _: result())
    kept = stored(CELL, tmp_path)
    run_stored_cell(kept)
    kept.path.write_text(kept.path.read_text()[:-20])
    assert kept.read() is None
    kept.path.write_text("[]")
    assert kept.read() is None


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2},
        {"quick": True},
        {"overrides": ("training.epochs=2",)},
        {"test": (("signal_events", 31),)},
        {"limit": False},
        {"masses_gev": (500.0,)},
        {"drop_masses": (500.0,)},
        {"row": Row(label="A", trees="parametric")},
        {"row": Row(label="B")},
        {"scan_value": 3.0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_decides_a_cell_names_its_file(tmp_path, change):
    here = stored(CELL, tmp_path).path
    assert stored(CELL, tmp_path).path == here
    assert stored(replace(CELL, **change), tmp_path).path != here
    assert stored(CELL, tmp_path, study="m/t").path != here
    assert stored(CELL, tmp_path, versions={"keras": "4"}).path != here
    assert stored(CELL, tmp_path, code="d").path != here


def test_other_files_and_a_changed_file_are_other_events(tmp_path):
    file = tmp_path / "events.csv"
    file.write_text("1")
    cell = replace(CELL, source=Source((file,)))
    before = stored(cell, tmp_path).path
    assert before != stored(CELL, tmp_path).path
    file.write_text("12")
    assert stored(cell, tmp_path).path != before


def test_what_a_list_says_of_a_file_decides_too(tmp_path):
    file = tmp_path / "events.csv"
    file.write_text("1")
    found = set()
    for scale in (1.0, 2.0):
        listed = (FileSection(path=str(file), label=0, weight_scale=scale),)
        source = Source((file,), listed=listed)
        found.add(stored(replace(CELL, source=source), tmp_path).path)
    assert len(found) == 2


def test_files_are_recorded_by_name_and_sha256(tmp_path):
    (tmp_path / "a.csv").write_text("abc")
    # Of "abc", from FIPS 180-4's examples.
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    for source in (Source((tmp_path / "a.csv",)), Source(folder=tmp_path)):
        assert file_hashes(source) == [{"name": "a.csv", "sha256": known}]
    assert file_hashes(Source()) == []


def test_a_converted_copy_does_not_change_a_folder(tmp_path):
    (tmp_path / "all_train.csv.gz").write_text("1")
    cell = replace(CELL, source=Source(folder=tmp_path))
    before = stored(cell, tmp_path / "cells").path
    (tmp_path / "all_train.csv.parquet").write_text("2")
    assert stored(cell, tmp_path / "cells").path == before
    (tmp_path / "all_test.csv.gz").write_text("3")
    assert stored(cell, tmp_path / "cells").path != before


def test_discard_removes_cells_only(tmp_path):
    for name in ("a.json", "notes.txt"):
        (tmp_path / name).touch()
    discard_cells(tmp_path)
    discard_cells(tmp_path / "nowhere")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


STUDY = """
title: Tiny
recipe: affine_pnn_resonance
set:
  - "data.arguments={signal_events: 60, background_events: 200, masses_gev: [500]}"
  - "model.arguments={units: [4]}"
  - training.epochs=1
  - training.compiled=false
rows: [{label: A}]
"""


@pytest.mark.slow
def test_a_killed_study_continues_with_the_same_command(tmp_path):
    (tmp_path / "study.yaml").write_text(STUDY)
    program = textwrap.dedent("""
        from pathlib import Path
        from kerashep.jobs import reproduce
        from kerashep.jobs.study import read_study
        reproduce.load_study = lambda *_: ("tiny", read_study(Path("study.yaml")))
        print(reproduce.reproduce_job(
            "mine", study=None, data=[], provenance=None, output=Path("out.json"),
            quick=False, seeds=6, workers=1, restart=False, say=print))
    """)
    command = [sys.executable, "-c", program]
    first = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, start_new_session=True
    )
    limit = time.monotonic() + 300
    while not (kept := list(tmp_path.glob("out.cells/*/*.json"))):
        assert first.poll() is None, "it must not end before the kill"
        assert time.monotonic() < limit
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert not (tmp_path / "out.json").exists()
    times = {path: path.stat().st_mtime_ns for path in kept}
    second = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "of them are there already" in second.stdout
    assert {path: path.stat().st_mtime_ns for path in kept} == times
    assert len(list(tmp_path.glob("out.cells/*/*.json"))) == 6
    assert (tmp_path / "out.json").exists()
