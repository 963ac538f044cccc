"""`kerashep compare`: networks, AutoML and boosted trees at the same budget."""

from pathlib import Path
from typing import Annotated

import typer

from kerashep.cli.options import Data, Overrides, Provenance, Quick, Workers
from kerashep.cli.quiet import import_tensorflow_quietly
from kerashep.cli.written import show_written


def compare_command(
    recipe: Annotated[str, typer.Argument(help="Published name or a recipe file.")],
    rivals: Annotated[
        list[str],
        typer.Option(
            "--with", help="automl, lightgbm, xgboost, tuned: some, with commas."
        ),
    ],
    data: Data = None,
    provenance: Provenance = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="JSON file; the page is beside it."),
    ] = None,
    overrides: Overrides = None,
    seconds: Annotated[
        float, typer.Option(min=1, help="Time budget of each solution and fold.")
    ] = 300,
    folds: Annotated[int, typer.Option(min=2, help="Each scored by the others.")] = 5,
    seeds: Annotated[int, typer.Option(min=1, help="Repetitions, other folds.")] = 1,
    mode: Annotated[
        str, typer.Option(help="Of AutoML: Explain, Perform or Compete.")
    ] = "Perform",
    space: Annotated[
        str | None, typer.Option(help="Of `tuned`. Default: that of the model.")
    ] = None,
    quick: Quick = False,
    workers: Workers = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Discard the trainings that are kept.")
    ] = False,
) -> None:
    """Compare a recipe's network with AutoML, boosted trees and a tuned network.

    All have the same events, weights, folds and time budget. Every event is scored by
    trainings that have not seen it. Finished trainings are kept: the same command
    continues after an interruption.
    """
    import_tensorflow_quietly()
    from kerashep.jobs.compare import Contest, compare_job

    contest = Contest(
        recipe=recipe,
        overrides=tuple(overrides or ()),
        rivals=tuple(name.strip() for text in rivals for name in text.split(",")),
        seconds=seconds,
        folds=folds,
        seeds=seeds,
        mode=mode,
        space=space,
        quick=quick,
    )
    written = compare_job(
        contest,
        data=data or [],
        provenance=provenance,
        output=output,
        workers=workers,
        restart=restart,
        say=typer.echo,
    )
    show_written(written)
