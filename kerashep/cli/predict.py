"""`kerashep predict`: scores for a file of any size."""

from pathlib import Path
from typing import Annotated

import typer

from kerashep.cli.options import Columns, Kept, Masses, Parameters
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
    mass: Masses = None,
    parameters: Parameters = None,
    column: Columns = None,
    keep: Kept = None,
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
