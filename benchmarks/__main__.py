"""Runs every benchmark: `python -m benchmarks [--quick]`."""

import argparse
import importlib

BENCHMARKS = ("balanced_sampling",)


def main() -> None:
    """Parses `--quick` and runs the benchmarks one after another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under five minutes")
    quick = parser.parse_args().quick
    for name in BENCHMARKS:
        importlib.import_module(f"benchmarks.{name}").main(quick=quick)


if __name__ == "__main__":
    main()
