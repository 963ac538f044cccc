"""From a recipe and events to a trained model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from kerashep.data.events import Events
from kerashep.data.scaling import FeatureScaler
from kerashep.training.assembly import (
    build_loss,
    build_model,
    build_optimizer,
    build_pipeline,
    build_schedule,
    fit_scaler,
)
from kerashep.training.callbacks import EarlyStopping, EpochHistory, TensorBoardLogs
from kerashep.training.compiled_blocks import Pipeline
from kerashep.training.progress import Progress, ProgressBar, progress_callback
from kerashep.training.recipe import Recipe
from kerashep.training.resume import Checkpoint, training_signature
from kerashep.training.run_folder import RunFolder, data_hash
from kerashep.training.schedule_callback import ScheduleCallback
from kerashep.training.seeding import derive_seed, seed_everything
from kerashep.training.streamed import StreamedEvents, streamed_pipeline
from kerashep.training.target_validation import TargetValidation
from kerashep.training.trainer_cache import trainer_for
from kerashep.training.validation import Validation, scores
from kerashep.zoo.inputs import input_widths, model_inputs
from kerashep.zoo.preprocessed import Preprocessed


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """What a training gives.

    Attributes:
        model: Raw features (and parameters) to score: what is saved and served.
        core: The same network on standardised features.
        scaler: The standardisation, fitted on the training events.
        history: Name -> one number an epoch: `epoch`, `loss` and, with validation
            events, `val_loss` and `val_auc`.
        best_epoch: Epoch (from 1) whose weights were kept.
        seed: Of this training.
    """

    model: keras.Model
    core: keras.Model
    scaler: FeatureScaler
    history: dict[str, list[float]]
    best_epoch: int
    seed: int

    def score(self, x: ArrayLike, m: ArrayLike | None = None) -> NDArray[np.float32]:
        """Signal probability of events.

        Args:
            x: `(n, features)` raw.
            m: `(n, parameters)`; not used by a model without parameters.

        Returns:
            `(n,)` float32.

        Raises:
            ValueError: If the model needs `m` and there is none.
        """
        inputs = model_inputs(self.core, x, m)
        return scores(self.model, inputs["x"], inputs.get("m"))


def train(
    recipe: Recipe,
    events: Mapping[str, Events],
    *,
    seed: int | None = None,
    run: RunFolder | None = None,
    progress: bool = False,
    streamed: StreamedEvents | None = None,
) -> TrainedModel:
    """Trains the recipe's model.

    The scaler sees training events only. The same recipe, events and seed give the
    same bits, also when the process was killed and runs again with the same `run`.

    Args:
        recipe: How to train.
        events: `train` and, if wanted, `validation`; raw features. Others are ignored.
        seed: Instead of the recipe's.
        run: Where history, recipe, provenance and the state for resuming are written;
            nothing is written without it. A finished training there is not repeated.
        progress: Whether to show progress: a bar on a terminal, lines elsewhere.
        streamed: Training events on disk, for a recipe with `data.streamed`; `train`
            then is their sample, on which the scaler is fitted.

    Raises:
        ValueError: If recipe, events or a training found in `run` do not fit.
    """
    seed = recipe.seed if seed is None else seed
    parts = _checked_parts(recipe, events, run)
    _check_streamed(recipe, parts["train"], streamed)
    seed_everything(seed)
    scaler = fit_scaler(recipe, parts["train"])
    core = build_model(recipe, parts["train"])
    pipeline = _pipeline(recipe, parts["train"], streamed, core, scaler, seed)
    loss = build_loss(recipe, parts["train"])
    core.compile(optimizer=build_optimizer(recipe), loss=loss)
    core.optimizer.build(core.trainable_variables)

    history = EpochHistory(run.history if run else None)
    rule = recipe.training.early_stopping
    stopping = EarlyStopping(rule) if rule else None
    callbacks: list[Any] = [stopping, history] if stopping else [history]
    if "validation" in parts:
        held_out = parts["validation"]
        callbacks.insert(0, _validation(recipe, held_out, core, scaler, seed))
    first, finished = 0, False
    if run is not None:
        run.sweep()
        known_by = data_hash(parts)
        if streamed is not None:
            known_by += streamed.fingerprint
        checkpoint = _checkpoint(recipe, run, known_by, seed, history, stopping)
        first, finished = checkpoint.restore(core)
        run.write_recipe(recipe)
        on_disk = None if streamed is None else streamed.facts()
        run.write_provenance(parts, seed=seed, streamed=on_disk)
        if recipe.training.tensorboard:
            callbacks.append(TensorBoardLogs(run.tensorboard))
        callbacks.append(checkpoint)
    if not finished:
        _run_epochs(recipe, core, pipeline, first, callbacks, progress)
    elif stopping:
        stopping.restore_best_weights_of(core)
    best = stopping.best_epoch + 1 if stopping else len(history.rows)
    mean, scale = scaler.mean.tolist(), scaler.scale.tolist()
    served = Preprocessed(core, mean, scale, scaler.log.tolist())
    return TrainedModel(served, core, scaler, history.columns(), best, seed)


def _checked_parts(
    recipe: Recipe, events: Mapping[str, Events], run: RunFolder | None
) -> dict[str, Events]:
    parts = {name: events[name] for name in ("train", "validation") if name in events}
    if "train" not in parts:
        raise ValueError(f"`events` must hold 'train'. Received: {sorted(events)}.")
    rule = recipe.training.early_stopping
    if rule and rule.monitor.startswith("val_") and "validation" not in parts:
        raise ValueError(
            f"`training.early_stopping` watches '{rule.monitor}': `events` must hold "
            f"'validation'. Received: {sorted(events)}."
        )
    if recipe.training.tensorboard and run is None:
        raise ValueError("`training.tensorboard` needs a run folder to write to.")
    return parts


def _check_streamed(
    recipe: Recipe, train: Events, streamed: StreamedEvents | None
) -> None:
    if recipe.data.streamed != (streamed is not None):
        raise ValueError(
            "`data.streamed` is for `kerashep train`, which copies the training events "
            "to disk first; elsewhere set it to false, or give `train` the `streamed` "
            f"events. Received: data.streamed={recipe.data.streamed}, "
            f"{'no ' if streamed is None else ''}streamed events."
        )
    if streamed is not None and train is not streamed.sample:
        raise ValueError("`train` must be the sample of the streamed events.")


def _pipeline(
    recipe: Recipe,
    events: Events,
    streamed: StreamedEvents | None,
    model: keras.Model,
    scaler: FeatureScaler,
    seed: int,
) -> Pipeline:
    parametric = "m" in input_widths(model)
    if streamed is not None:
        return streamed_pipeline(
            recipe, streamed, parametric=parametric, scaler=scaler, seed=seed
        )
    return build_pipeline(
        recipe, events, parametric=parametric, scaler=scaler, seed=seed
    )


def _validation(
    recipe: Recipe,
    events: Events,
    model: keras.Model,
    scaler: FeatureScaler,
    seed: int,
) -> keras.callbacks.Callback:
    events = events.with_columns(features=scaler.transform(events.features))
    if recipe.training.regresses:
        return TargetValidation(events)
    return Validation(
        events,
        parametric="m" in input_widths(model),
        seed=derive_seed(seed, "validation"),
    )


def _checkpoint(
    recipe: Recipe,
    run: RunFolder,
    fingerprint: str,
    seed: int,
    history: EpochHistory,
    stopping: EarlyStopping | None,
) -> Checkpoint:
    return Checkpoint(
        run.checkpoint,
        training_signature(recipe, seed=seed, data_hash=fingerprint),
        epochs=recipe.training.epochs,
        every=recipe.training.checkpoint_every,
        history=history,
        early_stopping=stopping,
    )


def _run_epochs(
    recipe: Recipe,
    model: keras.Model,
    pipeline: Pipeline,
    first_epoch: int,
    callbacks: list[Any],
    progress: bool,
) -> None:
    epochs = recipe.training.epochs
    mode: Progress = "auto" if progress else "none"
    display = progress_callback(mode, epochs=epochs, first_epoch=first_epoch)
    shown = [*callbacks[:-1], display, callbacks[-1]] if display else callbacks
    schedule = build_schedule(recipe, pipeline.steps_per_epoch)
    try:
        if recipe.training.compiled:
            with trainer_for(model, pipeline, schedule) as trainer:
                trainer.fit(epochs=epochs, initial_epoch=first_epoch, callbacks=shown)
        else:
            steps = pipeline.steps_per_epoch
            rates = (
                [ScheduleCallback(schedule, steps_per_epoch=steps)] if schedule else []
            )
            model.fit(
                pipeline.as_dataset(start_epoch=first_epoch),
                epochs=epochs,
                initial_epoch=first_epoch,
                callbacks=[*rates, *shown],
                shuffle=False,
                verbose=0,
            )
    finally:
        if isinstance(display, ProgressBar):
            display.close()
