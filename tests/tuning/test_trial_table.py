"""Tables of trials: what is written comes back."""

import csv
import math

import pytest

from kerashep.tuning.fold_file import FoldResult
from kerashep.tuning.outcome import Outcome
from kerashep.tuning.trial_table import (
    TrialTable,
    read_trials,
    table_row,
    write_trials,
)
from tests.tuning.table_toy import toy_row, toy_table

NAMES = ("width", "rate", "activation", "augmentation", "fixed")


def rows_of_all_kinds():
    folds = tuple(
        FoldResult({"roc_auc": s, "ams": math.nan}, 100, epochs, 2.0)
        for s, epochs in ((0.7, 3), (0.8, 5))
    )
    finished = Outcome("finished", folds, (0.7, 0.8))
    pruned = Outcome("pruned", folds[:1], (0.7,))
    failed = Outcome("failed", (), (), "no memory, and, commas")
    values = {"width": 5, "activation": "relu"}
    return [
        table_row(i + 1, values, one)
        for i, one in enumerate((finished, pruned, failed))
    ]


def test_a_row_says_what_became_of_a_trial():
    finished, pruned, failed = rows_of_all_kinds()
    assert finished["score"] == pytest.approx(0.75)
    assert finished["standard_error"] == pytest.approx(0.05)
    assert finished["roc_auc"] == pytest.approx(0.75)
    assert finished["ams"] is None, "undefined"
    assert finished["significance_ratio"] is None
    assert (finished["epochs"], finished["seconds"]) == (4.0, 4.0)
    assert (pruned["folds"], pruned["standard_error"]) == (1, None)
    assert (failed["score"], failed["error"]) == (None, "no memory, and, commas")
    assert len({tuple(row) for row in (finished, pruned, failed)}) == 1


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_what_is_written_comes_back(tmp_path, suffix):
    rows = tuple(rows_of_all_kinds())
    written = TrialTable("roc_auc", ("width", "activation"), "simulated", rows)
    assert [path.name for path in write_trials(written, tmp_path)] == [
        *("trials.csv", "trials.parquet")
    ]
    facts = {"objective": "roc_auc", "provenance": "simulated"}
    found = read_trials(
        tmp_path / f"trials.{suffix}", hyperparameters=("width", "activation"), **facts
    )
    shown = [{k: v or None for k, v in row.items()} for row in found.rows]
    assert shown == [{k: v or None for k, v in row.items()} for row in rows]
    assert found.best()["trial"] == 1
    with pytest.raises(ValueError, match=r"no column 'depth'\. Received: trial, stat"):
        read_trials(tmp_path / "trials.csv", hyperparameters=("depth",), **facts)


def test_csv_is_plain(tmp_path):
    text, _ = write_trials(toy_table(3), tmp_path)
    with text.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["trial"] == "1"
    assert rows[0]["error"] == ""
    assert float(rows[2]["score"]) == toy_table(3).rows[2]["score"]


def test_the_best_is_finished():
    rows = [toy_row(1, 0.7, a=1), toy_row(2, 0.9, a=2), toy_row(3, 0.8, a=3)]
    rows[1]["status"] = "pruned"
    table = TrialTable("roc_auc", ("a",), "simulated", tuple(rows))
    assert table.best()["trial"] == 3
    assert [row["trial"] for row in table.ranked()] == [3, 1]
    assert TrialTable("roc_auc", ("a",), "simulated", ()).best() is None
