"""The table of a study: means over seeds, differences, and the published numbers."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kerashep._resources import resource_root
from kerashep.evaluation.measured import (
    Measured,
    mean_and_standard_error,
    mean_of,
    mean_over_seeds,
)
from kerashep.evaluation.resampled import mean_over_splits
from kerashep.jobs.cells import Cell, CellResult
from kerashep.jobs.study import Published, Study
from kerashep.jobs.study_errors import Results, split_correction, uncertainty

METRICS = ("roc_auc", "significance_ratio", "background_rejection")
FRACTIONS = ("auc_fraction", "rejection_fraction")


def study_document(name: str, study: Study, results: Results) -> dict[str, Any]:
    """Content of the results file: rows, differences, provenance, published table.

    Args:
        name: `<model>/<study>`.
        study: What was asked.
        results: Every cell that succeeded, with its numbers.
    """
    groups = _grouped(results)
    provenances = sorted({result.provenance for _, result in results})
    return {
        "study": name,
        "title": study.title,
        "provenance": ", ".join(provenances),
        "uncertainty": uncertainty(results),
        **({"metrics": list(study.metrics)} if study.metrics else {}),
        "rows": [_row(key, group, study) for key, group in groups.items()],
        "differences": [
            difference
            for first, second in study.differences
            for difference in _differences(groups, first, second)
        ],
        "paper": None if study.paper is None else published_table(study.paper),
    }


def published_table(paper: Published) -> dict[str, Any]:
    """The paper's table with its provenance."""
    path = resource_root("recipes") / paper.name / "paper.json"
    content = json.loads(path.read_text())
    return {**content, "tables": {paper.table: content["tables"][paper.table]}}


Key = tuple[str, float | None]


def _grouped(results: Results) -> dict[Key, list[tuple[Cell, CellResult]]]:
    groups: dict[Key, list[tuple[Cell, CellResult]]] = {}
    for cell, result in results:
        groups.setdefault((cell.row.key, cell.scan_value), []).append((cell, result))
    return groups


def _row(key: Key, group: Results, study: Study) -> dict[str, Any]:
    first_cell, first = group[0]
    runs, share = [result for _, result in group], split_correction(group)
    names = tuple(dict.fromkeys((*METRICS, *study.metrics)))
    masses = [
        {
            "mass": metrics.mass,
            **_means(runs, i, share, names),
            "flags": _flags(runs, i),
        }
        for i, metrics in enumerate(first.per_mass)
    ]
    mean_auc = [mean_of([one.roc_auc for one in run.per_mass]) for run in runs]
    return {
        "row": key[0],
        "label": first_cell.row.label,
        "background_mass": first_cell.row.background_mass,
        "scan_value": key[1],
        "seeds": [cell.seed for cell, _ in group],
        "training_events": first.training_events,
        "training_seconds": _seconds(runs),
        "mean_roc_auc": _mean(mean_auc, share),
        "per_mass": masses,
    }


def _means(
    runs: Sequence[CellResult], i: int, share: float | None, names: Sequence[str]
) -> dict[str, Any]:
    numbers = {
        name: _mean([getattr(run.per_mass[i], name) for run in runs], share)
        for name in names
    }
    if runs[0].limit:
        for name in FRACTIONS:
            numbers[name] = _mean([getattr(run.limit[i], name) for run in runs], share)
    return numbers


def _flags(runs: Sequence[CellResult], i: int) -> list[str]:
    return sorted({flag for run in runs for flag in run.per_mass[i].flags})


def _differences(
    groups: Mapping[Key, Results], first: str, second: str
) -> list[dict[str, Any]]:
    scans = [scan for row, scan in groups if row == first]
    found = []
    for scan in scans:
        a, b = (
            {c.seed: r for c, r in groups.get((k, scan), ())} for k in (first, second)
        )
        seeds = sorted(a.keys() & b.keys())
        if not seeds:
            continue
        share = split_correction([*groups[first, scan], *groups[second, scan]])
        for i, metrics in enumerate(a[seeds[0]].per_mass):
            values = [
                a[s].per_mass[i].roc_auc.minus(b[s].per_mass[i].roc_auc) for s in seeds
            ]
            found.append(
                {
                    "first": first,
                    "second": second,
                    "scan_value": scan,
                    "mass": metrics.mass,
                    "roc_auc": _mean(values, share),
                }
            )
    return found


def _mean(numbers: Sequence[Measured], share: float | None) -> dict[str, float]:
    """Mean over seeds with its error; of one seed, its bootstrap error.

    Args:
        numbers: One a seed.
        share: Test over training events of splits of one file; 0 for independent
            seeds, whose error is the standard error; None for seeds with the same test
            events, whose bootstrap error is added.
    """
    if share is None or len(numbers) == 1:
        return mean_over_seeds(numbers).to_dict()
    values = [number.value for number in numbers]
    return mean_over_splits(values, test_events=share, training_events=1).to_dict()


