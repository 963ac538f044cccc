"""Trials as a table: one row a trial, written as CSV and Parquet."""

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep._files import atomic_path
from kerashep.tuning.objectives import OBJECTIVES
from kerashep.tuning.outcome import Outcome

Row = dict[str, Any]
NUMBERS = ("trial", "status", "score", "standard_error", "folds")
FURTHER = ("parameters", "epochs", "seconds", "error")


@dataclass(frozen=True)
class TrialTable:
    """Trials of a search.

    Attributes:
        objective: What `score` is: the mean over the folds of the trial, with its
            standard error from their spread.
        hyperparameters: Names of those columns.
        provenance: Of the events.
        rows: One a trial, in the order of their numbers.
    """

    objective: str
    hyperparameters: tuple[str, ...]
    provenance: str
    rows: tuple[Row, ...]

    def finished(self) -> "TrialTable":
        """Only trials whose folds are all done."""
        rows = tuple(row for row in self.rows if row["status"] == "finished")
        return TrialTable(self.objective, self.hyperparameters, self.provenance, rows)

    def best(self) -> Row | None:
        """The finished trial with the highest score, the first of several."""
        rows = self.finished().rows
        return max(rows, key=lambda row: row["score"]) if rows else None

    def ranked(self) -> list[Row]:
        """Finished trials, the best first."""
        return sorted(self.finished().rows, key=lambda row: -row["score"])

    def column(self, name: str) -> list[Any]:
        """Values of a column, one a row."""
        return [row[name] for row in self.rows]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """`(rows,)` values of a column of numbers; NaN where there is none."""
        values = [math.nan if x is None else x for x in self.column(name)]
        return np.array(values, "float64")


def table_row(number: int, values: Row, outcome: Outcome) -> Row:
    """One row.

    Args:
        number: Of the trial.
        values: Its hyperparameters.
        outcome: What became of it.
    """
    folds = outcome.folds
    measured = {
        name: _mean(fold.scores[name] for fold in folds)
        for name in OBJECTIVES
        if folds and all(name in fold.scores for fold in folds)
    }
    return {
        "trial": number,
        "status": outcome.status,
        "score": _number(outcome.score),
        "standard_error": _number(outcome.standard_error),
        "folds": len(folds),
        **values,
        **{name: measured.get(name) for name in OBJECTIVES},
        "parameters": folds[0].parameters if folds else None,
        "epochs": _mean(fold.epochs for fold in folds),
        "seconds": _number(sum(fold.seconds for fold in folds)),
        "error": outcome.error,
    }


def write_trials(table: TrialTable, folder: Path) -> list[Path]:
    """Writes `trials.csv` and `trials.parquet`.

    Args:
        table: At least one trial.
        folder: Where.

    Returns:
        The files.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = list(table.rows[0])
    text, binary = folder / "trials.csv", folder / "trials.parquet"
    with atomic_path(text) as path, path.open("w", newline="", encoding="utf-8") as f:
        writer = csv.DictWriter(f, names)
        writer.writeheader()
        writer.writerows(table.rows)
    with atomic_path(binary) as path:
        pq.write_table(pa.Table.from_pylist(list(table.rows)), path)
    return [text, binary]


def read_trials(
    path: Path, *, objective: str, hyperparameters: Sequence[str], provenance: str
) -> TrialTable:
    """Reads a table of trials.

    Args:
        path: `trials.csv` or `trials.parquet`.
        objective: What was maximised.
        hyperparameters: Names of those columns.
        provenance: Of the events.

    Raises:
        ValueError: If a column is missing.
    """
    import pyarrow.parquet as pq
    from pyarrow import csv as arrow_csv

    read = pq.read_table if path.suffix == ".parquet" else arrow_csv.read_csv
    rows = read(path).to_pylist()
    for name in (*NUMBERS, *hyperparameters, *FURTHER):
        if rows and name not in rows[0]:
            raise ValueError(
                f"{path} is no table of trials: it has no column '{name}'. "
                f"Received: {', '.join(rows[0])}."
            )
    return TrialTable(objective, tuple(hyperparameters), provenance, tuple(rows))


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return _number(float(np.mean(found))) if found else None


def _number(value: float) -> float | None:
    """None for what is undefined: an empty cell."""
    return value if math.isfinite(value) else None
