"""Model, batches and optimizer as a recipe says."""

import inspect
import warnings
from collections.abc import Container
from typing import Any

import keras
import numpy as np

from kerashep._messages import did_you_mean
from kerashep.data.background_mass import BackgroundMass, distinct_parameter_sets
from kerashep.data.events import Events
from kerashep.data.pipeline import BatchPipeline
from kerashep.data.scaling import FeatureScaler
from kerashep.data.symmetry import Symmetry
from kerashep.losses.soft_ams import SoftAMS
from kerashep.losses.trimmed_ratio import TrimmedRatioLoss
from kerashep.training.model_arguments import check_output
from kerashep.training.optimizers import ScheduledAdam, ScheduledSGD
from kerashep.training.recipe import Recipe
from kerashep.training.recipe_sections import BackgroundMassSection
from kerashep.training.schedules import Schedule
from kerashep.training.seeding import derive_seed
from kerashep.training.symmetry_section import SymmetrySection
from kerashep.zoo.inputs import input_widths
from kerashep.zoo.registry import create_model, model_class

_DERIVED = ("num_features", "num_parameters")
GEV = 1000.0


def build_model(recipe: Recipe, events: Events) -> keras.Model:
    """The recipe's model, as wide as the events.

    Args:
        recipe: Names the model and its arguments.
        events: Training events: their features, parameters and, for one network a
            mass, their masses decide the rest.

    Raises:
        ValueError: If an argument is unknown or follows from the events, or the model
            needs parameters and the events have none.

    Warns:
        UserWarning: If the recipe states a background mass and the model takes none.
    """
    name, given = recipe.model.name, recipe.model.arguments
    accepted = inspect.signature(model_class(name)).parameters
    _check_scaling(recipe)
    check_output(recipe)
    for argument in _DERIVED:
        if argument in given:
            raise ValueError(
                f"`model.arguments.{argument}` follows from the events: leave it out."
            )
    derived: dict[str, Any] = {"num_features": len(events.feature_names)}
    if {"num_parameters", "masses_gev"} & accepted.keys():
        _require_parameters(name, events)
        derived["num_parameters"] = len(events.parameter_names)
        if "parameter_scale" not in given and events.parameter_names != ("mass",):
            derived["parameter_scale"] = parameter_scales(events)
    if "masses_gev" in accepted and "masses_gev" not in given:
        if len(events.parameter_names) > 1:
            raise ValueError(
                f"Model '{name}' is one network a mass, for events with one parameter. "
                f"Received: parameters {', '.join(events.parameter_names)}."
            )
        sets, _ = distinct_parameter_sets(events.parameters[events.label == 1])
        derived["masses_gev"] = [float(mass) for mass in sets[:, 0]]
    derived |= _categories(recipe, events, accepted)
    wanted = {key: value for key, value in derived.items() if key in accepted}
    try:
        model = create_model(name, **wanted, **given)
    except TypeError as error:
        raise ValueError(
            f"`model.arguments` do not fit the model '{name}': {error}. "
            f"Received: {given}."
        ) from error
    if "m" not in input_widths(model):
        _warn_of_background_mass(recipe)
    return model


def parameter_scales(events: Events) -> list[float]:
    """Divisor of each parameter: 1000 for a mass in GeV, else the signal's largest.

    So a coupling of order one counts as much as a mass of a TeV.

    Args:
        events: Training events.
    """
    signal = events.parameters[events.label == 1]
    largest = np.nanmax(np.abs(signal), axis=0, initial=0.0)
    return [
        GEV if "mass" in name.lower() else float(value) or 1.0
        for name, value in zip(events.parameter_names, largest, strict=True)
    ]


def fit_scaler(recipe: Recipe, events: Events) -> FeatureScaler:
    """The recipe's scaler, fitted on training events.

    Args:
        recipe: Says whether features are scaled, which of them get a logarithm, and
            which hold categories.
        events: Training events only.
    """
    section = recipe.preprocessing
    unscaled = tuple(section.categorical)
    if section.scaling == "none":
        unscaled = events.feature_names
    return FeatureScaler.fit(
        events, log_features=section.log_features, unscaled=unscaled
    )


def build_pipeline(
    recipe: Recipe,
    events: Events,
    *,
    parametric: bool,
    scaler: FeatureScaler,
    seed: int,
) -> BatchPipeline:
    """Batches for the recipe's model.

    Args:
        recipe: Says batch size, balance and background mass.
        events: Training events with raw features.
        parametric: Whether batches hold the input `m`.
        scaler: Fitted on the same events.
        seed: Of the training.
    """
    section = recipe.training
    rule, mass = section.background_mass, None
    if parametric:
        mass = BackgroundMass.for_events(
            events,
            rule.distribution,
            rule.assignment,
            reconstructed=rule.reconstructed,
        )
    stages = random_symmetries(section.symmetry, events)
    return BatchPipeline(
        events,
        batch_size=section.batch_size,
        balance=section.balance,
        background_mass=mass,
        transforms=stages,
        scaler=scaler,
        parametric=parametric,
        regression=section.regresses,
        seed=derive_seed(seed, "batches"),
    )


