"""`kerashep features`: which features matter, and which say the same."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kerashep._files import require_writable, write_json
from kerashep.data.events import Events
from kerashep.evaluation import plots
from kerashep.evaluation.feature_correlation import feature_correlation
from kerashep.evaluation.feature_importance import FeatureImportance, feature_importance
from kerashep.evaluation.forest_study import ForestSettings
from kerashep.evaluation.mutual_dependence import MutualDependence, mutual_dependence
from kerashep.jobs.training_events import training_events


def features_job(
    recipe: str,
    *,
    data: Sequence[Path],
    output: Path | None,
    overrides: Sequence[str],
    provenance: str | None,
    quick: bool,
    retrainings: int,
    max_events: int,
    say: Callable[[str], None],
) -> list[Path]:
    """Studies the features of a recipe's training events with random forests.

    Args:
        recipe: Published name, folder or file.
        data: Files of events, or the folder of a named data set.
        output: Folder to write; `runs/<recipe>_features` by default.
        overrides: Recipe values.
        provenance: Of files.
        quick: Whether the recipe's quick settings apply, and forests are small.
        retrainings: Forests behind each importance and its error.
        max_events: Events that forests see at most.
        say: Receives messages.

    Returns:
        `features.json` and three figures.
    """
    folder = output or Path("runs") / f"{Path(recipe).stem}_features"
    require_writable(folder, "-o", folder=True)
    chosen, train = training_events(
        recipe, data, overrides, provenance=provenance, quick=quick, say=say
    )
    forest = ForestSettings(trees=10 if quick else 50, max_events=max_events)
    say("Correlations ...")
    correlation = feature_correlation(train)
    say("Importance ...")
    importance = feature_importance(
        train, retrainings=retrainings, forest=forest, seed=chosen.seed
    )
    say("Dependence on the others ...")
    dependence = mutual_dependence(train, forest=forest, seed=chosen.seed)
    drawn = {
        "correlation": plots.plot_feature_correlation(correlation, train.provenance),
        "importance": plots.plot_feature_importance(importance, train.provenance),
        "dependence": plots.plot_mutual_dependence(dependence, train.provenance),
    }
    written = [folder / "features.json"]
    content = _content(train, importance, dependence)
    content["spearman"] = correlation.matrix.tolist()
    write_json(written[0], content)
    for name, figure in drawn.items():
        written.append(folder / f"{name}.png")
        plots.save_figure(figure, written[-1])
    for line in _lines(importance, dependence):
        say(line)
    return written


def _content(
    train: Events, importance: FeatureImportance, dependence: MutualDependence
) -> dict[str, Any]:
    """Numbers of each feature, in the order of the events."""
    columns = (importance.importance, importance.error, dependence.dependence)
    rows = zip(importance.feature_names, *columns, strict=True)
    return {
        "provenance": train.provenance,
        "training_events": len(train),
        "accuracy": importance.performance.to_dict(),
        "features": [
            {
                "name": name,
                "importance": {"value": float(value), "error": float(error)},
                "dependence_r2": float(r2),
            }
            for name, value, error, r2 in rows
        ],
    }


def _lines(importance: FeatureImportance, dependence: MutualDependence) -> list[str]:
    """The same for a terminal, the most important feature first."""
    lines = [f"{'feature':<28}{'importance':<22}R2 from the others"]
    for i in importance.order:
        error = importance.error[i]
        value = f"{importance.importance[i]:.4f} ± {error:.4f}"
        r2 = dependence.dependence[i]
        lines.append(f"{importance.feature_names[i]:<28}{value:<22}{r2:.3f}")
    return lines
