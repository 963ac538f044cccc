"""`kerashep train`: from events to a run folder."""

from pathlib import Path
from typing import Annotated

import typer

from kerashep.cli.options import Data, Overrides, Provenance, Quick, Seeds, Workers
from kerashep.cli.quiet import import_tensorflow_quietly
from kerashep.cli.written import show_written


def train_command(
    recipe: Annotated[str, typer.Argument(help="Published name, folder or YAML file.")],
    data: Data = None,
    run: Annotated[
        Path | None, typer.Option(help="Run folder. Default: runs/<recipe name>.")
    ] = None,
    overrides: Overrides = None,
    provenance: Provenance = None,
    quick: Quick = False,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the first training.")
    ] = None,
    seeds: Seeds = 1,
    workers: Workers = None,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write TensorBoard logs too.")
    ] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Discard what the run folder holds.")
    ] = False,
) -> None:
    """Train, evaluate per mass, export and report; resumes after an interruption."""
    import_tensorflow_quietly(one_thread=True)
    from kerashep.jobs.train import train_job

    written = train_job(
        recipe,
        data=data or [],
        run=run,
        overrides=overrides or [],
        provenance=provenance,
        quick=quick,
        seed=seed,
        seeds=seeds,
        workers=workers,
        tensorboard=tensorboard,
        restart=restart,
        say=typer.echo,
    )
    show_written(written)
