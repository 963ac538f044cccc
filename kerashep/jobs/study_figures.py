"""The figure of a study that scans the number of training events."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerashep.evaluation import plots
from kerashep.evaluation.measured import Measured
from kerashep.jobs.limits import mean_limit_auc


def draw_study(document: Mapping[str, Any], folder: Path, name: str) -> list[Path]:
    """Draws the mean ROC AUC of each row against the number of training events.

    Args:
        document: From `study_document`.
        folder: Where the PNG file goes.
        name: Of the study, the start of the file's name.

    Returns:
        The file; none if no row was trained with different numbers of events.
    """
    models: dict[str, dict[int, Measured]] = {}
    for row in document["rows"]:
        area = Measured.from_dict(row["mean_roc_auc"])
        models.setdefault(row["row"], {})[row["training_events"]] = area
    if all(len(sizes) == 1 for sizes in models.values()):
        return []
    per_mass = document["rows"][0]["per_mass"]
    masses = [one["mass"] for one in per_mass]
    mean = f", mean over {len(masses)} masses" if len(masses) > 1 else ""
    figure = plots.plot_training_size(
        models,
        f"ROC AUC{mean}",
        document["provenance"],
        limit=mean_limit_auc(masses) if "auc_fraction" in per_mass[0] else None,
    )
    path = folder / f"{name}_training_size.png"
    plots.save_figure(figure, path)
    return [path]
