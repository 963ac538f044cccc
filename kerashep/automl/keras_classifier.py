"""Every classifier of the zoo as a scikit-learn estimator."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from kerashep.automl.estimator_checks import checked_columns, checked_training
from kerashep.data.events import Events
from kerashep.data.splits import split_events
from kerashep.data.weights import apply_negative_weight_policy, with_training_weights


class KerasHepClassifier(ClassifierMixin, BaseEstimator):
    """A network of the zoo with its scaling, trained as by a recipe.

    For grids, pipelines and cross-validation of scikit-learn. Two classes; the later in
    sorted order is the signal. Training is compiled, and the same seed gives the same
    bits. It keeps the promises of `check_estimator` but for two: an event of weight two
    is not the same as two events, which would be in different batches; and scores of
    another number of events at once may differ in the last bit.

    Args:
        model: Registered name, see `kerashep.zoo.list_models()`: a classifier with the
            input `x` and perhaps `m`.
        arguments: Constructor arguments of the model, besides its numbers of features
            and parameters.
        parameters: Columns of `X`, by position or name, that are physics parameters
            such as the mass in GeV, the input `m` of a parametric model. What they hold
            for background is not used in training.
        scaling: `standard` shifts and scales features, with sample weights, `none`
            leaves them as they are, for models of four-vectors.
        epochs: Passes over the training events.
        batch_size: Events in a batch.
        learning_rate: Of Adam.
        schedule: Name of a schedule of `kerashep.training.schedules`, of which the
            learning rate is the largest; constant if None.
        patience: Epochs without a better validation loss before training stops and the
            best weights come back; None trains all epochs on all events.
        validation_fraction: Share of the events that decides this.
        training_weights: Policy of `kerashep.data.weights.with_training_weights` by
            which the loss weighs events, `balanced` for example. None takes sample
            weights as they are, up to their mean.
        negative_weights: `error`, `drop`, `absolute` or `keep`.
        seed: Of the weights, the batches and the validation part.

    Attributes:
        classes_: Both labels, sorted.
        trained_: The trained model, see `kerashep.training.TrainedModel`.
        history_: Name -> one number an epoch.
        n_iter_: Epoch whose weights were kept.

    Example:

    >>> network = KerasHepClassifier("single_nn", epochs=5, training_weights="balanced")
    """

    def __init__(
        self,
        model: str = "single_nn",
        *,
        arguments: Mapping[str, Any] | None = None,
        parameters: Sequence[int | str] = (),
        scaling: str = "standard",
        epochs: int = 25,
        batch_size: int = 256,
        learning_rate: float = 1e-3,
        schedule: str | None = None,
        patience: int | None = None,
        validation_fraction: float = 0.1,
        training_weights: str | None = None,
        negative_weights: str = "error",
        seed: int = 0,
    ) -> None:
        self.model = model
        self.arguments = arguments
        self.parameters = parameters
        self.scaling = scaling
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.training_weights = training_weights
        self.negative_weights = negative_weights
        self.seed = seed

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Trains the network.

        Args:
            X: `(n, columns)` features, and parameters if there are any; NaN = missing,
                or the parameter of a background event.
            y: `(n,)` labels of two kinds.
            sample_weight: `(n,)` physics weights; ones by default.

        Raises:
            ValueError: If there are not two classes, the name or an argument of the
                model is unknown, or a weight is negative and that is refused.
        """
        from kerashep.training.fit import train
        from kerashep.training.recipe import recipe_from_dict

        X, y, weight = checked_training(self, X, y, sample_weight)
        self.classes_, label = np.unique(y, return_inverse=True)
        self._columns = self._parameter_columns(X.shape[1])
        recipe = recipe_from_dict(self._recipe(), source="The estimator's arguments")
        events = self._events(X, label, weight)
        parts = {"train": events}
        if self.patience is not None:
            held_out = float(self.validation_fraction)
            shares = {"train": 1 - held_out, "validation": held_out}
            parts = split_events(events, shares, seed=self.seed)
        trained = train(recipe, parts)
        self.trained_ = trained
        self.history_ = trained.history
        self.n_iter_ = trained.best_epoch
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probability of each class, `(n, 2)`, in the order of `classes_`.

        Args:
            X: As for `fit`; parameters are the hypothesis under test, for all events.
        """
        check_is_fitted(self)
        x, m = self._divided(checked_columns(self, X))
        parameters = m if self._columns else None
        score = self.trained_.score(x, parameters).astype("float64")
        return np.stack([1 - score, score], axis=1)

    def predict(self, X: Any) -> NDArray[Any]:
        """The more probable class of each event, `(n,)`."""
        signal = self.predict_proba(X)[:, 1] > 0.5
        chosen: NDArray[Any] = self.classes_[signal.astype(int)]
        return chosen

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags

    def _recipe(self) -> dict[str, Any]:
        training = {
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "learning_rate": self.learning_rate,
            "schedule": None if self.schedule is None else {"name": self.schedule},
            "early_stopping": None
            if self.patience is None
            else {"patience": self.patience, "monitor": "val_loss"},
        }
        return {
            "name": "estimator",
            "model": {"name": self.model, "arguments": dict(self.arguments or {})},
            "data": {"dataset": "arrays"},
            "preprocessing": {"scaling": self.scaling},
            "training": training,
            "seed": self.seed,
        }

    def _events(
        self, X: NDArray[np.float32], label: NDArray[np.intp], weight: NDArray[Any]
    ) -> Events:
        """Events with weights for the loss. Their provenance is shown nowhere."""
        features, parameters = self._divided(X)
        events = Events(
            features=features,
            feature_names=tuple(f"x{i}" for i in range(features.shape[1])),
            label=label.astype("float32"),
            parameters=parameters,
            parameter_names=tuple(f"m{i}" for i in range(parameters.shape[1])),
            weight=weight,
            provenance="simulated",
            allow_missing=True,
        )
        events = apply_negative_weight_policy(events, self.negative_weights)
        if self.training_weights is not None:
            return with_training_weights(events, self.training_weights)
        mean = events.weight.mean()
        if not mean > 0:
            raise ValueError(
                f"The sum of the sample weights must be positive. Received: a mean of "
                f"{mean:.6g}."
            )
        return events.with_columns(training_weight=events.weight / mean)

    def _parameter_columns(self, width: int) -> list[int]:
        """Positions of the parameters among the columns of `X`."""
        names = list(getattr(self, "feature_names_in_", ()))
        found = []
        for column in self.parameters:
            if isinstance(column, str) and column in names:
                found.append(names.index(column))
            elif not isinstance(column, str) and 0 <= column < width:
                found.append(int(column))
            else:
                raise ValueError(
                    "`parameters` must be column names of a data frame, or positions "
                    f"below {width}. Received: {column!r}."
                )
        return found

    def _divided(
        self, X: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Features and parameters."""
        return np.delete(X, self._columns, axis=1), X[:, self._columns]
