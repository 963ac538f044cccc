"""The command line of one benchmark, and what all results files have in common."""

import argparse
import os
from collections.abc import Callable
from typing import Any

from benchmarks.goals import plain_table
from benchmarks.losses import plain_alternatives
from benchmarks.timing import write_results


def command(name: str, doc: str | None, measure: Callable[[bool], Any]) -> None:
    """Parses `--quick`, measures, prints the rows and writes the results file.

    Args:
        name: Of the results file; `_quick` is added where it is quick.
        doc: Docstring of the benchmark, whose last paragraph says what the work is.
        measure: From whether it is quick to the content of the file.
    """
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--quick", action="store_true", help="smaller, and rougher")
    quick = parser.parse_args().quick
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    result = {
        "work": work_of(doc),
        "load_average_before": load,
        "timed": "imports, building, compiling and one untimed run come before; "
        "alternatives in turn, one process at a time; losses and parts afterwards",
        **measure(quick),
    }
    print(plain_table(result["rows"]))
    print(plain_alternatives(result))
    path = write_results(name + ("_quick" if quick else ""), result)
    print(f"Written: {path}")


def work_of(doc: str | None) -> str:
    """The last paragraph of a docstring, on one line."""
    return " ".join((doc or "").strip().split("\n\n")[-1].split())
