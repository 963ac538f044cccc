"""Times and losses of all alternatives: nobody wins by not training."""

import json
import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.timing import RESULTS

LOSS = "held_out_loss"
_FAR = 0.05
_HEAD = ("alternative", "wall / s", "CPU / s", "loss on held-out events")


def alternatives_of(content: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """One line an alternative: name, median times, loss after the training.

    A loss more than 5 % above the median of all is marked: it did not train as far.

    Args:
        content: Of a results file.
    """
    outcomes = content.get("outcomes", {})
    losses = {name: one[LOSS] for name, one in outcomes.items() if LOSS in one}
    usual = statistics.median(losses.values()) if losses else 0.0
    lines = []
    for name, timing in content.get("timings", {}).items():
        wall, cpu = (
            statistics.median(timing[f"{clock}_seconds"]) for clock in ("wall", "cpu")
        )
        loss = losses.get(name)
        far = loss is not None and loss > (1 + _FAR) * usual
        shown = "" if loss is None else f"{loss:.4f}" + (" (!)" if far else "")
        lines.append((name, f"{wall:.2f}", f"{cpu:.2f}", shown))
    return lines


def plain_alternatives(content: Mapping[str, Any]) -> str:
    """The table for a terminal."""
    lines = [_HEAD, *alternatives_of(content)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(_HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )


def markdown_alternatives(names: Iterable[str], folder: Path = RESULTS) -> str:
    """The tables of the benchmarks whose alternatives have losses, for the README.

    Args:
        names: Of results files.
        folder: Where they are.
    """
    tables = []
    for name in names:
        path = folder / f"{name}.json"
        content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        lines = alternatives_of(content)
        if any(line[-1] for line in lines):
            rows = [(f"{name}: {_HEAD[0]}", *_HEAD[1:]), ("---",) * len(_HEAD), *lines]
            tables.append("\n".join("| " + " | ".join(one) + " |" for one in rows))
    return "\n\n".join(tables)
