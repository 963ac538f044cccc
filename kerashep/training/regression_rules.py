"""What goes with the losses of a regression, and what does not."""

from typing import TYPE_CHECKING

from kerashep.training.data_section import DataSection
from kerashep.training.recipe_sections import BackgroundMassSection, EvaluationSection

if TYPE_CHECKING:
    from kerashep.training.recipe import TrainingSection

REGRESSION_LOSSES = ("trimmed_ratio", "mean_squared_error")


def check_regression(
    training: "TrainingSection", data: DataSection, evaluation: EvaluationSection
) -> None:
    """Refuses settings that are of classes.

    Args:
        training: With the loss of a regression.
        data: Of the same recipe.
        evaluation: Of the same recipe.

    Raises:
        ValueError: Naming the key.
    """
    stopping, mass = training.early_stopping, training.background_mass
    by_auc = stopping is not None and stopping.monitor == "val_auc"
    of_signal = ("masses_gev", "interpolation", "ams")
    problems = {
        "`training.balance` is of classes": training.balance != "none",
        "`training.background_mass` is of classes": mass != BackgroundMassSection(),
        "`early_stopping.monitor: val_auc` is of classes, unlike val_loss": by_auc,
        "`training.ensemble` weighs folds by the loss of classes": training.ensemble,
        "`data.training_weights` balances classes (use physics_normalised or flat)": (
            data.training_weights.startswith("balanced")
        ),
        "`evaluation.extrapolation` is of signal": evaluation.extrapolation,
        **{
            f"`evaluation.{name}` is of signal": getattr(evaluation, name) is not None
            for name in of_signal
        },
    }
    for problem, found in problems.items():
        if found:
            raise ValueError(
                f"{problem}: it does not go with a regression. "
                f"Received: training.loss='{training.loss}'."
            )
