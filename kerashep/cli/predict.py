"""`kerashep predict`: scores for a file of any size."""

from pathlib import Path
from typing import Annotated

import typer

from kerashep.cli.quiet import import_tensorflow_quietly


def predict_command(
    model: Annotated[
        Path,
        typer.Argument(help="Run folder, .keras file, SavedModel folder or .onnx."),
    ],
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="File of events.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="ROOT, Parquet, CSV or HDF5 file.")
    ],
    mass: Annotated[
        list[float] | None,
        typer.Option(
            help="Mass in GeV, one score column each; repeatable. "
            "Default: the training masses."
        ),
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VALUE,VALUE,...",
            help="Instead of --mass for a model of several parameters: one value each, "
            "such as 500,0.3; repeatable.",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="FEATURE=COLUMN where the file names it so; repeatable."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(help="Input column to copy; repeatable. Default: all flat ones."),
    ] = None,
    tree: Annotated[str | None, typer.Option(help="Tree of a ROOT input.")] = None,
    chunk: Annotated[
        int, typer.Option(min=1, help="Events in memory at once.")
    ] = 200_000,
) -> None:
    """Add a score column for each mass to the events of INPUT."""
    import_tensorflow_quietly()
    from kerashep.jobs.predict import predict_job

    summary = predict_job(
        model,
        source,
        output,
        masses_gev=mass,
        parameters=parameters,
        columns=column or [],
        keep=keep,
        tree=tree,
        chunk_rows=chunk,
        say=typer.echo,
    )
    typer.echo(summary)
