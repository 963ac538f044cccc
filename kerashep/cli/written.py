"""The last lines of a command: what it has written."""

from collections.abc import Sequence
from pathlib import Path

import typer


def show_written(paths: Sequence[Path]) -> None:
    """Lists files and folders.

    Args:
        paths: What was written.
    """
    typer.secho("Written:", bold=True)
    for path in paths:
        typer.echo(f"  {path}")
