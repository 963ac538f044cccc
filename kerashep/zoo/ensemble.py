"""Several models, what comes before them and their weights, as one model."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers.canonical_frame import CanonicalFrame
from kerashep.layers.cartesian_momenta import CartesianMomenta
from kerashep.layers.feature_standardization import FeatureStandardization
from kerashep.layers.missing_value import MissingValue
from kerashep.layers.symmetry_copies import SymmetryCopies
from kerashep.layers.test_time_augmentation import TestTimeAugmentation
from kerashep.zoo.blocks import feature_input, parameter_input
from kerashep.zoo.inputs import input_widths


@kerashep_export
class Ensemble(keras.Model):
    """Raw features to the weighted mean score of several models.

    `p(x) = sum_i w_i p_i(x)`. On the way: missing values, Cartesian components, the
    copies of test-time augmentation or the canonical frame, all in physical units, then
    the standardisation, then the members with their embeddings. The copies are stacked
    in the batch and the mean is taken over them too. All of it is one graph with one
    output: it is saved, served and exported as one file.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), equation 6.

    Args:
        members: Functional models with the same inputs, `x` and perhaps `m`, and the
            same output shape. They are copied.
        weights: One a member, not negative; divided by their sum. Equal by default.
            The study takes the inverse validation losses.
        mean: Mean of each feature (after its logarithm, if taken). Without `mean`,
            `scale` and `log` nothing is scaled: for members that are `Preprocessed`.
        scale: Standard deviation of each feature (likewise).
        log: Which features get `sign(x) log(1 + |x|)` first; none by default.
        cartesian: `CartesianMomenta` layer; it comes first, and all that follows sees
            its outputs.
        frame: `CanonicalFrame` layer that the members were trained behind; it comes
            before the scaling, whose numbers are then those of its outputs.
        augmentation: `SymmetryCopies` layer: the copies of an event that are scored.
        missing_value: What stands for a missing value in `x`, beside NaN, such as -999.
        name: Name of the model.
        trainable: Whether its weights are trained.

    Inputs:
        Those of the members, with `x` in physical units; NaN = missing, which becomes
        the mean. A category number that is missing becomes category 0.

    Output:
        That of the members.

    Raises:
        ValueError: If there is no member, they differ in inputs or outputs, the weights
            are not one a member, a categorical column would be scaled, or `frame` and
            `augmentation` are both given (the copies would all be the same).

    Example:

    >>> from kerashep.zoo import SingleNN
    >>> members = [SingleNN(num_features=1) for _ in range(2)]
    >>> model = Ensemble(members, weights=[1, 3], mean=[90.0], scale=[30.0])
    >>> model.weights_of_members
    (0.25, 0.75)
    """

    def __init__(
        self,
        members: Sequence[keras.Model],
        weights: Sequence[float] | None = None,
        mean: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        log: Sequence[bool] | None = None,
        cartesian: CartesianMomenta | None = None,
        frame: CanonicalFrame | None = None,
        augmentation: SymmetryCopies | None = None,
        missing_value: float | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        # === Arguments ===
        widths = _common_widths(members)
        shares = _shares(weights, len(members))
        if frame is not None and augmentation is not None:
            raise ValueError(
                "Give `frame` or `augmentation`, not both: in the canonical frame all "
                "copies of an event are the same."
            )
        standardise = _standardization(mean, scale, log, members)
        copies = [_copied(member, f"member_{i}") for i, member in enumerate(members)]
        # === Graph ===
        seen = {"x": feature_input(widths["x"] + (frame is not None))}
        if "m" in widths:
            seen["m"] = parameter_input(widths["m"])
        x = seen["x"] if frame is None else frame(seen["x"])
        x = x if standardise is None else standardise(x)
        scores = ops.stack([copy({**seen, "x": x}) for copy in copies], axis=-1)
        score = ops.sum(scores * np.asarray(shares, "float32"), axis=-1)
        inputs, score = _with_copies(seen, score, augmentation)
        inputs, score = _with_components(inputs, score, cartesian)
        inputs, score = _with_missing_value(inputs, score, missing_value)
        super().__init__(inputs=inputs, outputs=score, name=name, trainable=trainable)
        # === Config ===
        self.members, self.weights_of_members = copies, shares
        self.standardization = standardise
        self.cartesian, self.frame = cartesian, frame
        self.augmentation, self.missing_value = augmentation, missing_value

    def last_hidden(self) -> Any:
        """Raises a `ValueError`: each member has a representation of its own."""
        raise ValueError(
            "An Ensemble has no single last hidden layer. Ask for that of one member: "
            "`hidden_model(ensemble.members[0])`."
        )

    def get_config(self) -> dict[str, Any]:
        scaler = self.standardization
        constants = {} if scaler is None else scaler.get_config()
        serialize = keras.saving.serialize_keras_object
        return {
            "name": self.name,
            "trainable": self.trainable,
            "members": [serialize(member) for member in self.members],
            "weights": list(self.weights_of_members),
            **{key: constants.get(key) for key in ("mean", "scale", "log")},
            "cartesian": serialize(self.cartesian),
            "frame": serialize(self.frame),
            "augmentation": serialize(self.augmentation),
            "missing_value": self.missing_value,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "Ensemble":
        def revived(value: Any) -> Any:
            return keras.saving.deserialize_keras_object(
                value, custom_objects=custom_objects
            )

        front = ("cartesian", "frame", "augmentation")
        parts = {key: revived(config.get(key)) for key in front}
        members = [revived(member) for member in config["members"]]
        return cls(**{**config, **parts, "members": members})


def _with_copies(
    inputs: dict[str, Any], score: Any, augmentation: SymmetryCopies | None
) -> tuple[dict[str, Any], Any]:
    """The same with the mean score of all copies of an event."""
    if augmentation is None:
        return inputs, score
    inner = keras.Model(inputs, score, name="weighted_mean")
    layer = TestTimeAugmentation(
        inner, augmentation, dtype="float32", name="test_time_augmentation"
    )
    return inputs, layer(inputs)


def _with_components(
    inputs: dict[str, Any], score: Any, cartesian: CartesianMomenta | None
) -> tuple[dict[str, Any], Any]:
    """The same from momenta as they are in files."""
    if cartesian is None:
        return inputs, score
    more = sum(len(momentum) == 2 for momentum in cartesian.momenta)
    raw = {**inputs, "x": feature_input(inputs["x"].shape[-1] - more)}
    inner = keras.Model(inputs, score, name="of_components")
    return raw, inner({**raw, "x": cartesian(raw["x"])})


def _with_missing_value(
    inputs: dict[str, Any], score: Any, missing_value: float | None
) -> tuple[dict[str, Any], Any]:
    """The same from features in which a number stands for 'missing'."""
    if missing_value is None:
        return inputs, score
    raw = {**inputs, "x": feature_input(inputs["x"].shape[-1])}
    inner = keras.Model(inputs, score, name="of_known_values")
    layer = MissingValue(missing_value, dtype="float32", name="missing_value")
    return raw, inner({**raw, "x": layer(raw["x"])})


def _common_widths(members: Sequence[keras.Model]) -> dict[str, int]:
    if not len(members):
        raise ValueError("`members` must hold at least one model. Received: none.")
    widths = [input_widths(member) for member in members]
    shapes = [tuple(member.output_shape) for member in members]
    for i, (width, shape) in enumerate(zip(widths, shapes, strict=True)):
        if width != widths[0] or shape != shapes[0]:
            raise ValueError(
                "All members must have the same inputs and output shape. Received: "
                f"member 0 with {widths[0]} and {shapes[0]}, member {i} with {width} "
                f"and {shape}."
            )
    return widths[0]


def _shares(weights: Sequence[float] | None, count: int) -> tuple[float, ...]:
    values = np.ones(count) if weights is None else np.asarray(weights, "float64")
    fine = values.shape == (count,) and np.isfinite(values).all()
    if not fine or (values < 0).any() or not values.sum() > 0:
        raise ValueError(
            f"`weights` must be {count} numbers, one a member, finite, not negative "
            f"and not all zero. Received: weights={weights}."
        )
    return tuple((values / values.sum()).tolist())


def _standardization(
    mean: Sequence[float] | None,
    scale: Sequence[float] | None,
    log: Sequence[bool] | None,
    members: Sequence[keras.Model],
) -> FeatureStandardization | None:
    if mean is None and scale is None and log is None:
        return None
    layer = FeatureStandardization(
        mean, scale, log, dtype="float32", name="standardization"
    )
    neutral = {"mean": 0.0, "scale": 1.0, "log": False}
    for name, value in neutral.items():
        given = layer.get_config()[name]
        for member in members:
            for column in getattr(member, "categorical_columns", ()):
                if given is not None and given[column] != value:
                    raise ValueError(
                        f"Column {column} holds category numbers, which must not be "
                        f"scaled. Received: {name}={given[column]} for it. Set mean 0, "
                        "scale 1 and no logarithm there, as in training."
                    )
    return layer


def _copied(member: keras.Model, name: str) -> keras.Model:
    """A model of the same kind and weights under another name."""
    copy = type(member).from_config({**member.get_config(), "name": name})
    copy.set_weights(member.get_weights())
    return copy