def _seconds(runs: Sequence[CellResult]) -> dict[str, float]:
    return mean_and_standard_error([run.seconds for run in runs]).to_dict()


def as_text(document: Mapping[str, Any]) -> str:
    """The table for a terminal or a model card, in Markdown.

    Args:
        document: From `study_document`.
    """
    lines = [f"**{document['title']}** [{document['provenance']}]", ""]
    lines += _main_table(document) if _has_masses(document) else _plain(document)
    if any("auc_fraction" in m for row in document["rows"] for m in row["per_mass"]):
        for name, title in (
            ("auc_fraction", "share of the limit's ROC AUC"),
            ("rejection_fraction", "share of the limit's background rejection"),
        ):
            lines += ["", f"{title}:", "", *_main_table(document, name)]
    if document["differences"]:
        lines += ["", "Paired differences of the ROC AUC over seeds:", ""]
        lines += _difference_table(document["differences"])
    if document["paper"] is not None:
        for metric in ("roc_auc", "significance_ratio"):
            lines += _paper_lines(document, metric)
    return "\n".join(lines)


def _has_masses(document: Mapping[str, Any]) -> bool:
    return document["rows"][0]["per_mass"][0]["mass"] is not None


def _plain(document: Mapping[str, Any]) -> list[str]:
    """Rows against metrics, for events without a mass."""
    metrics = document.get("metrics") or list(METRICS)
    body = []
    for row in document["rows"]:
        at = "" if row["scan_value"] is None else f" @ {row['scan_value']:g}"
        numbers = [_shown(row["per_mass"][0][name]) for name in metrics]
        seconds = _shown(row["training_seconds"])
        counts = [str(row["training_events"]), str(len(row["seeds"]))]
        body.append([row["row"] + at, *numbers, seconds, *counts])
    head = ["", *metrics, "training (s)", "training events", "seeds"]
    return markdown_lines(head, body)


def _main_table(document: Mapping[str, Any], metric: str = "roc_auc") -> list[str]:
    rows = document["rows"]
    masses = [one["mass"] for one in rows[0]["per_mass"]]
    body = []
    for row in rows:
        name = row["row"]
        if row["scan_value"] is not None:
            name += f" @ {row['scan_value']:g}"
        body.append([name, *(_shown(one[metric]) for one in row["per_mass"])])
        if metric == "roc_auc":
            body[-1].append(_shown(row["mean_roc_auc"]))
            body[-1].append(str(len(row["seeds"])))
    last = ["mean", "seeds"] if metric == "roc_auc" else []
    return markdown_lines([metric, *(f"{mass:g} GeV" for mass in masses), *last], body)


def _difference_table(differences: Sequence[Mapping[str, Any]]) -> list[str]:
    masses = list(dict.fromkeys(one["mass"] for one in differences))
    rows: dict[tuple[Any, ...], list[str]] = {}
    for one in differences:
        key = (one["first"], one["second"], one["scan_value"])
        rows.setdefault(key, []).append(_shown(one["roc_auc"]))
    body = []
    for (first, second, scan), cells in rows.items():
        at = "" if scan is None else f" @ {scan:g}"
        body.append([f"{first} - {second}{at}", *cells])
    heads = ["roc_auc" if mass is None else f"{mass:g} GeV" for mass in masses]
    return markdown_lines(["difference", *heads], body)


def _paper_lines(document: Mapping[str, Any], metric: str) -> list[str]:
    """The published rows of one metric, ours beside the paper's where we have both."""
    paper = document["paper"]
    (table, rows), *_ = paper["tables"].items()
    published = [row for row in rows if metric in row]
    if not published:
        return []
    ours = {row["row"]: row for row in document["rows"]}
    head = (
        f"Published, table {table} of {paper['source']} [{paper['provenance']}, "
        f"{paper['events']}; {paper['uncertainty']}]; ours before it "
        f"[{document['provenance']}]:"
    )
    body = [_beside(row, ours, metric) for row in published]
    masses = [f"{mass:g} GeV" for mass in rows[0]["masses_gev"]]
    return ["", head, "", *markdown_lines([metric, *masses], body)]


def _beside(
    theirs: Mapping[str, Any], ours: Mapping[str, Any], metric: str
) -> list[str]:
    name = f"{theirs['label']}, {theirs['background_mass']}"
    row = ours.get(name, {"per_mass": []})
    numbers = {one["mass"]: one[metric] for one in row["per_mass"]}
    cells = [name]
    for mass, value in zip(theirs["masses_gev"], theirs[metric], strict=True):
        mine = f"{_shown(numbers[mass])}, paper " if mass in numbers else ""
        cells.append(f"{mine}{value:.4f}")
    return cells


def _shown(number: Mapping[str, float | None]) -> str:
    return str(Measured.from_dict(number))


def markdown_lines(head: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table, a line each."""
    lines = [head, ["---"] * len(head), *body]
    return ["| " + " | ".join(cells) + " |" for cells in lines]
