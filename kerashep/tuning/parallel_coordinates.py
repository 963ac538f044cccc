"""Parallel coordinates of all trials: one HTML file that needs nothing else."""

import json
from pathlib import Path
from typing import Any

from kerashep._files import write_text
from kerashep.tuning.axes import make_axis
from kerashep.tuning.trial_table import TrialTable

_SHOWN = ("parameters", "seconds")


def coordinates_page(table: TrialTable, title: str) -> str:
    """A page with one line a trial, to filter on each axis, and a table to sort.

    Args:
        table: All trials; those without a score are not drawn.
        title: Of the search.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
    )
    content = page_content(table)
    # In a script element nothing is escaped: `</script>` must not end it.
    data = json.dumps(content, allow_nan=False).replace("<", "\\u003c")
    return environment.get_template("parallel_coordinates.html.j2").render(
        title=title,
        provenance=table.provenance,
        objective=table.objective,
        data=data,
    )


def write_coordinates(table: TrialTable, title: str, path: Path) -> None:
    """Writes the page.

    Args:
        table: All trials.
        title: Of the search.
        path: The HTML file.
    """
    write_text(path, coordinates_page(table, title))


def page_content(table: TrialTable) -> dict[str, Any]:
    """What the page draws: axes with ticks, and trials with a place on each.

    Args:
        table: All trials.
    """
    rows = [row for row in table.rows if row["score"] is not None]
    drawn = TrialTable(table.objective, table.hyperparameters, "", tuple(rows))
    axes, places = [], []
    for name in (*table.hyperparameters, *_SHOWN, "score"):
        axis = make_axis(name, drawn.column(name))
        if axis is None:
            continue
        scale = max(len(axis.levels) - 1, 1)
        grid = axis.grid(5)
        axes.append(
            {
                "name": table.objective if name == "score" else name,
                "ticks": [
                    {"at": float(p) / scale, "label": axis.label(float(p))}
                    for p in grid
                ],
            }
        )
        places.append((axis.position(drawn.column(name)) / scale).tolist())
    columns = ["trial", "status", "score", "standard_error", *table.hyperparameters]
    return {
        "axes": axes,
        "columns": [*columns, *_SHOWN],
        "trials": [
            {
                "places": [place[i] for place in places],
                "score": row["score"],
                "finished": row["status"] == "finished",
                "cells": [row[name] for name in (*columns, *_SHOWN)],
            }
            for i, row in enumerate(rows)
        ],
    }