def random_symmetries(
    section: SymmetrySection | None, events: Events
) -> tuple[Symmetry, ...]:
    """The recipe's random transforms of these events.

    Args:
        section: Of the recipe, if it has one.
        events: Training events, or a sample of them.

    Raises:
        ValueError: If the events have not the momenta that are named.
    """
    if section is None or section.frame is not None:
        return ()
    named = section.for_features(events.feature_names)
    named.check_events(events)
    return named.stages()


def build_schedule(recipe: Recipe, steps_per_epoch: int) -> Schedule | None:
    """The recipe's schedule for so many steps an epoch; None if it has none."""
    section = recipe.training
    if section.schedule is None:
        return None
    return section.schedule.schedule(
        highest=section.learning_rate,
        epoch_steps=steps_per_epoch,
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


def build_loss(recipe: Recipe, events: Events) -> keras.losses.Loss | str:
    """The recipe's loss.

    Args:
        recipe: Names it.
        events: Training events; the sums of their physics weights are the yields of
            `soft_ams`.
    """
    if recipe.training.loss == "trimmed_ratio":
        return TrimmedRatioLoss(scale=1.0)
    if recipe.training.loss == "mean_squared_error":
        return keras.losses.MeanSquaredError()
    if recipe.training.loss == "binary_crossentropy":
        return recipe.training.loss
    yields = [float(events.weight[events.label == kind].sum()) for kind in (1, 0)]
    return SoftAMS(total_signal=yields[0], total_background=yields[1])


def _categories(
    recipe: Recipe, events: Events, accepted: Container[str]
) -> dict[str, Any]:
    """Arguments of a model with an embedding, by the recipe's categorical features."""
    categories, names = recipe.preprocessing.categorical, events.feature_names
    stated = {"cardinalities", "categorical_columns"} & recipe.model.arguments.keys()
    if stated:
        raise ValueError(
            f"`model.arguments.{min(stated)}` follows from "
            "`preprocessing.categorical`: name the features and their numbers of "
            "categories there."
        )
    if not categories:
        return {}
    if "cardinalities" not in accepted:
        raise ValueError(
            f"Model '{recipe.model.name}' has no embedding for the features of "
            f"`preprocessing.categorical`, {', '.join(categories)}. Leave it out, or "
            "choose a model that has one, such as dense_classifier."
        )
    for name, count in categories.items():
        if name not in names:
            raise ValueError(
                f"`preprocessing.categorical` names '{name}', which is no feature."
                + did_you_mean(name, names)
            )
        values = events.column(name)
        wrong = ~(np.isin(values, np.arange(count)) | np.isnan(values))
        if wrong.any():
            raise ValueError(
                f"Feature '{name}' must hold category numbers from 0 to {count - 1}. "
                f"Received: {np.count_nonzero(wrong)} events with others, such as "
                f"{values[wrong][0]:g}."
            )
    return {
        "cardinalities": list(categories.values()),
        "categorical_columns": [names.index(name) for name in categories],
    }


def _check_scaling(recipe: Recipe) -> None:
    """Refuses to scale four-vectors: the components of one belong together."""
    wanted = getattr(model_class(recipe.model.name), "takes_four_vectors", False)
    if wanted and recipe.preprocessing.scaling != "none":
        raise ValueError(
            f"Model '{recipe.model.name}' takes four-vectors as they are: set "
            "`preprocessing.scaling: none`. Received: "
            f"scaling='{recipe.preprocessing.scaling}'."
        )


def _require_parameters(name: str, events: Events) -> None:
    if not events.parameter_names:
        raise ValueError(
            f"Model '{name}' needs events with a parameter such as the mass. Received: "
            "none. Declare it in `data.columns.parameters`, or set `model.name` to "
            "single_nn."
        )


def _warn_of_background_mass(recipe: Recipe) -> None:
    """Says that the background's mass is nothing to a model without a mass input."""
    rule = recipe.training.background_mass
    if rule != BackgroundMassSection():
        warnings.warn(
            f"`training.background_mass` has no effect: the model "
            f"'{recipe.model.name}' has no mass input. Leave it out, or set "
            "`model.name` to one that has, such as affine_pnn. Received: "
            f"distribution='{rule.distribution}', assignment='{rule.assignment}'.",
            stacklevel=3,
        )
