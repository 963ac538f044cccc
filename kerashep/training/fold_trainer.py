"""Trainings that leave out one fold each, all through one compiled program."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from kerashep.data.background_mass import BackgroundMass
from kerashep.data.events import Events
from kerashep.data.pipeline import BatchPipeline
from kerashep.data.scaling import FeatureScaler
from kerashep.training.compiled import CompiledTrainer
from kerashep.training.held_out import Validation
from kerashep.training.schedules import Schedule
from kerashep.training.seeding import derive_seed
from kerashep.training.sub_epochs import SubEpochs
from kerashep.zoo.inputs import input_widths

Folds = Sequence[NDArray[np.intp]]


@dataclass(frozen=True)
class FoldSetup:
    """What the trainings of all folds have in common.

    For trainings in several processes the three must be functions that can be pickled;
    lambdas and functions inside functions can.

    Args:
        build: Returns a compiled model that takes scaled features. Called once a
            process: folds differ by the seed from which its weights are drawn.
        pipeline: Function of the raw training events, their scaler and a seed that
            returns the batches. Events come with their training weights.
        scaler: Function of the raw training events that returns their scaler. One that
            returns a scaler fitted beforehand makes all folds share it.
    """

    build: Callable[[], keras.Model]
    pipeline: Callable[[Events, FeatureScaler, int], BatchPipeline]
    scaler: Callable[[Events], FeatureScaler] = FeatureScaler.fit


@dataclass(frozen=True, eq=False)
class PreparedFold:
    """What the model of a fold is validated on.

    Attributes:
        validation: `(x, y, weight)` of the left-out events, scaled, with training
            weights; `x` as the model takes it.
        scaler: Fitted on the other events.
    """

    validation: Validation
    scaler: FeatureScaler


class FoldTrainer:
    """One model, one compiled program, any number of left-out folds.

    Epochs are sub-epochs, see `SubEpochs`: `1 / sub_epochs` of the full batches of the
    smallest training part, so that a step has the same meaning for every fold. Only the
    training events of the present fold are in memory beside `events`.

    Args:
        setup: Model, batches and scaler.
        events: All events, raw.
        folds: Rows of each fold, see `kerashep.data.fold_indices`.
        sub_epochs: Number of sub-epochs a pass over the training events.
        schedule: Function of the steps a sub-epoch that returns the rates; without it
            the optimizer keeps its own.
        seed: From which the seeds of all folds follow.

    Attributes:
        trainer: The compiled program; None before the first fold.
    """

    def __init__(
        self,
        setup: FoldSetup,
        events: Events,
        folds: Folds,
        *,
        sub_epochs: float = 1,
        schedule: Callable[[int], Schedule] | None = None,
        seed: int = 0,
    ) -> None:
        self.setup, self.events, self.folds = setup, events, folds
        self.sub_epochs, self.schedule, self.seed = sub_epochs, schedule, seed
        self.trainer: CompiledTrainer | None = None

    def prepare(self, fold: int) -> tuple[CompiledTrainer, PreparedFold]:
        """A fresh training on all events but those of a fold.

        Args:
            fold: Number of the fold, from 0.

        Returns:
            The trainer, its model with new weights, ready for `fit`; and the fold.
        """
        kept = np.ones(len(self.events), bool)
        kept[self.folds[fold]] = False
        train = self.events.take(kept)
        scaler = self.setup.scaler(train)
        batches = self.setup.pipeline(train, scaler, self._seed(fold, "batches"))
        pipeline = self._sub_epochs(batches)
        if self.trainer is None:
            steps = pipeline.steps_per_epoch
            schedule = None if self.schedule is None else self.schedule(steps)
            model = self.setup.build()
            self.trainer = CompiledTrainer(model, pipeline, schedule=schedule)
        else:
            self.trainer.use(pipeline)
        self.trainer.reset(self._seed(fold, "weights"))
        left_out = self.events.take(self.folds[fold])
        seed = self._seed(fold, "validation")
        validation = validation_data(self.trainer.model, left_out, scaler, seed)
        return self.trainer, PreparedFold(validation, scaler)

    def use(self, events: Events) -> None:
        """Takes the events again that were let go of by `release`."""
        self.events = events

    def release(self) -> None:
        """Lets go of all events; the compiled program stays."""
        del self.events
        if self.trainer is not None:
            self.trainer.release()

    def _sub_epochs(self, batches: BatchPipeline) -> SubEpochs:
        sizes = [len(rows) for rows in self.folds]
        smallest = len(self.events) - max(sizes)
        steps = int(smallest // batches.batch_size / self.sub_epochs)
        if steps < 1:
            raise ValueError(
                f"{smallest} training events hold less than {self.sub_epochs:g} "
                f"batches of {batches.batch_size} events. Use fewer sub-epochs or "
                "points, or smaller batches."
            )
        return SubEpochs(batches, steps, table_rows=len(self.events) - min(sizes))

    def _seed(self, fold: int, purpose: str) -> int:
        return derive_seed(self.seed, f"fold {fold} {purpose}")


def validation_data(
    model: keras.Model, events: Events, scaler: FeatureScaler, seed: int
) -> Validation:
    """Events as `(x, y, weight)` for `model`.

    Args:
        model: Decides whether there is an input `m`; background events are then given
            one of the signal's parameter sets each, at random.
        events: Raw.
        scaler: Of the training events.
        seed: Of the background's parameters.

    Returns:
        Inputs as `model` takes them, labels `(n, 1)` and training weights `(n,)`.
    """
    x = {"x": scaler.transform(events.features)}
    if "m" in input_widths(model):
        rule = BackgroundMass.for_events(events, "identical", "fixed")
        x["m"] = rule.assign(events, seed).parameters
    return x, events.label[:, None], events.training_weight
