"""`kerashep features`: which features matter, and which say the same."""

from pathlib import Path
from typing import Annotated

import typer

from kerashep.cli.options import Data, Overrides, Provenance, Quick
from kerashep.cli.written import show_written


def features_command(
    recipe: Annotated[str, typer.Argument(help="Published name, folder or YAML file.")],
    data: Data = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder. Default: runs/<recipe>_features."),
    ] = None,
    overrides: Overrides = None,
    provenance: Provenance = None,
    quick: Quick = False,
    retrainings: Annotated[
        int, typer.Option(min=2, help="Forests behind each importance.")
    ] = 5,
    max_events: Annotated[
        int, typer.Option(min=100, help="Events that forests see at most.")
    ] = 20_000,
) -> None:
    """Importance, Spearman correlation and mutual dependence of the features.

    Looks at training events only.
    """
    from kerashep.jobs.features import features_job

    written = features_job(
        recipe,
        data=data or [],
        output=output,
        overrides=overrides or [],
        provenance=provenance,
        quick=quick,
        retrainings=retrainings,
        max_events=max_events,
        say=typer.echo,
    )
    show_written(written)
