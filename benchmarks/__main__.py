"""Runs every benchmark, each in a process of its own, and prints one table.

python -m benchmarks [--quick]
python -m benchmarks --table
"""

import argparse
import subprocess
import sys
import time

from benchmarks.goals import machine_line, markdown_table, plain_table, read_rows
from benchmarks.losses import markdown_alternatives
from benchmarks.process import ROOT

BENCHMARKS = (
    "dense_classifier",
    "affine_pnn",
    "lbn",
    "members",
    "trials",
    "balanced_sampling",
    "augmentation",
    "growth",
    "higgsml",
    "ams_scan",
    "simulator",
    "memory",
)


def main() -> int:
    """Returns the number of benchmarks that failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under five minutes")
    parser.add_argument(
        "--table",
        action="store_true",
        help="measure nothing; print the README's table from the results files",
    )
    arguments = parser.parse_args()
    if arguments.table:
        print(readme_table())
        return 0
    failed = [name for name in BENCHMARKS if not run(name, arguments.quick)]
    suffix = "_quick" if arguments.quick else ""
    print(plain_table(read_rows(name + suffix for name in BENCHMARKS)))
    for name in failed:
        print(f"FAILED: {name}; its line above, if any, is of an earlier run")
    return len(failed)


def run(name: str, quick: bool) -> bool:
    """Whether the benchmark ended well; the others go on in any case."""
    print(f"== {name}", flush=True)
    start = time.perf_counter()
    code = subprocess.run(  # noqa: S603
        [sys.executable, "-m", f"benchmarks.{name}", *["--quick"][: int(quick)]],
        cwd=ROOT,
        check=False,
    ).returncode
    print(f"   {time.perf_counter() - start:.0f} s", flush=True)
    return code == 0


def readme_table() -> str:
    """Markdown tables of all results files, and the machine."""
    rows = markdown_table(read_rows(BENCHMARKS))
    losses = markdown_alternatives(BENCHMARKS)
    return f"{rows}\n\nMeasured on: {machine_line(BENCHMARKS)}.\n\n{losses}"


if __name__ == "__main__":
    sys.exit(main())
