"""Classifier without physics parameters, the baseline of parametric networks."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashep._export import kerashep_export
from kerashep.zoo.blocks import DenseStack, feature_input
from kerashep.zoo.registry import register_model


@register_model("single_nn")
@kerashep_export
class SingleNN(keras.Model):
    """Dense classifier of signal of all masses at once; the mass is no input.

    73,751 parameters for 27 features.

    Reference: [Anzalone et al., 2022](https://arxiv.org/abs/2202.00424), section 6.2.

    Args:
        num_features: Number of event features.
        units: Width of each hidden layer.
        activation: Hidden activation.
        dropout: Dropout rate after each hidden layer, in `[0, 1)`.
        kernel_l2: L2 factor of the hidden kernels (1e-4 in the reference).
        bias_l2: L2 factor of the hidden biases (1e-5 in the reference).
        dtype: Dtype policy of every layer but the head.
        name: Name of the model.
        trainable: Whether its weights are trained.

    Inputs:
        Dict `{"x": (batch, num_features)}`, standardised.

    Output:
        Signal probability, `(batch, 1)`, float32 under every dtype policy.

    Example:

    >>> SingleNN(num_features=27).count_params()
    73751
    """

    def __init__(
        self,
        num_features: int,
        units: Sequence[int] = (300, 150, 100, 50),
        activation: Any = "relu",
        dropout: float = 0.0,
        kernel_l2: float = 0.0,
        bias_l2: float = 0.0,
        dtype: Any = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        # === Arguments ===
        stack = DenseStack(units, activation, dropout, kernel_l2, bias_l2, dtype)
        # === Graph ===
        x = feature_input(num_features)
        score = stack.score(stack.hidden(x))
        super().__init__(inputs={"x": x}, outputs=score, name=name, trainable=trainable)
        # === Config ===
        self.num_features = num_features
        self.stack = stack

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "trainable": self.trainable,
            "num_features": self.num_features,
            **self.stack.get_config(),
        }
