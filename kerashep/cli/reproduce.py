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
    """Run a study or an ablation and print its table, beside the published one.

    Finished trainings are kept: the same command continues after an interruption.
    """
    import_tensorflow_quietly()
    from kerashep.jobs.ablation import list_ablations
    from kerashep.jobs.regression_study import list_regressions
    from kerashep.jobs.reproduce import reproduce_job

    for known, run in (
        (list_ablations(name), _ablate),
        (list_regressions(name), _regress),
    ):
        if known and study in (None, *known):
            _refuse_provenance(name, provenance)
            run(name, study, data, output, quick, seeds, workers, restart)
            return
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


def _refuse_provenance(name: str, provenance: str | None) -> None:
    if provenance is not None:
        raise ValueError(
            f"'{name}' reads a named data set, whose provenance is known: leave "
            f"--provenance out. Received: {provenance}."
        )


def _regress(
    name: str,
    study: str | None,
    data: list[Path] | None,
    output: Path | None,
    quick: bool,
    seeds: int | None,
    workers: int | None,
    restart: bool,
) -> None:
    """Mass regressions beside the usual estimates."""
    from kerashep.jobs.mass_study import mass_study_job

    typer.echo(
        mass_study_job(
            name,
            study=study,
            data=data or [],
            output=output,
            quick=quick,
            seeds=seeds,
            workers=workers,
            restart=restart,
            say=typer.echo,
        )
    )


def _ablate(
    name: str,
    ablation: str | None,
    data: list[Path] | None,
    output: Path | None,
    quick: bool,
    seeds: int | None,
    workers: int | None,
    restart: bool,
) -> None:
    """The ablations of a model whose published tables are such, all by default."""
    from kerashep.jobs.ablate import ablate_job

    ablate_job(
        name,
        ablations=[] if ablation is None else [ablation],
        data=data or [],
        output=output,
        overrides=[],
        quick=quick,
        seeds=seeds,
        workers=workers,
        restart=restart,
        say=typer.echo,
    )
