"""A model together with the standardisation of its raw features."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashep._export import kerashep_export
from kerashep.layers.feature_standardization import FeatureStandardization
from kerashep.zoo.blocks import feature_input, parameter_input
from kerashep.zoo.hidden import hidden_model
from kerashep.zoo.inputs import input_widths


@kerashep_export
class Preprocessed(keras.Model):
    """Raw features to score: standardises `x`, then calls `model`.

    This is the model that is saved, served and exported: what reads it needs no
    scaler beside it.

    Args:
        model: A functional model with the inputs `x` (standardised) and perhaps `m`:
            one of the zoo or a user's own, registered with Keras. It is shared, not
            copied.
        mean: Mean of each feature (after its logarithm, if taken).
        scale: Standard deviation of each feature (likewise).
        log: Which features get `sign(x) log(1 + |x|)` first; none by default.
        name: Name of the model.
        trainable: Whether its weights are trained.

    Inputs:
        Those of `model`, with `x` in physical units; NaN = missing, which becomes
        the mean.

    Output:
        That of `model`.

    Raises:
        ValueError: If the inputs of `model` have other names, or the constants are
            not one a feature.

    Example:

    >>> from kerashep.zoo import SingleNN
    >>> model = Preprocessed(SingleNN(num_features=1), mean=[90.0], scale=[30.0])
    >>> tuple(model({"x": keras.ops.array([[120.0]])}).shape)
    (1, 1)
    """

    def __init__(
        self,
        model: keras.Model,
        mean: Sequence[float],
        scale: Sequence[float],
        log: Sequence[bool] | None = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        # === Arguments ===
        widths = input_widths(model)
        standardise = FeatureStandardization(
            mean, scale, log, dtype="float32", name="standardization"
        )
        # === Graph ===
        inputs = {"x": feature_input(widths["x"])}
        if "m" in widths:
            inputs["m"] = parameter_input(widths["m"])
        scaled = {**inputs, "x": standardise(inputs["x"])}
        super().__init__(
            inputs=inputs, outputs=model(scaled), name=name, trainable=trainable
        )
        # === Config ===
        self.model = model
        self.standardization = standardise

    def last_hidden(self) -> Any:
        """Symbolic last hidden representation of the inner model."""
        scaled = {**self.input, "x": self.standardization(self.input["x"])}
        return hidden_model(self.model)(scaled)

    def get_config(self) -> dict[str, Any]:
        constants = self.standardization.get_config()
        return {
            "name": self.name,
            "trainable": self.trainable,
            "model": keras.saving.serialize_keras_object(self.model),
            **{key: constants[key] for key in ("mean", "scale", "log")},
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "Preprocessed":
        # Not compiled again: the optimizer of its training need not be known here.
        network = {k: v for k, v in config["model"].items() if k != "compile_config"}
        model = keras.saving.deserialize_keras_object(
            network, custom_objects=custom_objects
        )
        return cls(**{**config, "model": model})
