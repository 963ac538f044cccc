"""Model, batches and optimizer as a recipe says."""

import inspect
from typing import Any

import keras

from kerashep.data.background_mass import BackgroundMass, distinct_parameter_sets
from kerashep.data.events import Events
from kerashep.data.pipeline import BatchPipeline
from kerashep.data.scaling import FeatureScaler
from kerashep.training.optimizers import ScheduledAdam, ScheduledSGD
from kerashep.training.recipe import Recipe
from kerashep.training.schedules import Schedule
from kerashep.training.seeding import derive_seed
from kerashep.zoo.inputs import input_widths
from kerashep.zoo.registry import create_model, model_class

_DERIVED = ("num_features", "num_parameters")


def build_model(recipe: Recipe, events: Events) -> keras.Model:
    """The recipe's model, as wide as the events.

    Args:
        recipe: Names the model and its arguments.
        events: Training events: their features, parameters and, for one network a
            mass, their masses decide the rest.

    Raises:
        ValueError: If an argument is unknown or follows from the events, or the model
            needs parameters and the events have none.
    """
    name, given = recipe.model.name, recipe.model.arguments
    accepted = inspect.signature(model_class(name)).parameters
    for argument in _DERIVED:
        if argument in given:
            raise ValueError(
                f"`model.arguments.{argument}` follows from the events: leave it out."
            )
    derived: dict[str, Any] = {"num_features": len(events.feature_names)}
    if {"num_parameters", "masses_gev"} & accepted.keys():
        _require_parameters(name, events)
        derived["num_parameters"] = len(events.parameter_names)
    if "masses_gev" in accepted and "masses_gev" not in given:
        if len(events.parameter_names) > 1:
            raise ValueError(
                f"Model '{name}' is one network a mass, for events with one parameter. "
                f"Received: parameters {', '.join(events.parameter_names)}."
            )
        sets, _ = distinct_parameter_sets(events.parameters[events.label == 1])
        derived["masses_gev"] = [float(mass) for mass in sets[:, 0]]
    wanted = {key: value for key, value in derived.items() if key in accepted}
    try:
        return create_model(name, **wanted, **given)
    except TypeError as error:
        raise ValueError(
            f"`model.arguments` do not fit the model '{name}': {error}. "
            f"Received: {given}."
        ) from error


def build_pipeline(
    recipe: Recipe,
    events: Events,
    model: keras.Model,
    *,
    scaler: FeatureScaler,
    seed: int,
) -> BatchPipeline:
    """Batches for `model`.

    Args:
        recipe: Says batch size, balance and background mass.
        events: Training events with raw features.
        model: Decides whether batches hold the input `m`.
        scaler: Fitted on the same events.
        seed: Of the training.
    """
    section, parametric = recipe.training, "m" in input_widths(model)
    rule, mass = section.background_mass, None
    if parametric:
        mass = BackgroundMass.for_events(
            events,
            rule.distribution,
            rule.assignment,
            reconstructed=rule.reconstructed,
        )
    if section.symmetry is not None:
        section.symmetry.check_events(events)
    return BatchPipeline(
        events,
        batch_size=section.batch_size,
        balance=section.balance,
        background_mass=mass,
        transforms=() if section.symmetry is None else section.symmetry.stages(),
        scaler=scaler,
        parametric=parametric,
        seed=derive_seed(seed, "batches"),
    )


def build_schedule(recipe: Recipe, pipeline: BatchPipeline) -> Schedule | None:
    """The recipe's schedule for the steps of `pipeline`; None if it has none."""
    section = recipe.training
    if section.schedule is None:
        return None
    return section.schedule.schedule(
        highest=section.learning_rate,
        epoch_steps=pipeline.steps_per_epoch,
        epochs=section.epochs,
    )


def build_optimizer(recipe: Recipe) -> keras.optimizers.Optimizer:
    """The recipe's optimizer, with a variable momentum where the schedule moves it."""
    section = recipe.training
    rate, settings = section.learning_rate, section.optimizer_settings()
    if section.schedule is not None and section.schedule.name == "one_cycle":
        moving = {"adam": ScheduledAdam, "sgd": ScheduledSGD}
        return moving[section.optimizer](rate, **settings)
    kinds = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "sgd": keras.optimizers.SGD,
    }
    return kinds[section.optimizer](rate, **settings)


def _require_parameters(name: str, events: Events) -> None:
    if not events.parameter_names:
        raise ValueError(
            f"Model '{name}' needs events with a parameter such as the mass. Received: "
            "none. Declare it in `data.columns.parameters`, or set `model.name` to "
            "single_nn."
        )
