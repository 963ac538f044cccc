"""What a recipe's trainings on folds have in common: events as networks see them."""

from dataclasses import dataclass

import keras

from kerashep.data.events import Events
from kerashep.data.pipeline import BatchPipeline
from kerashep.data.scaling import FeatureScaler
from kerashep.layers.canonical_frame import CanonicalFrame
from kerashep.layers.cartesian_momenta import CartesianMomenta
from kerashep.layers.symmetry_copies import SymmetryCopies
from kerashep.training.assembly import (
    build_loss,
    build_model,
    build_optimizer,
    build_pipeline,
    fit_scaler,
)
from kerashep.training.fold_trainer import FoldSetup
from kerashep.training.front_layers import (
    cartesian_layer,
    copies_layer,
    frame_layer,
    framed,
    with_components,
)
from kerashep.training.recipe import Recipe
from kerashep.zoo.inputs import input_widths


@dataclass(frozen=True, eq=False)
class PreparedFolds:
    """Events, scaler and setup for `train_folds`, and the layers of a served model.

    Attributes:
        events: With components in the place of angles, in the common frame if any.
        scaler: One for all folds, fitted on all events.
        setup: Model, batches and scaler.
        cartesian: Momenta that became components, if any.
        frame: Common orientation, if any.
        augmentation: Copies of an event that are scored, if any.
    """

    events: Events
    scaler: FeatureScaler
    setup: FoldSetup
    cartesian: CartesianMomenta | None
    frame: CanonicalFrame | None
    augmentation: SymmetryCopies | None


def prepare_folds(recipe: Recipe, raw: Events) -> PreparedFolds:
    """Applies what the recipe puts before the network, and fits the scaler.

    Args:
        recipe: Says what.
        raw: Training events, as they are in files.

    Raises:
        ValueError: If recipe and events do not fit.
    """
    momenta, symmetry = recipe.preprocessing.cartesian, recipe.training.symmetry
    cartesian = cartesian_layer(momenta, raw.feature_names)
    whole = with_components(raw, cartesian, momenta)
    if symmetry is not None:
        symmetry = symmetry.for_features(whole.feature_names)
        symmetry.check_events(whole)
    frame = frame_layer(symmetry, whole.feature_names)
    train = framed(whole, frame)
    scaler = fit_scaler(recipe, train)
    return PreparedFolds(
        events=train,
        scaler=scaler,
        setup=_setup(recipe, train, scaler),
        cartesian=cartesian,
        frame=frame,
        augmentation=copies_layer(symmetry, whole.feature_names),
    )


def _setup(recipe: Recipe, train: Events, scaler: FeatureScaler) -> FoldSetup:
    parametric = "m" in input_widths(build_model(recipe, train))

    def build() -> keras.Model:
        model = build_model(recipe, train)
        loss = build_loss(recipe, train)
        model.compile(optimizer=build_optimizer(recipe), loss=loss)
        return model

    def batches(part: Events, scaler: FeatureScaler, seed: int) -> BatchPipeline:
        return build_pipeline(
            recipe, part, parametric=parametric, scaler=scaler, seed=seed
        )

    return FoldSetup(build, batches, lambda _: scaler)
