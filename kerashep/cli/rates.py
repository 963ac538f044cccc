"""`kerashep rates`: the learning-rate range test of a recipe."""

from pathlib import Path
from typing import Annotated

import typer

from kerashep.cli.options import Data, Overrides, Provenance, Quick
from kerashep.cli.quiet import import_tensorflow_quietly
from kerashep.cli.written import show_written


def rates_command(
    recipe: Annotated[str, typer.Argument(help="Published name, folder or YAML file.")],
    data: Data = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder. Default: runs/<recipe>_rates."),
    ] = None,
    overrides: Overrides = None,
    provenance: Provenance = None,
    quick: Quick = False,
    lowest: Annotated[float, typer.Option(help="First rate.")] = 1e-5,
    highest: Annotated[float, typer.Option(help="Last rate.")] = 1.0,
    repeats: Annotated[
        int, typer.Option(min=1, max=10, help="Folds of ten left out in turn.")
    ] = 5,
    points: Annotated[int, typer.Option(min=10, help="Points on the curve.")] = 50,
    passes: Annotated[
        float | None,
        typer.Option(help="Passes over the events. Default: one, or a step a point."),
    ] = None,
) -> None:
    """Train while the learning rate rises (range test), and suggest a rate.

    Looks at training events only.
    """
    import_tensorflow_quietly(one_thread=True)
    from kerashep.jobs.rates import rates_job

    written = rates_job(
        recipe,
        data=data or [],
        output=output,
        overrides=overrides or [],
        provenance=provenance,
        quick=quick,
        lowest=lowest,
        highest=highest,
        repeats=repeats,
        points=points,
        passes=passes,
        say=typer.echo,
    )
    show_written(written)
