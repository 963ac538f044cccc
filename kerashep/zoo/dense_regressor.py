"""Fully connected network for a positive quantity."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashep._export import kerashep_export
from kerashep.zoo.blocks import feature_input
from kerashep.zoo.fully_connected import FullyConnected
from kerashep.zoo.registry import register_model


@register_model("dense_regressor")
@kerashep_export
class DenseRegressor(keras.Model):
    """Regression of a positive quantity on features as they are.

    With the components of a jet's constituents as features this is the network that
    the Lorentz Boost Network is compared with.

    Reference: M. Rieger et al., solution of the IML challenge 2018: hidden layers of
    2048 to 128 units, ELU, batch normalisation, L2 of 1.5e-5.

    Args:
        num_features: Number of event features.
        units: Width of each hidden layer.
        activation: Name, see `kerashep.layers.DenseConcat`.
        dropout: Dropout rate after each hidden layer, in `[0, 1)`.
        batch_norm: Whether to normalise after each activation.
        l2: L2 factor of all kernels and biases.
        scale: Size of the predicted quantity, such as 80 for GeV of W jets.
        dtype: Dtype policy of every layer but the head.
        name: Name of the model.
        trainable: Whether its weights are trained.

    Inputs:
        Dict `{"x": (batch, num_features)}`, standardised.

    Output:
        The quantity, positive, `(batch, 1)`, float32 under every dtype policy.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> DenseRegressor(num_features=3, units=[4], batch_norm=False).count_params()
    21
    """

    regresses = True

    def __init__(
        self,
        num_features: int,
        units: Sequence[int] = (2048, 1024, 512, 256, 128),
        activation: str = "elu",
        dropout: float = 0.0,
        batch_norm: bool = True,
        l2: float = 0.0,
        scale: float = 1.0,
        dtype: Any = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        # === Arguments ===
        layers = FullyConnected(units, activation, dropout, batch_norm, l2, dtype)
        # === Graph ===
        x = feature_input(num_features)
        output = layers.positive(layers.hidden(x), scale)
        super().__init__(
            inputs={"x": x}, outputs=output, name=name, trainable=trainable
        )
        # === Config ===
        self.num_features = num_features
        self.scale = scale
        self.stack = layers

    def last_hidden(self) -> Any:
        """Symbolic output of the last hidden layer."""
        return self.get_layer("positive").input

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "trainable": self.trainable,
            "num_features": self.num_features,
            "scale": self.scale,
            **self.stack.get_config(),
        }
