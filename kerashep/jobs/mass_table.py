"""The table of a study of mass regressions."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kerashep.data.events import Events
from kerashep.evaluation.measured import Measured, mean_over_seeds
from kerashep.evaluation.resolution import median_response, resolution
from kerashep.jobs.environment import machine
from kerashep.jobs.regression import bootstrap_options
from kerashep.jobs.regression_study import RegressionStudy
from kerashep.training.recipe import Recipe

if TYPE_CHECKING:
    from kerashep.jobs.mass_study import MassCell

Result = tuple["MassCell", NDArray[np.float32], float]


def mass_document(
    plan: RegressionStudy,
    recipe: Recipe,
    parts: Mapping[str, Events],
    results: Sequence[Result],
    untrained: Mapping[str, NDArray[Any]],
) -> dict[str, Any]:
    """All numbers of a study.

    Args:
        plan: Its rows and differences.
        recipe: Bootstrap and data.
        parts: Events, `test` among them.
        results: Cell, predictions of the test events and seconds of each training.
        untrained: Estimates of the test jets without training, by row.
    """
    test, options = parts["test"], bootstrap_options(recipe)
    predictions: dict[str, list[NDArray[Any]]] = {}
    seconds: dict[str, list[float]] = {}
    for cell, prediction, time in results:
        predictions.setdefault(cell.label, []).append(prediction)
        seconds.setdefault(cell.label, []).append(time)
    predictions |= {name: [estimate] for name, estimate in untrained.items()}
    widths, rows = {}, []
    for label, found in predictions.items():
        sample = (test.target, test.weight)
        widths[label] = mean_over_seeds(
            [resolution(p, *sample, **options) for p in found]
        )
        median = mean_over_seeds(
            [median_response(p, *sample, **options) for p in found]
        )
        rows.append(
            {
                "label": label,
                "resolution": widths[label].to_dict(),
                "median_response": median.to_dict(),
                "trainings": len(seconds.get(label, ())),
                "seconds": float(np.mean(seconds.get(label, [0.0]))),
            }
        )
    return {
        "title": plan.title,
        "provenance": test.provenance,
        "dataset": recipe.data.dataset,
        "events": {name: len(part) for name, part in parts.items()},
        "rows": rows,
        "differences": _differences(plan, widths),
        "machine": machine(),
    }


def _differences(
    plan: RegressionStudy, widths: Mapping[str, Measured]
) -> list[dict[str, Any]]:
    """Those of rows that are there: not every data set has a soft-drop mass."""
    return [
        {
            "first": first,
            "second": second,
            "resolution": widths[first].minus(widths[second]).to_dict(),
        }
        for first, second in plan.differences
        if first in widths and second in widths
    ]


def mass_text(document: Mapping[str, Any]) -> str:
    """The table as Markdown.

    Args:
        document: From `mass_document`, also when read back from JSON.
    """
    events = document["events"]
    of_jets = f"{events['train']:,} training and {events['test']:,} test jets"
    lines = [
        f"{document['title']} ({document['provenance']}; {of_jets})",
        "",
        "| | resolution | median response | trainings | time of one (s) |",
        "|---|---|---|---|---|",
    ]
    for row in document["rows"]:
        numbers = (
            Measured.from_dict(row[n]) for n in ("resolution", "median_response")
        )
        time = f"{row['seconds']:.0f}" if row["trainings"] else ""
        cells = (row["label"], *map(str, numbers), str(row["trainings"] or ""), time)
        lines.append(f"| {' | '.join(cells)} |")
    if document["differences"]:
        lines += ["", "| difference | resolution |", "|---|---|"]
    for one in document["differences"]:
        difference = Measured.from_dict(one["resolution"])
        lines.append(f"| {one['first']} less {one['second']} | {difference} |")
    note = (
        "Half the width of the central 68 % of prediction over truth, over its median. "
        "Errors: bootstrap of the test jets and, in quadrature, the spread over "
        "trainings; differences are paired on the test jets."
    )
    return "\n".join([*lines, "", note])
