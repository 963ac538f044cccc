"""The table of an ablation: numbers out of fold, differences, the published numbers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.evaluation.ams_bootstrap import ams_at_fraction, smoothed_ams
from kerashep.evaluation.bootstrap import bootstrapped
from kerashep.evaluation.curves import area_under_roc
from kerashep.evaluation.measured import (
    Measured,
    mean_and_standard_error,
    mean_over_seeds,
)
from kerashep.jobs.ablation import Ablation
from kerashep.jobs.ablation_cells import FoldCell, FoldScores
from kerashep.jobs.study_table import markdown_lines, published_table

REPLICAS = 200
UNCERTAINTY = (
    "of the mean over seeds: the bootstrap error over the events, which all seeds "
    "share, and in quadrature the standard error over the seeds, each with other folds "
    "and trainings; differences are paired in events and seeds; every replica of the "
    "AMS at the smoothed cut has a cut of its own"
)
ONE_SEED = "; of one seed the bootstrap error alone, without that of the training"
Results = Sequence[tuple[FoldCell, FoldScores]]
Numbers = dict[str, dict[int, Measured]]
METRICS = ("roc_auc", "ams")
OURS = {
    "roc_auc": "AUC, ours",
    "ams": "AMS at the top share, ours",
    "smoothed_ams": "AMS at the smoothed cut, ours",
}


def ablation_document(
    name: str, ablation: Ablation, events: Events, results: Results
) -> dict[str, Any]:
    """Content of the results file.

    Args:
        name: `<model>/<ablation>`.
        ablation: What was asked.
        events: All events that were scored.
        results: Every fold; solutions that lack one are left out.
    """
    labels = [row.label for row in ablation.rows]
    seeds = {label: _complete_seeds(label, results, len(events)) for label in labels}
    numbers = {
        label: _numbers(events, scores, ablation.fraction)
        for label, scores in seeds.items()
        if scores
    }
    previous = [(row.label, row.after) for row in ablation.rows if row.after]
    pairs = [*previous, *ablation.differences]
    return {
        "ablation": name,
        "title": ablation.title,
        "provenance": events.provenance,
        "uncertainty": uncertainty(seeds.values()),
        "events": len(events),
        "folds": ablation.folds,
        "fraction": ablation.fraction,
        "rows": [
            {
                "label": label,
                "seeds": sorted(seeds[label]),
                **{metric: _mean(values.values()) for metric, values in found.items()},
                **_times(label, results),
            }
            for label, found in numbers.items()
        ],
        "differences": [
            {"first": first, "second": second, **_difference(numbers, first, second)}
            for first, second in dict.fromkeys(pairs)
            if _common(numbers, first, second)
        ],
        "paper": None if ablation.paper is None else published_table(ablation.paper),
    }


def uncertainty(seeds: Iterable[Collection[int]]) -> str:
    """What the errors are, in words.

    Args:
        seeds: Those of each solution.
    """
    return UNCERTAINTY + (ONE_SEED if any(len(one) == 1 for one in seeds) else "")


def _complete_seeds(
    label: str, results: Results, count: int
) -> dict[int, NDArray[np.float32]]:
    """Seed -> out-of-fold scores of all events, of seeds that have them all."""
    scores: dict[int, NDArray[np.float32]] = {}
    for cell, found in results:
        if cell.label == label:
            whole = scores.setdefault(cell.seed, np.full(count, np.nan, "float32"))
            whole[found.rows] = found.score
    return {seed: whole for seed, whole in scores.items() if not np.isnan(whole).any()}


def _numbers(
    events: Events, scores: Mapping[int, NDArray[np.float32]], fraction: float
) -> Numbers:
    """Metric -> seed -> number, with the same replicas of events for all."""
    found: Numbers = {"roc_auc": {}, "ams": {}, "smoothed_ams": {}}
    for seed, score in scores.items():
        sample = (events.label, score, events.weight)
        found["roc_auc"][seed] = bootstrapped(
            area_under_roc, *sample, replicas=REPLICAS
        )
        found["ams"][seed] = ams_at_fraction(
            *sample, fraction=fraction, replicas=REPLICAS
        )
        found["smoothed_ams"][seed] = smoothed_ams(*sample, replicas=REPLICAS)
    return found


def _mean(numbers: Iterable[Measured]) -> dict[str, float]:
    return mean_over_seeds(list(numbers)).to_dict()


def _common(numbers: Mapping[str, Numbers], first: str, second: str) -> list[int]:
    """Seeds that both have."""
    seeds = [set(numbers.get(name, {}).get("ams", {})) for name in (first, second)]
    return sorted(seeds[0] & seeds[1])


def _difference(
    numbers: Mapping[str, Numbers], first: str, second: str
) -> dict[str, dict[str, float]]:
    """Paired differences, over the seeds that both have."""
    return {
        metric: _mean(
            numbers[first][metric][seed].minus(numbers[second][metric][seed])
            for seed in _common(numbers, first, second)
        )
        for metric in METRICS
    }


def _times(label: str, results: Results) -> dict[str, dict[str, float]]:
    found = [scores for cell, scores in results if cell.label == label]
    training = [one.training_seconds for one in found]
    each = [1e6 * one.scoring_seconds / len(one.rows) for one in found]
    return {
        "training_seconds": mean_and_standard_error(training).to_dict(),
        "scoring_microseconds": mean_and_standard_error(each).to_dict(),
    }


def ablation_text(document: Mapping[str, Any]) -> str:
    """The tables for a terminal or a model card, in Markdown.

    Args:
        document: From `ablation_document`.
    """
    percent = f"{100 * document['fraction']:g} %"
    lines = [f"**{document['title']}** [{document['provenance']}]", ""]
    head: tuple[str, ...] = (
        *("solution", "weighted ROC AUC", f"AMS, top {percent}", "AMS, smoothed cut"),
        *("training / s", "scoring / us an event", "seeds"),
    )
    body = [
        [
            row["label"],
            *(_shown(row[key]) for key in ("roc_auc", "ams", "smoothed_ams")),
            f"{row['training_seconds']['value']:.3g}",
            f"{row['scoring_microseconds']['value']:.3g}",
            str(len(row["seeds"])),
        ]
        for row in document["rows"]
    ]
    lines += markdown_lines(head, body)
    if document["differences"]:
        lines += ["", "Paired differences:", ""]
        body = [
            [f"{one['first']} - {one['second']}", *(_shown(one[k]) for k in METRICS)]
            for one in document["differences"]
        ]
        head = ("difference", "weighted ROC AUC", f"AMS, top {percent}")
        lines += markdown_lines(head, body)
    lines += ["", f"Errors: {document['uncertainty']}."]
    return "\n".join([*lines, *_paper_lines(document)])


def _paper_lines(document: Mapping[str, Any]) -> list[str]:
    """The published table, with our AUC and AMS beside it where labels agree."""
    paper = document["paper"]
    if paper is None:
        return []
    (table, rows), *_ = paper["tables"].items()
    ours = {row["label"]: row for row in document["rows"]}
    metrics = list(rows[0]["metrics"])
    head = ["setup", *(f"{name}, paper" for name in metrics), *OURS.values()]
    body = []
    for row in rows:
        mine = ours.get(row["label"])
        shown = [_shown(mine[key]) if mine else "" for key in OURS]
        body.append([row["label"], *map(str, row["metrics"].values()), *shown])
    text = (
        f"Published, table {table} of {paper['source']} [{paper['provenance']}, "
        f"{paper['events']}; {paper['uncertainty']}]; ours [{document['provenance']}, "
        f"{document['events']} events]:"
    )
    return ["", text, "", *markdown_lines(head, body)]


def _shown(number: Mapping[str, float | None]) -> str:
    return str(Measured.from_dict(number))
