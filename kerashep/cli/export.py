"""`kerashep export`: one file that scores raw features elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from kerashep.cli.quiet import import_tensorflow_quietly


def export_command(
    model: Annotated[Path, typer.Argument(help="Run folder or .keras file.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder or file to write.")
    ],
    form: Annotated[
        str, typer.Option("--format", help="saved_model, keras or onnx.")
    ] = "saved_model",
    events: Annotated[
        Path | None,
        typer.Option(help="Compare scores on all events of this file, not drawn ones."),
    ] = None,
) -> None:
    """Export a trained model; fails unless the export gives the same scores."""
    import_tensorflow_quietly()
    from kerashep.jobs.export import export_job

    typer.echo(export_job(model, output, form=form, events=events))
