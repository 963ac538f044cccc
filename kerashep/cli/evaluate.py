"""`kerashep evaluate`: a trained model on events."""

from pathlib import Path
from typing import Annotated

import typer

from kerashep.cli.options import Data, Provenance
from kerashep.cli.quiet import import_tensorflow_quietly
from kerashep.cli.written import show_written


def evaluate_command(
    run: Annotated[Path, typer.Argument(help="Run folder of `kerashep train`.")],
    data: Data = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Folder of the results. Default: RUN/evaluation."
        ),
    ] = None,
    mass: Annotated[
        list[float] | None, typer.Option(help="Mass in GeV; repeatable.")
    ] = None,
    provenance: Provenance = None,
    bootstrap: Annotated[
        int | None,
        typer.Option(min=2, help="Bootstrap samples. Default: the recipe's."),
    ] = None,
) -> None:
    """Evaluate a trained model per mass, on its test events or on a file."""
    import_tensorflow_quietly(one_thread=True)
    from kerashep.jobs.evaluate import evaluate_job

    written = evaluate_job(
        run,
        data=data or [],
        output=output,
        masses_gev=mass,
        provenance=provenance,
        bootstrap=bootstrap,
        say=typer.echo,
    )
    show_written(written)
