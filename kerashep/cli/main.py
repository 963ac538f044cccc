"""The `kerashep` command: one file a subcommand, nothing heavy imported here."""

import os
import sys
import warnings

import typer

from kerashep.cli import (
    ablate,
    compare,
    evaluate,
    export,
    features,
    listing,
    predict,
    rates,
    reproduce,
    train,
    tune,
)
from kerashep.cli.recipe_words import in_recipe_words

app = typer.Typer(
    name="kerashep",
    help="Train, evaluate, export and compare neural networks for high-energy physics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("list")(listing.list_command)
app.command("train")(train.train_command)
app.command("evaluate")(evaluate.evaluate_command)
app.command("predict")(predict.predict_command)
app.command("export")(export.export_command)
app.command("reproduce")(reproduce.reproduce_command)
app.command("features")(features.features_command)
app.command("rates")(rates.rates_command)
app.command("ablate")(ablate.ablate_command)
app.command("compare")(compare.compare_command)
app.add_typer(tune.tune_app, name="tune")


def main() -> None:
    """Entry point: quiet TensorFlow, and errors of the user's as one message.

    Exits with status 2 and the message alone when the input is at fault; a fault of
    kerashep's own keeps its traceback. `KERASHEP_TRACEBACK=1` shows it always.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("ABSL_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    warnings.showwarning = _show_warning  # type: ignore[assignment]
    try:
        app()
    except (ValueError, OSError, ImportError) as error:
        if os.environ.get("KERASHEP_TRACEBACK"):
            raise
        typer.secho(f"Error: {in_recipe_words(str(error))}", fg="red", err=True)
        sys.exit(2)


def _show_warning(message: Warning | str, *_: object) -> None:
    """A warning is a message to the user: no file, no line of source."""
    typer.secho(f"Warning: {in_recipe_words(str(message))}", fg="yellow", err=True)


if __name__ == "__main__":
    main()
