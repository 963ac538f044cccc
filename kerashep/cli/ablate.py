"""`kerashep ablate`: what each technique is worth, out of fold, with errors."""

from pathlib import Path
from typing import Annotated

import typer

from kerashep.cli.options import Data, Overrides, Quick, Workers
from kerashep.cli.quiet import import_tensorflow_quietly
from kerashep.cli.written import show_written


def ablate_command(
    name: Annotated[
        str, typer.Argument(help="Published name or its folder: zoo/higgsml_dense.")
    ],
    tables: Annotated[
        list[str] | None,
        typer.Option("--table", help="One of its ablations; repeatable. Default: all."),
    ] = None,
    data: Data = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="JSON file the results are added to."),
    ] = None,
    overrides: Overrides = None,
    quick: Quick = False,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Default: those of the ablation.")
    ] = None,
    workers: Workers = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Discard the trainings that are kept.")
    ] = False,
) -> None:
    """Compare solutions that differ by one technique, and boosted trees.

    Every event is scored by trainings that have not seen it. Finished trainings are
    kept: the same command continues after an interruption.
    """
    import_tensorflow_quietly()
    from kerashep.jobs.ablate import ablate_job

    written = ablate_job(
        name,
        ablations=tables or [],
        data=data or [],
        output=output,
        overrides=overrides or [],
        quick=quick,
        seeds=seeds,
        workers=workers,
        restart=restart,
        say=typer.echo,
    )
    show_written(written)
