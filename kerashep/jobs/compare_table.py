"""The numbers of a comparison: the JSON document, and the tables in words."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from scipy.stats import norm

from kerashep.evaluation.measured import Measured
from kerashep.jobs.ablation_table import ONE_SEED, times
from kerashep.jobs.contestants import Contestant, Results
from kerashep.jobs.study_table import markdown_lines

UNCERTAINTY = (
    "of the mean over seeds: the bootstrap error over the events, which all seeds "
    "share, and in quadrature the standard error over the seeds, each with other folds "
    "and trainings; gaps and differences are paired in events and seeds"
)
TOLERANCE = 1.1  # of the time budget: a search ends with what it has begun
HEAD = (
    *("solution", "ROC AUC, test", "ROC AUC, training", "gap", "rejection at 50 %"),
    *("KS p, signal", "KS p, background", "calibration distance", "Brier score"),
    *("training / s", "scoring / us an event"),
)
DIFFERENCE_HEAD = ("difference", "ROC AUC", "p-value")


def compare_document(
    contestants: Sequence[Contestant], results: Results, *, seconds: float
) -> dict[str, Any]:
    """Numbers of all solutions and their differences.

    Args:
        contestants: In the order of the table.
        results: Every fold.
        seconds: Time budget of a fold.
    """
    single = any(len(one.by_seed) == 1 for one in contestants)
    return {
        "uncertainty": UNCERTAINTY + (ONE_SEED if single else ""),
        "seconds": seconds,
        "rows": [_row(one, results, seconds) for one in contestants],
        "differences": [
            {
                "first": first.label,
                "second": second.label,
                "roc_auc": first.minus(second).to_dict(),
                "p_value": p_value(first.minus(second)),
            }
            for first, second in combinations(contestants, 2)
            if first.by_seed.keys() & second.by_seed.keys()
        ],
    }


def p_value(difference: Measured) -> float:
    """Two-sided, of no difference, by its paired bootstrap error.

    1 where there is neither a difference nor an error. Not corrected for the number of
    pairs.
    """
    if difference.value == 0:
        return 1.0
    return float(2 * norm.sf(abs(difference.value) / difference.error))


def _row(one: Contestant, results: Results, seconds: float) -> dict[str, Any]:
    ks = one.overtraining
    duration = times(one.label, results)
    return {
        "label": one.label,
        "seeds": sorted(one.by_seed),
        "roc_auc": one.roc_auc.to_dict(),
        "train_auc": one.train_auc.to_dict(),
        "auc_gap": one.auc_gap.to_dict(),
        "background_rejection": one.rejection.to_dict(),
        **({} if one.ams is None else {"ams": one.ams.to_dict()}),
        "ks": {
            name: {"distance": found.distance, "p_value": found.p_value}
            for name, found in (
                ("signal", ks.signal_ks),
                ("background", ks.background_ks),
            )
        },
        "calibration_distance": one.calibration.distance.to_dict(),
        "brier": one.calibration.brier.to_dict(),
        **duration,
        "over_budget": duration["training_seconds"]["value"] > TOLERANCE * seconds,
        "roc": {
            "signal_efficiency": one.roc.signal_efficiency.tolist(),
            "background_efficiency": one.roc.background_efficiency.tolist(),
            "background_error": one.roc.background_error.tolist(),
        },
    }


def table_head(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns of the main table; the AMS only where it was measured."""
    measured = any("ams" in row for row in document["rows"])
    return (*HEAD, "AMS") if measured else HEAD


def table_rows(document: Mapping[str, Any]) -> list[list[str]]:
    """Cells of the main table.

    Args:
        document: From `compare_document`.
    """
    rows = []
    for row in document["rows"]:
        training = f"{row['training_seconds']['value']:.3g}"
        cells = [
            row["label"],
            *(_shown(row[key]) for key in ("roc_auc", "train_auc", "auc_gap")),
            _shown(row["background_rejection"]),
            *(f"{row['ks'][kind]['p_value']:.2g}" for kind in ("signal", "background")),
            *(_shown(row[key]) for key in ("calibration_distance", "brier")),
            f"{training}, over the budget" if row["over_budget"] else training,
            f"{row['scoring_microseconds']['value']:.3g}",
        ]
        rows.append([*cells, _shown(row["ams"])] if "ams" in row else cells)
    return rows


def difference_rows(document: Mapping[str, Any]) -> list[list[str]]:
    """Cells of the table of differences.

    Args:
        document: From `compare_document`.
    """
    return [
        [
            f"{one['first']} - {one['second']}",
            _shown(one["roc_auc"]),
            f"{one['p_value']:.2g}",
        ]
        for one in document["differences"]
    ]


def compare_text(document: Mapping[str, Any]) -> str:
    """The tables for a terminal or a card, in Markdown.

    Args:
        document: Of the results file.
    """
    lines = [f"**{document['title']}** [{document['provenance']}]", ""]
    lines += markdown_lines(table_head(document), table_rows(document))
    if document["differences"]:
        lines += ["", "Paired differences:", ""]
        lines += markdown_lines(DIFFERENCE_HEAD, difference_rows(document))
    return "\n".join([*lines, "", f"Errors: {document['uncertainty']}."])


def verdict(document: Mapping[str, Any]) -> str:
    """Which solution is ahead, and whether of the second it surely is."""
    ranked = sorted(document["rows"], key=lambda row: -row["roc_auc"]["value"])
    best = ranked[0]
    text = (
        f"{best['label']} has the highest weighted ROC AUC out of fold, "
        f"{_shown(best['roc_auc'])} [{document['provenance']}]"
    )
    if len(ranked) == 1:
        return f"{text}."
    pair = {best["label"], ranked[1]["label"]}
    for one in document["differences"]:
        if {one["first"], one["second"]} == pair:
            difference = Measured.from_dict(one["roc_auc"])
            if one["first"] != best["label"]:
                difference = Measured(-difference.value, difference.error)
            return (
                f"{text}, {difference} more than {ranked[1]['label']} "
                f"(p = {one['p_value']:.2g}, paired in events)."
            )
    return f"{text}."


def _shown(number: Mapping[str, float | None]) -> str:
    return str(Measured.from_dict(number))
