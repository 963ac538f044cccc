"""Tables of studies, with numbers small enough to check by hand."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kerashep._resources import resource_root
from kerashep.evaluation.mass_metrics import MassMetrics
from kerashep.evaluation.measured import Measured
from kerashep.jobs.cells import Cell, CellResult
from kerashep.jobs.source import Source
from kerashep.jobs.study import Published, Row, Study
from kerashep.jobs.study_table import as_text, published_table, study_document

PAPERS = sorted(resource_root("recipes").glob("*/paper.json"))
TABLES = [
    (path.parent.name, table)
    for path in PAPERS
    for table in json.loads(path.read_text())["tables"]
]
STUDY = Study(
    title="Title",
    recipe="affine_pnn_resonance",
    rows=(Row(label="A"), Row(label="B", background_mass="uniform")),
    differences=(("A", "B, uniform"),),
)


def measured(value, error=0.01, replicas=None):
    return Measured(value, error, replicas)


def result(row, seed, auc, *, replicas=None, flags=(), source=None):
    cell = Cell(
        row=row,
        scan_value=None,
        seed=seed,
        recipe=STUDY.recipe,
        overrides=(),
        quick=False,
        source=source or Source(),
        test=None,
        masses_gev=None,
        limit=False,
    )
    number = measured(auc, replicas=replicas)
    one = MassMetrics(
        mass=500.0,
        roc_auc=number,
        pr_auc=number,
        significance_ratio=number,
        best_cut=number,
        best_significance=number,
        background_rejection=number,
        signal_events=10,
        background_events=10,
        flags=tuple(flags),
    )
    drawn = not cell.source.files
    return cell, CellResult("simulated", (one,), (), 100, 2.0, drawn=drawn)


def document(results):
    return study_document("m/s", STUDY, results)


def test_mean_and_standard_error_over_seeds():
    rows = STUDY.rows
    results = [result(rows[0], s, auc) for s, auc in ((1, 0.7), (2, 0.8), (3, 0.9))]
    (row,) = document(results)["rows"]
    auc = row["per_mass"][0]["roc_auc"]
    assert auc["value"] == pytest.approx(0.8)
    assert auc["error"] == pytest.approx(0.1 / math.sqrt(3))
    assert row["mean_roc_auc"] == pytest.approx(auc)
    assert row["seeds"] == [1, 2, 3]


def test_splits_of_one_file_have_the_corrected_resampled_error():
    """Nadeau and Bengio (2003): 1/n + n_test/n_train times the sample variance."""
    a, b = STUDY.rows
    file = Source((Path("events.parquet"),), provenance="simulated")
    numbers = {a: (0.7, 0.8, 0.9), b: (0.69, 0.77, 0.87)}
    results = [
        result(row, seed, auc, source=file)
        for row, values in numbers.items()
        for seed, auc in enumerate(values)
    ]
    found = document(results)
    share = 1 / 3 + (10 + 10) / 100  # events of `result`: test and training
    error = math.sqrt(share * 0.01)
    auc = found["rows"][0]["per_mass"][0]["roc_auc"]
    assert auc == pytest.approx({"value": 0.8, "error": error})
    assert found["rows"][0]["mean_roc_auc"] == pytest.approx(auc)
    (difference,) = found["differences"]  # of 0.01, 0.03 and 0.03
    error = math.sqrt(share * (0.04**2 + 2 * 0.02**2) / 9 / 2)
    assert difference["roc_auc"] == pytest.approx({"value": 0.07 / 3, "error": error})
    assert "Nadeau and Bengio" in found["uncertainty"]
    independent = document([result(a, 1, 0.7), result(a, 2, 0.8)])
    assert "Nadeau" not in independent["uncertainty"]


def test_same_test_events_at_all_seeds_add_their_bootstrap_error():
    row = STUDY.rows[0]
    values = [-0.01, 0.0, 0.01]  # of resampled test events, the same for all seeds
    results = [
        result(row, seed, auc, replicas=np.array(values) + auc)
        for seed, auc in ((1, 0.7), (2, 0.8), (3, 0.9))
    ]
    shared = [(cell, replace(found, shared_test=True)) for cell, found in results]
    content = document(shared)
    auc = content["rows"][0]["per_mass"][0]["roc_auc"]
    expected = math.hypot(0.1 / math.sqrt(3), 0.01)
    assert auc["error"] == pytest.approx(expected)
    assert "in quadrature" in content["uncertainty"]


def test_single_seed_has_its_bootstrap_error():
    (row,) = document([result(STUDY.rows[0], 1, 0.7)])["rows"]
    assert row["per_mass"][0]["roc_auc"] == {"value": 0.7, "error": 0.01}


def test_differences_are_paired_by_seed():
    a, b = STUDY.rows
    results = [result(a, 1, 0.70), result(a, 2, 0.80), result(a, 3, 0.95)]
    results += [result(b, 2, 0.79), result(b, 1, 0.67)]  # seed 3 failed
    (found,) = document(results)["differences"]
    assert found["roc_auc"]["value"] == pytest.approx(0.02)
    assert found["roc_auc"]["error"] == pytest.approx(0.01)  # of 0.03 and 0.01


def test_difference_of_a_single_seed_is_paired_on_its_events():
    shared = np.random.default_rng(0).normal(0, 0.05, 200)
    a, b = STUDY.rows
    results = [result(a, 1, 0.8, replicas=0.8 + shared)]
    results += [result(b, 1, 0.7, replicas=0.7 + shared)]
    (found,) = document(results)["differences"]
    assert found["roc_auc"]["value"] == pytest.approx(0.1)
    assert found["roc_auc"]["error"] == pytest.approx(0, abs=1e-9)


def test_flags_of_all_seeds_are_kept():
    a = STUDY.rows[0]
    results = [result(a, 1, 0.7, flags=["x"]), result(a, 2, 0.7, flags=["x", "y"])]
    assert document(results)["rows"][0]["per_mass"][0]["flags"] == ["x", "y"]


def test_text_is_a_markdown_table_with_provenance():
    a, b = STUDY.rows
    text = as_text(document([result(a, 1, 0.75), result(b, 1, 0.7)]))
    assert text.startswith("**Title** [simulated]")
    assert "| roc_auc | 500 GeV | mean |" in text
    assert "| A | 0.750 ± 0.010 | 0.750 ± 0.010 |" in text
    assert "| A - B, uniform | 0.050 ± 0.014 |" in text


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_published_tables(name, table):
    content = published_table(Published(name=name, table=table))
    assert list(content["tables"]) == [table]
    rows = content["tables"][table]
    keys = [(row["label"], row.get("background_mass")) for row in rows]
    assert len(set(keys)) == len(keys)
    if "metrics" in rows[0]:  # of events without a mass, as texts
        assert len({tuple(row["metrics"]) for row in rows}) == 1
        assert all(text for row in rows for text in row["metrics"].values())
        return
    for row in rows:
        assert len(row["roc_auc"]) == len(row["masses_gev"]) == 5
        assert all(0.5 < auc < 1 for auc in row["roc_auc"])


def test_published_table_is_printed_below_ours():
    study = STUDY.model_copy(
        update={"paper": Published(name="affine_pnn_hepmass", table="3")}
    )
    text = as_text(study_document("m/s", study, [result(STUDY.rows[0], 1, 0.7)]))
    assert "Published, table 3 of Anzalone" in text
    assert "| AffinePNN, identical sampled |" in text
