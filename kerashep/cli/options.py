"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    list[Path] | None,
    typer.Option(
        "--data",
        help="File of events (Parquet, CSV, HDF5, ROOT; repeatable) or, for a named "
        "data set, the folder of its files.",
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a recipe value: training.epochs=10."),
]
Provenance = Annotated[
    str | None,
    typer.Option(help="What the file holds: real, pythia or simulated."),
]
Quick = Annotated[bool, typer.Option("--quick", help="Small and short, to try it out.")]
Seeds = Annotated[int, typer.Option(min=1, help="Number of trainings with own seeds.")]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1,
        envvar="KERASHEP_WORKERS",
        help="Processes for independent trainings. Default: the processors at hand.",
    ),
]
