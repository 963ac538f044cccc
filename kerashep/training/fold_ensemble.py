"""The models of all folds: out-of-fold scores, weights, one Keras model."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from kerashep._messages import did_you_mean
from kerashep.data.scaling import FeatureScaler
from kerashep.layers.canonical_frame import CanonicalFrame
from kerashep.layers.cartesian_momenta import CartesianMomenta
from kerashep.layers.symmetry_copies import SymmetryCopies
from kerashep.training.ensemble_weights import inverse_loss_weights, uniform_weights
from kerashep.training.snapshots import Member
from kerashep.zoo.ensemble import Ensemble
from kerashep.zoo.preprocessed import Preprocessed

WEIGHTINGS = ("loss", "uniform")


@dataclass(frozen=True, eq=False)
class FoldModel:
    """What the training without one fold gave.

    Attributes:
        fold: Number of the left-out fold, from 0.
        rows: `(n,)` rows of its events.
        members: States of the model; one, unless snapshots were taken.
        scaler: Fitted on the other events.
        validation_loss: Weighted loss on the left-out events, without penalties.
        score: `(n,)` float32 scores of the left-out events.
        history: Name -> one number a sub-epoch.
    """

    fold: int
    rows: NDArray[np.intp]
    members: tuple[Member, ...]
    scaler: FeatureScaler
    validation_loss: float
    score: NDArray[np.float32]
    history: dict[str, list[float]]


@dataclass(frozen=True, eq=False)
class FoldEnsemble:
    """The models of all folds.

    Attributes:
        models: One a fold, in order; perhaps of the first folds only.
        events: Number of events in all folds.
        traces: How often the train steps were traced in a process, at most.
    """

    models: tuple[FoldModel, ...]
    events: int
    traces: int

    @property
    def out_of_fold(self) -> NDArray[np.float32]:
        """`(events,)` score of each event by the model that was trained without it.

        NaN for the events of folds that no model left out.
        """
        scores = np.full(self.events, np.nan, "float32")
        for model in self.models:
            scores[model.rows] = model.score
        return scores

    @property
    def validation_losses(self) -> NDArray[np.float64]:
        """`(folds,)` loss of each model on its left-out fold."""
        return np.array([model.validation_loss for model in self.models])

    def weights(self, weighting: str = "loss") -> NDArray[np.float64]:
        """How much the model of each fold counts in an ensemble.

        Args:
            weighting: `"loss"`: proportional to the inverse validation loss.
                `"uniform"`: all alike, as the study has it for snapshots.

        Returns:
            `(folds,)`, summing to 1.

        Raises:
            ValueError: For an unknown weighting.
        """
        if weighting == "loss":
            return inverse_loss_weights(self.validation_losses.tolist())
        if weighting == "uniform":
            return uniform_weights(len(self.models))
        raise ValueError(
            f"Unknown weighting='{weighting}'." + did_you_mean(weighting, WEIGHTINGS)
        )

    def ensemble(
        self,
        model: keras.Model,
        *,
        weighting: str = "loss",
        cartesian: CartesianMomenta | None = None,
        augmentation: SymmetryCopies | None = None,
        frame: CanonicalFrame | None = None,
        missing_value: float | None = None,
    ) -> Ensemble:
        """All members as one Keras model from raw features to score.

        Args:
            model: Of the architecture that was trained; its weights do not matter.
            weighting: See `weights`; members of a fold share its weight.
            cartesian: Momenta that became components before the training.
            augmentation: Copies of an event that are scored.
            frame: Canonical frame that the members were trained behind.
            missing_value: What stands for a missing value, beside NaN.
        """
        front = (cartesian, augmentation, frame, missing_value)
        return _served(model, self.models, self.weights(weighting), *front)

    def fold_model(
        self,
        model: keras.Model,
        fold: int,
        *,
        cartesian: CartesianMomenta | None = None,
        augmentation: SymmetryCopies | None = None,
        frame: CanonicalFrame | None = None,
    ) -> Ensemble:
        """The members of one fold as one Keras model from raw features to score.

        For out-of-fold scores on copies of events, or of other events.

        Args:
            model: As for `ensemble`.
            fold: Number of the fold, from 0.
            cartesian: As for `ensemble`.
            augmentation: As for `ensemble`.
            frame: As for `ensemble`.
        """
        one = [self.models[fold]]
        front = (cartesian, augmentation, frame, None)
        return _served(model, one, uniform_weights(1), *front)


def _served(
    model: keras.Model,
    folds: Sequence[FoldModel],
    weights: NDArray[np.float64],
    cartesian: CartesianMomenta | None,
    augmentation: SymmetryCopies | None,
    frame: CanonicalFrame | None,
    missing_value: float | None,
) -> Ensemble:
    members, shares = [], []
    first = folds[0].scaler
    common = all(_same(fold.scaler, first) for fold in folds)
    for fold, weight in zip(folds, weights, strict=True):
        for member in fold.members:
            core = type(model).from_config(model.get_config())
            core.set_weights(member.weights)
            numbers = _numbers(fold.scaler)
            members.append(core if common else Preprocessed(core, *numbers))
            shares.append(float(weight * member.share))
    mean, scale, log = _numbers(first) if common else (None, None, None)
    return Ensemble(
        members,
        shares,
        mean=mean,
        scale=scale,
        log=log,
        cartesian=cartesian,
        frame=frame,
        augmentation=augmentation,
        missing_value=missing_value,
    )


def _numbers(
    scaler: FeatureScaler,
) -> tuple[list[float], list[float], list[bool]]:
    return scaler.mean.tolist(), scaler.scale.tolist(), scaler.log.tolist()


def _same(one: FeatureScaler, other: FeatureScaler) -> bool:
    return one is other or _numbers(one) == _numbers(other)
