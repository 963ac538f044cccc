"""`kerashep tune`: search hyperparameters; `kerashep tune show`: look at a search."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from kerashep.cli.options import Data, Overrides, Provenance, Quick, Workers
from kerashep.cli.quiet import import_tensorflow_quietly
from kerashep.cli.written import show_written

Study = Annotated[
    str, typer.Argument(help="Published search study, or its folder or study.yaml.")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", help="Folder of the search. Default: runs/tuning/<study>."
    ),
]


class _RunByDefault(TyperGroup):
    """`kerashep tune STUDY` is `kerashep tune run STUDY`."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["run", *args]
        return super().parse_args(ctx, args)


tune_app = typer.Typer(
    cls=_RunByDefault,
    no_args_is_help=True,
    help="Search hyperparameters by cross-validated trials: kerashep tune STUDY.",
)


@tune_app.command("run")
def run_command(
    study: Study,
    data: Data = None,
    provenance: Provenance = None,
    output: Output = None,
    overrides: Overrides = None,
    quick: Quick = False,
    trials: Annotated[
        int | None, typer.Option(min=1, help="Default: those of the study.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(min=1, help="Wall time of the search. Default: the study's."),
    ] = None,
    workers: Workers = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Discard the trials that are kept.")
    ] = False,
) -> None:
    """Run a search, or continue it. `run` may be left out.

    Every fold of every trial is kept as soon as it is trained: the same command
    continues after an interruption, and goes on with a larger --trials or --seconds.
    """
    import_tensorflow_quietly()
    from kerashep.jobs.tune import TuneOptions, tune_job

    options = TuneOptions(
        data=tuple(data or ()),
        provenance=provenance,
        output=output,
        overrides=tuple(overrides or ()),
        quick=quick,
        trials=trials,
        seconds=seconds,
        workers=workers,
        restart=restart,
    )
    show_written(tune_job(study, options, typer.echo))


@tune_app.command("show")
def show_command(study: Study, output: Output = None) -> None:
    """Show a search, also one under way: best trials and figures."""
    from kerashep.jobs.search_show import show_job

    show_written(show_job(study, output, typer.echo))
