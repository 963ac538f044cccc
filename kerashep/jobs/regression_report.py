"""What is written of a regression: numbers, figures and the report."""

from pathlib import Path

from kerashep._files import write_json
from kerashep.evaluation import plots
from kerashep.evaluation.report import ReportContent, write_report
from kerashep.jobs.environment import machine
from kerashep.jobs.figures import Drawn
from kerashep.jobs.regression import Regression
from kerashep.jobs.report import report_figure
from kerashep.training.recipe import Recipe
from kerashep.training.run_folder import RunFolder
from kerashep.training.versions import versions
from kerashep.zoo.registry import model_class

NOTES = (
    (
        "The response is prediction over truth. The resolution is half the width "
        "between its 16 % and 84 % quantiles over its median, which no overall factor "
        "on the predictions changes; events count with their physics weights."
    ),
    (
        "Errors are bootstrap errors over test events, with the spread over trainings "
        "in quadrature where there are several."
    ),
)
_BAND = (
    "Median of the response and the band from 16 to 84 % in bins that hold equal "
    "weights; dotted: no bias."
)


def write_regression(recipe: Recipe, measured: Regression, folder: Path) -> list[Path]:
    """Writes metrics.json, figures and the report into `folder`.

    Args:
        recipe: Resolved recipe of the run.
        measured: The numbers.
        folder: Run folder, or another one.

    Returns:
        The paths.
    """
    run = RunFolder(folder)
    write_json(run.metrics, measured.document())
    label = model_class(recipe.model.name).__name__
    drawn = _draw(measured, label, run.figures)
    write_report(run.report, _content(recipe, measured, label, drawn))
    return [run.metrics, run.figures, run.report]


def _draw(measured: Regression, label: str, folder: Path) -> list[Drawn]:
    provenance = measured.provenance
    count = f"Test events: {measured.events['test']:,}."
    drawn = []
    for quantity, profile in measured.profiles.items():
        name = quantity.partition(" [")[0]
        figure = plots.plot_response({label: profile}, quantity, provenance)
        path = folder / f"response_{name.lower().replace(' ', '_')}.png"
        plots.save_figure(figure, path)
        title = f"Response against {name[0].lower()}{name[1:]}"
        drawn.append(Drawn(path, title, f"{_BAND} {count}", "Response"))
    histories = [one for one in measured.histories if one]
    if histories:
        figure = plots.plot_learning_curves(
            histories, provenance, subject=label, loss=measured.loss.replace("_", " ")
        )
        path = folder / "learning_curves.png"
        plots.save_figure(figure, path)
        caption = (
            "Of each epoch. The training loss is a mean over batches while weights "
            "change, with dropout; the validation loss that of all events after it."
        )
        drawn.append(Drawn(path, "Learning curves", caption, "Training"))
    return drawn


def _content(
    recipe: Recipe, measured: Regression, label: str, drawn: list[Drawn]
) -> ReportContent:
    training = measured.training_resolution
    under = f"{measured.events['test']:,} test events"
    headlines = [
        ("Resolution", measured.resolution, under),
        ("Median response", measured.median, "1 without bias"),
    ]
    if training is not None:
        headlines.append(("Resolution in training", training, "of training events"))
    verdict = (
        f"{label} reaches a resolution of {measured.resolution} and a median response "
        f"of {measured.median} on {measured.provenance} events."
    )
    return ReportContent(
        title=recipe.name,
        provenance=measured.provenance,
        model=label,
        verdict=verdict,
        per_mass=(),
        headlines=headlines,
        facts=_facts(recipe, measured),
        figures=[report_figure(one, measured.provenance) for one in drawn],
        recipe=recipe.to_yaml(),
        versions=versions(),
        notes=(*NOTES, *measured.remarks),
    )


def _facts(recipe: Recipe, measured: Regression) -> dict[str, str]:
    training = recipe.training
    counts = ", ".join(f"{name} {count:,}" for name, count in measured.events.items())
    return {
        "Data set": recipe.data.dataset,
        "Events": counts,
        "Trainings": f"{measured.seeds}, first seed {recipe.seed}",
        "Training": f"loss {training.loss}, {training.epochs} epochs, batch "
        f"{training.batch_size}, {training.optimizer}, learning rate "
        f"{training.learning_rate:g}",
        "Machine": ", ".join(machine().values()) + " cores",
    }
