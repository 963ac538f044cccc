"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    list[Path] | None,
    typer.Option(
        "--data",
        help="File of events (Parquet, CSV, HDF5, ROOT; repeatable), a YAML file that "
        "lists files as `data.files` of a recipe does or, for a named data set, the "
        "folder of its files.",
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column", help="FEATURE=COLUMN where the file names it so; repeatable."
    ),
]
Kept = Annotated[
    list[str] | None,
    typer.Option(
        "--keep", help="Input column to copy; repeatable. Default: all flat ones."
    ),
]
Masses = Annotated[
    list[float] | None,
    typer.Option(
        "--mass",
        help="Mass in GeV, one score column each; repeatable. Default: the training "
        "masses.",
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a recipe value: training.epochs=10."),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "--parameters",
        metavar="VALUE,VALUE,...",
        help="Instead of --mass for a model of several parameters: one value each, "
        "such as 500,0.3; repeatable.",
    ),
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
