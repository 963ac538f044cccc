"""`kerashep list`: what is there, without importing TensorFlow."""

from typing import Annotated

import typer


def list_command(
    kind: Annotated[
        str | None,
        typer.Argument(help="models, datasets, recipes or searches. Default: all."),
    ] = None,
) -> None:
    """List the models, data sets, recipes and searches."""
    from kerashep._messages import did_you_mean
    from kerashep.jobs.catalogue import catalogue

    sections = catalogue()
    if kind is not None and kind not in sections:
        raise ValueError(f"Nothing to list as '{kind}'." + did_you_mean(kind, sections))
    for name, entries in sections.items():
        if kind in (None, name):
            typer.secho(name, bold=True)
            width = max(len(entry.name) for entry in entries)
            for entry in entries:
                typer.echo(f"  {entry.name:<{width}}  {entry.description}")
