"""What was to be shown, what was measured, and the tables of both."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.timing import RESULTS, Ratio, Timing, as_dict, ratio

_LARGE_SPREAD = 0.3


@dataclass(frozen=True)
class Goal:
    """A line of the table.

    Args:
        work: What is compared.
        must: Ratio that has to be reached.
        aim: Ratio that is aimed at.
        at_most: Whether the ratio has to be at most that, rather than at least.
        unit: `x` for ratios, `s` for a time.
    """

    work: str
    must: float
    aim: float
    at_most: bool = False
    unit: str = "x"

    def reached(self, value: float, bound: float) -> bool:
        """Whether `value` is on the right side of `bound`."""
        return value <= bound if self.at_most else value >= bound


def compared(
    goal: Goal,
    timings: Mapping[str, Timing],
    over: str,
    under: str,
    *,
    per: float = 1.0,
    clock: str | None = None,
) -> dict[str, Any]:
    """Row of the time of one alternative over that of another.

    Args:
        goal: The line.
        timings: Of all alternatives that finished.
        over: Name of the alternative whose time is divided.
        under: Name of the alternative whose time divides.
        per: Work of `under` over work of `over`, where they did different amounts.
        clock: `wall` or `cpu`; by default as `headline` chooses.
    """
    missing = [name for name in (over, under) if name not in timings]
    if missing:
        return unmeasured(goal, f"{missing[0]} failed")
    both = {
        name: ratio(timings[over], timings[under], per=per, clock=name)
        for name in ("wall", "cpu")
    }
    return row(goal, both, clock or headline(**both))


def seconds(goal: Goal, timings: Mapping[str, Timing], name: str) -> dict[str, Any]:
    """Row of the time of one alternative, rather than of a ratio."""
    if name not in timings:
        return unmeasured(goal, f"{name} failed")
    walls = timings[name].wall_seconds
    return row(
        goal, {"wall": Ratio(timings[name].wall, min(walls), max(walls))}, "wall"
    )


def other(timings: Mapping[str, Timing], over: str, under: str) -> dict[str, Any]:
    """Ratio of two alternatives, by both clocks, that nothing was asked of."""
    if over not in timings or under not in timings:
        return {"reason": "not measured"}
    return {
        clock: as_dict(ratio(timings[over], timings[under], clock=clock))
        for clock in ("wall", "cpu")
    }


def row(goal: Goal, ratios: Mapping[str, Ratio], clock: str) -> dict[str, Any]:
    """Row of measured ratios, one a clock.

    Args:
        goal: The line.
        ratios: By `wall` and `cpu`, or one of them.
        clock: Which one is the headline.
    """
    value = ratios[clock].median
    return {
        **vars(goal),
        "measured": value,
        "lowest": ratios[clock].lowest,
        "highest": ratios[clock].highest,
        "clock": clock,
        "must_reached": goal.reached(value, goal.must),
        "aim_reached": goal.reached(value, goal.aim),
        **{name: as_dict(one) for name, one in ratios.items()},
    }


def unmeasured(goal: Goal, reason: str) -> dict[str, Any]:
    """Row of something that failed."""
    return {**vars(goal), "measured": None, "reason": reason}


def headline(wall: Ratio, cpu: Ratio) -> str:
    """`wall`, unless its spread is large, from other load, and that of `cpu` is not."""
    spreads = [(one.highest - one.lowest) / one.median for one in (wall, cpu)]
    return "cpu" if spreads[0] > _LARGE_SPREAD and spreads[1] < spreads[0] else "wall"


def read_rows(names: Iterable[str], folder: Path = RESULTS) -> list[dict[str, Any]]:
    """Rows of all results files that exist, in the order of `names`."""
    paths = [folder / f"{name}.json" for name in names]
    files = [json.loads(p.read_text(encoding="utf-8")) for p in paths if p.exists()]
    return [row for content in files for row in content.get("rows", ())]


def plain_table(rows: Iterable[Mapping[str, Any]]) -> str:
    """Table for a terminal."""
    lines = [("work", "must", "aim", "measured", "spread", "clock", "")]
    lines += [(*_cells(one), _verdict(one)) for one in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )


def markdown_table(rows: Iterable[Mapping[str, Any]]) -> str:
    """The same for the README."""
    head = "| work | must | aim | measured | lowest to highest | clock |\n"
    body = ("| " + " | ".join(_cells(one)) + " |" for one in rows)
    return head + "|---|---|---|---|---|---|\n" + "\n".join(body)


def machine_line(names: Iterable[str], folder: Path = RESULTS) -> str:
    """One line that names the machines and versions of the results files."""
    found = set()
    for name in names:
        path = folder / f"{name}.json"
        if path.exists():
            info = json.loads(path.read_text(encoding="utf-8"))["machine"]
            packages = ", ".join(f"{k} {v}" for k, v in info["packages"].items())
            found.add(
                f"{info['processor']}, {info['cores_of_machine']} cores, "
                f"{info['system']}, Python {info['python']}, {packages}"
            )
    return "; ".join(sorted(found))


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    start, unit = "at most " if one["at_most"] else "", one.get("unit", "x")
    bounds = (f"{start}{one['must']:g} {unit}", f"{one['aim']:g} {unit}")
    if one["measured"] is None:
        return (one["work"], *bounds, f"not measured: {one['reason']}", "", "")
    spread = f"{_number(one['lowest'])} to {_number(one['highest'])}"
    return (
        one["work"],
        *bounds,
        f"{_number(one['measured'])} {unit}",
        spread,
        one["clock"],
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 20 else f"{value:.2f}"


def _verdict(one: Mapping[str, Any]) -> str:
    if one["measured"] is None:
        return "?"
    if one["aim_reached"]:
        return "aim reached"
    return "must reached" if one["must_reached"] else "NOT REACHED"
