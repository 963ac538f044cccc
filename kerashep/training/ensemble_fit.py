"""From a recipe with `training.ensemble` to one served model of many trainings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.data.events import Events
from kerashep.data.scaling import FeatureScaler
from kerashep.training.assembly import build_schedule
from kerashep.training.callbacks import EarlyStopping
from kerashep.training.compiled import CompiledTrainer
from kerashep.training.ensemble_section import AveragingSection, EnsembleSection
from kerashep.training.fold_ensemble import FoldEnsemble, FoldModel
from kerashep.training.fold_setup import prepare_folds
from kerashep.training.held_out import Validation
from kerashep.training.kfold import FoldPlan, train_folds
from kerashep.training.recipe import Recipe
from kerashep.training.schedules import Schedule, Triangular, WarmRestarts
from kerashep.training.seeding import derive_seed
from kerashep.training.snapshots import (
    Member,
    Snapshots,
    fast_geometric_ensemble,
    snapshot_epochs,
)
from kerashep.training.swa import StochasticWeightAveraging
from kerashep.training.validation import scores
from kerashep.zoo.ensemble import Ensemble
from kerashep.zoo.inputs import model_inputs

_BATCH_NORM_EVENTS = 10_000
_STEPS = 1000  # any number: only its multiples count


@dataclass(frozen=True, eq=False)
class TrainedEnsemble:
    """What the trainings of a recipe's ensemble give.

    Attributes:
        model: Raw features (and parameters) to score: what is saved and served.
        folds: The members, with losses and histories.
        out_of_fold: `(training events,)` score of each event by the model that has not
            seen it, without test-time copies; NaN where no member left it out.
        seed: Of all trainings.
    """

    model: Ensemble
    folds: FoldEnsemble
    out_of_fold: NDArray[np.float32]
    seed: int

    @property
    def history(self) -> list[dict[str, float]]:
        """One row a sub-epoch: `epoch`, then means over the members still training."""
        histories = [fold.history for fold in self.folds.models]
        longest = max(len(history["loss"]) for history in histories)
        rows: list[dict[str, float]] = []
        for epoch in range(longest):
            training = [h for h in histories if epoch < len(h["loss"])]
            means = {
                name: float(np.mean([h[name][epoch] for h in training]))
                for name in training[0]
            }
            rows.append({"epoch": epoch + 1, **means})
        return rows

    def score(self, x: ArrayLike, m: ArrayLike | None = None) -> NDArray[np.float32]:
        """Signal probability of events, the mean over test-time copies if any.

        Args:
            x: `(n, features)` raw.
            m: `(n, parameters)`; not used by a model without parameters.
        """
        inputs = model_inputs(self.model, x, m)
        return scores(self.model, inputs["x"], inputs.get("m"))


def train_ensemble(
    recipe: Recipe,
    events: Mapping[str, Events],
    *,
    seed: int | None = None,
    workers: int = 1,
    missing_value: float | None = None,
    kept: Sequence[FoldModel] = (),
    done: Callable[[FoldModel], None] | None = None,
) -> TrainedEnsemble:
    """Trains the members of the recipe's ensemble and joins them to one model.

    One scaler, fitted on all training events, serves all members.

    Args:
        recipe: With `training.ensemble`.
        events: `train`, raw; others are ignored: each member is validated on the fold
            it does not see.
        seed: Instead of the recipe's.
        workers: Number of processes.
        missing_value: What stands for a missing value, beside NaN, in the features that
            the served model takes.
        kept: Members of an interrupted training, see `train_folds`.
        done: Called with the members as they are there.

    Raises:
        ValueError: If recipe and events do not fit.
    """
    seed = recipe.seed if seed is None else seed
    section, raw = recipe.training.ensemble, events["train"]
    if section is None:
        raise ValueError(
            "`train_ensemble` needs a recipe with `training.ensemble`. "
            f"Received: '{recipe.name}' without; use `kerashep.training.train`."
        )
    prepared = prepare_folds(recipe, raw)
    train = prepared.events
    plan = _plan(recipe, section, train, prepared.scaler)
    folds = train_folds(
        prepared.setup,
        plan,
        train,
        folds=section.folds,
        members=section.count,
        seed=derive_seed(seed, "folds"),
        workers=workers,
        kept=kept,
        done=done,
    )
    model = folds.ensemble(
        prepared.setup.build(),
        weighting=section.weighting,
        cartesian=prepared.cartesian,
        augmentation=prepared.augmentation,
        frame=prepared.frame,
        missing_value=missing_value,
    )
    return TrainedEnsemble(model, folds, folds.out_of_fold, seed)


def _plan(
    recipe: Recipe, section: EnsembleSection, train: Events, scaler: FeatureScaler
) -> FoldPlan:
    epochs = recipe.training.epochs * section.sub_epochs
    stopping = recipe.training.early_stopping

    def callbacks(validation: Validation) -> Sequence[keras.callbacks.Callback]:
        found: list[keras.callbacks.Callback] = []
        if stopping is not None:
            found.append(EarlyStopping(stopping))
        if section.averaging is not None:
            example = scaler.transform(train.features[:_BATCH_NORM_EVENTS])
            found.append(_averaging(section.averaging, validation, example))
        if section.snapshots is not None:
            ends = _cycle_ends(recipe, section, epochs)
            found.append(
                Snapshots(
                    ends,
                    previous=section.snapshots.previous,
                    weighting=section.snapshots.weighting,
                    validation=validation,
                )
            )
        return found

    return FoldPlan(
        epochs=epochs,
        sub_epochs=section.sub_epochs,
        schedule=_schedule(recipe, section),
        callbacks=callbacks,
        validate=True,
        finish=_finish(section, epochs),
    )


def _schedule(
    recipe: Recipe, section: EnsembleSection
) -> Callable[[int], Schedule] | None:
    if recipe.training.schedule is None:
        return None

    def rates(sub_epoch_steps: int) -> Schedule:
        schedule = build_schedule(recipe, sub_epoch_steps * section.sub_epochs)
        assert schedule is not None  # noqa: S101  (as tested above)
        return schedule

    return rates


def _averaging(
    section: AveragingSection, validation: Validation, example: NDArray[np.float32]
) -> StochasticWeightAveraging:
    return StochasticWeightAveraging(
        section.start,
        validation=validation,
        first_epoch=section.first,
        every=section.every,
        renewal=section.renewal,
        keep=section.keep,
        batch_norm_inputs={"x": example},
    )


def _cycle_ends(
    recipe: Recipe, section: EnsembleSection, epochs: int
) -> tuple[int, ...]:
    """Sub-epochs with which the cycles of the schedule end."""
    schedule = build_schedule(recipe, _STEPS * section.sub_epochs)
    if not isinstance(schedule, (WarmRestarts, Triangular)):
        raise ValueError(  # noqa: TRY004  (a matter of the recipe)
            "`ensemble.snapshots` needs a `schedule` of cycles from the first epoch "
            "on: sgdr or cyclical without `warmup_epochs`."
        )
    return snapshot_epochs(schedule, steps_per_epoch=_STEPS, epochs=epochs)


def _finish(
    section: EnsembleSection, epochs: int
) -> Callable[[CompiledTrainer, Validation], tuple[Member, ...]] | None:
    further = section.geometric
    if further is None:
        return None

    def cycles(trainer: CompiledTrainer, validation: Validation) -> tuple[Member, ...]:
        return fast_geometric_ensemble(
            trainer,
            epoch=epochs,
            cycles=further.cycles,
            cycle_epochs=further.cycle,
            lowest=further.lowest,
            highest=further.highest,
            validation=validation,
        )

    return cycles
