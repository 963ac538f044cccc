"""What is written of a search: trials, a summary, and the best trial as a recipe."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerashep._files import write_json, write_text
from kerashep._messages import duration
from kerashep.evaluation.measured import Measured
from kerashep.jobs.environment import machine
from kerashep.jobs.study_table import markdown_lines
from kerashep.tuning.repeats import RepeatedTrial, score_noise
from kerashep.tuning.search import Search
from kerashep.tuning.trial_table import TrialTable, read_trials, table_row, write_trials

_SUMMARY, _TRIALS, _BEST = "summary.json", "trials.parquet", "best_recipe.yaml"
_SHOWN = 10
BIAS = (
    "What was chosen by its score among many has one that is too high: train "
    "best_recipe.yaml and quote its score on the test events."
)


@dataclass(eq=False)
class SearchRecord:
    """Writes the files of a search.

    Attributes:
        search: The search.
        hyperparameters: Names of all that are searched.
        provenance: Of the events.
        facts: What else the summary holds.
        repeated: The best trials once more, if the study asks for that.
    """

    search: Search
    hyperparameters: tuple[str, ...]
    provenance: str
    facts: dict[str, Any]
    repeated: Sequence[RepeatedTrial] = ()

    def table(self) -> TrialTable:
        """All trials that are done."""
        rows = [
            table_row(trial.task.number, trial.proposal.values, outcome)
            for trial, outcome in self.search.done()
        ]
        objective = self.search.study.objective.name
        return TrialTable(objective, self.hyperparameters, self.provenance, tuple(rows))

    def write(self) -> list[Path]:
        """Writes all files, each as a whole; none without a trial.

        Returns:
            The files.
        """
        table, folder = self.table(), self.search.store.folder
        if not table.rows:
            return []
        written = [*write_trials(table, folder), folder / _SUMMARY]
        write_json(written[-1], self._summary(table))
        best = self._best(table)
        if best is not None:
            recipe = self.search.trials[best - 1].task.recipe
            named = recipe.model_copy(
                update={
                    "name": f"{self.facts['study']}_best",
                    "description": f"Trial {best} of {self.search.study.title}",
                }
            )
            written.append(folder / _BEST)
            write_text(written[-1], named.to_yaml())
        return written

    def _best(self, table: TrialTable) -> int | None:
        """Number of the best trial: by its repeats, if there are such."""
        if self.repeated:
            return self.repeated[0].trial
        row = table.best()
        return None if row is None else int(row["trial"])

    def _summary(self, table: TrialTable) -> dict[str, Any]:
        study, store = self.search.study, self.search.store
        return {
            "title": study.title,
            "provenance": self.provenance,
            "objective": study.objective.model_dump(),
            "uncertainty": "standard error of the mean over folds, which share events",
            "hyperparameters": list(self.hyperparameters),
            "tuner": study.tuner.model_dump(),
            "budget": study.budget.model_dump(),
            "folds": study.folds,
            "trials": dict(Counter(table.column("status"))),
            "duplicates": self.search.duplicates,
            "rejected": self.search.rejected,
            "seconds": store.seconds,
            "best": self._best(table),
            "repeated": [one.to_dict() for one in self.repeated],
            "noise": score_noise(self.repeated),
            **self.facts,
            "date": dt.date.today().isoformat(),
            "machine": machine(),
        }


def read_search(folder: Path) -> tuple[TrialTable, str, str]:
    """A search as it was written last.

    Args:
        folder: Of the search.

    Returns:
        Its trials, its text for a terminal, and its title.

    Raises:
        ValueError: If nothing was written yet.
    """
    try:
        summary = json.loads((folder / _SUMMARY).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(
            f"No trial is done in '{folder}'. Start the search by `kerashep tune`, or "
            "name its folder by -o."
        ) from None
    table = read_trials(
        folder / _TRIALS,
        objective=summary["objective"]["name"],
        hyperparameters=summary["hyperparameters"],
        provenance=summary["provenance"],
    )
    return table, search_text(table, summary), summary["title"]


def search_text(table: TrialTable, summary: Mapping[str, Any]) -> str:
    """The best trials as a Markdown table.

    Args:
        table: All trials.
        summary: Content of `summary.json`.
    """
    counts = ", ".join(f"{n} {status}" for status, n in summary["trials"].items())
    told = f"Trials: {counts or 'none'}; {duration(summary['seconds'])}."
    lines = [f"**{summary['title']}** [{table.provenance}]", "", told, ""]
    head = ("trial", table.objective, *table.hyperparameters, "parameters", "seconds")
    body = [
        [
            str(row["trial"]),
            str(
                Measured.from_dict(
                    {"value": row["score"], "error": row["standard_error"]}
                )
            ),
            *(_shown(row[name]) for name in table.hyperparameters),
            str(row["parameters"]),
            f"{row['seconds']:.3g}",
        ]
        for row in table.ranked()[:_SHOWN]
    ]
    if not body:
        return "\n".join([*lines, "No trial is finished."])
    lines += markdown_lines(head, body)
    lines += ["", f"Errors: {summary['uncertainty']}.", *_repeats(summary)]
    return "\n".join([*lines, f"Best: trial {summary['best']}. {BIAS}"])


def _repeats(summary: Mapping[str, Any]) -> list[str]:
    """The best trials by their repeats, and how much a score fluctuates."""
    if not summary["repeated"]:
        return []
    head = ("trial", "in the search", "mean of repeats", "repeats")
    body = [
        [
            str(one["trial"]),
            f"{one['score']:.4f}",
            str(Measured.from_dict(one["mean"])),
            str(len(one["repeats"])),
        ]
        for one in summary["repeated"]
    ]
    told = (
        "Repeats, with other folds and trainings of the same events; a score "
        f"fluctuates by {summary['noise']:.2g}:"
    )
    return ["", told, "", *markdown_lines(head, body), ""]


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
