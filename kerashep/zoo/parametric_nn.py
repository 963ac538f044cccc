"""Parametric network: the physics parameters are further inputs."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashep._export import kerashep_export
from kerashep.layers.concat_conditioning import ConcatConditioning
from kerashep.layers.parameter_scaling import ParameterScaling
from kerashep.zoo.blocks import DenseStack, feature_input, parameter_input
from kerashep.zoo.registry import register_model


@register_model("parametric_nn")
@kerashep_export
class ParametricNN(keras.Model):
    """Dense classifier of `[x, m]`, the pNN of Baldi et al.

    74,051 parameters for 27 features and a mass.

    Reference: [Baldi et al., 2016](https://arxiv.org/abs/1601.07913).

    Args:
        num_features: Number of event features.
        num_parameters: Number of physics parameters (1 for a mass).
        units: Width of each hidden layer.
        activation: Hidden activation.
        dropout: Dropout rate after each hidden layer, in `[0, 1)`.
        kernel_l2: L2 factor of the hidden kernels (1e-4 in the reference).
        bias_l2: L2 factor of the hidden biases (1e-5 in the reference).
        parameter_scale: Divisor of the parameters, in their unit: one number, or
            one a parameter. 1000.0 for masses in GeV.
        dtype: Dtype policy of every layer but the head.
        name: Name of the model.
        trainable: Whether its weights are trained.

    Inputs:
        Dict `{"x": (batch, num_features), "m": (batch, num_parameters)}`: `x`
        standardised, `m` in its own unit.

    Output:
        Signal probability, `(batch, 1)`, float32 under every dtype policy.

    Example:

    >>> ParametricNN(num_features=27).count_params()
    74051
    """

    def __init__(
        self,
        num_features: int,
        num_parameters: int = 1,
        units: Sequence[int] = (300, 150, 100, 50),
        activation: Any = "relu",
        dropout: float = 0.0,
        kernel_l2: float = 0.0,
        bias_l2: float = 0.0,
        parameter_scale: float | Sequence[float] = 1000.0,
        dtype: Any = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        # === Arguments ===
        stack = DenseStack(units, activation, dropout, kernel_l2, bias_l2, dtype)
        scaling = ParameterScaling(
            parameter_scale, dtype=stack.dtype, name="parameter_scaling"
        )
        # === Graph ===
        x, m = feature_input(num_features), parameter_input(num_parameters)
        concat = ConcatConditioning(dtype=stack.dtype, name="concat")
        score = stack.score(stack.hidden(concat((x, scaling(m)))))
        super().__init__(
            inputs={"x": x, "m": m}, outputs=score, name=name, trainable=trainable
        )
        # === Config ===
        self.num_features = num_features
        self.num_parameters = num_parameters
        self.parameter_scale = scaling.scale
        self.stack = stack

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "trainable": self.trainable,
            "num_features": self.num_features,
            "num_parameters": self.num_parameters,
            "parameter_scale": self.get_layer("parameter_scaling").get_config()[
                "scale"
            ],
            **self.stack.get_config(),
        }
