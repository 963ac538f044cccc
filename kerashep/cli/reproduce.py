"""`kerashep reproduce`: a published study, ours beside the paper's."""

from pathlib import Path
from typing import Annotated

import typer

from kerashep.cli.options import Data, Provenance, Quick, Workers
from kerashep.cli.quiet import import_tensorflow_quietly


def reproduce_command(
    name: Annotated[
        str, typer.Argument(help="Published name, such as affine_pnn_hepmass.")
    ],
    study: Annotated[
        str | None, typer.Option(help="One of the studies of that folder.")
    ] = None,
    data: Data = None,
    provenance: Provenance = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="JSON file the results are added to."),
    ] = None,
    quick: Quick = False,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Trainings a cell. Default: the study's.")
    ] = None,
    workers: Workers = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Discard the trainings that are kept.")
    ] = False,
) -> None:
    """Run a study and print its table, beside the published one where there is one.

    Finished trainings are kept: the same command continues after an interruption.
    """
    import_tensorflow_quietly()
    from kerashep.jobs.reproduce import reproduce_job

    typer.echo(
        reproduce_job(
            name,
            study=study,
            data=data or [],
            provenance=provenance,
            output=output,
            quick=quick,
            seeds=seeds,
            workers=workers,
            restart=restart,
            say=typer.echo,
        )
    )
