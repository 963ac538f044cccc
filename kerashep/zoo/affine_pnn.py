"""Affine parametric network: conditioned on the physics parameters at each layer."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import keras

from kerashep._export import kerashep_export
from kerashep._messages import did_you_mean
from kerashep.layers.affine_conditioning import AffineConditioning
from kerashep.layers.concat_conditioning import ConcatConditioning
from kerashep.layers.conditional_biasing import ConditionalBiasing
from kerashep.layers.conditional_scaling import ConditionalScaling
from kerashep.layers.parameter_scaling import ParameterScaling
from kerashep.zoo.blocks import DenseStack, feature_input, parameter_input
from kerashep.zoo.registry import register_model

Condition = Callable[[Any, int], Any]
PLACEMENTS = ("all", "start", "end")
KINDS = ("affine", "scale", "bias", "concat")


@register_model("affine_pnn")
@kerashep_export
class AffinePNN(keras.Model):
    """Dense classifier whose hidden layers are functions of the physics parameters.

    By default each hidden layer's output `x` becomes `x * s(m) + b(m)` before its
    dropout: 76,151 parameters for 27 features and a mass.

    Reference: [Anzalone et al., 2022](https://arxiv.org/abs/2202.00424), section 4.1
    and table 2.

    Args:
        num_features: Number of event features.
        num_parameters: Number of physics parameters (1 for a mass).
        units: Width of each hidden layer.
        activation: Hidden activation.
        dropout: Dropout rate after each hidden layer, in `[0, 1)`.
        kernel_l2: L2 factor of the hidden dense kernels (1e-4 in the reference); the
            conditioning and the head are not regularised, as there.
        bias_l2: L2 factor of the hidden dense biases (1e-5 in the reference).
        placement: What is conditioned: `"all"` each hidden layer's output, not the
            features; `"start"` the features only; `"end"` the last hidden layer's
            output only.
        kind: `"affine"`, `"scale"` (`x * s(m)`), `"bias"` (`x + b(m)`) or `"concat"`
            (`[x, m]`). `"concat"` with `"start"` is `ParametricNN`. `"bias"` and
            `"concat"` with `"end"` warn: `m` then only adds a number to the logit,
            so that at a given `m` the order of events does not depend on it.
        initialization: `"identity"` or `"reference"`, see `AffineConditioning`; only
            for kinds with a scale.
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

    Raises:
        ValueError: If an argument is out of range, or `initialization` is set for
            a kind that has no scale.

    Example:

    >>> AffinePNN(num_features=27).count_params()
    76151
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
        placement: str = "all",
        kind: str = "affine",
        initialization: str = "identity",
        parameter_scale: float | Sequence[float] = 1000.0,
        dtype: Any = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        # === Arguments ===
        _check_conditioning(placement, kind, initialization)
        stack = DenseStack(units, activation, dropout, kernel_l2, bias_l2, dtype)
        scaling = ParameterScaling(
            parameter_scale, dtype=stack.dtype, name="parameter_scaling"
        )
        # === Graph ===
        x, m = feature_input(num_features), parameter_input(num_parameters)
        condition = _conditioned(kind, initialization, stack.dtype, scaling(m))
        score = stack.score(_hidden(stack, placement, x, condition))
        super().__init__(
            inputs={"x": x, "m": m}, outputs=score, name=name, trainable=trainable
        )
        # === Config ===
        self.num_features = num_features
        self.num_parameters = num_parameters
        self.placement = placement
        self.kind = kind
        self.initialization = initialization
        self.parameter_scale = scaling.scale
        self.stack = stack

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "trainable": self.trainable,
            "num_features": self.num_features,
            "num_parameters": self.num_parameters,
            "placement": self.placement,
            "kind": self.kind,
            "initialization": self.initialization,
            "parameter_scale": self.get_layer("parameter_scaling").get_config()[
                "scale"
            ],
            **self.stack.get_config(),
        }


def _hidden(stack: DenseStack, placement: str, x: Any, condition: Condition) -> Any:
    """Output of the last hidden layer, conditioned where `placement` says."""
    if placement == "start":
        return stack.hidden(condition(x, 0))
    if placement == "all":
        return stack.hidden(x, condition)
    last = len(stack.units) - 1
    return stack.hidden(x, lambda x, i: condition(x, i) if i == last else x)


def _conditioned(kind: str, initialization: str, dtype: Any, scaled: Any) -> Condition:
    """`condition(x, i)`: `x` conditioned on `scaled` by the layer `condition_<i>`."""

    def condition(x: Any, i: int) -> Any:
        layer = _conditioning(kind, initialization, dtype, f"condition_{i}")
        return layer((x, scaled))

    return condition


def _conditioning(kind: str, initialization: str, dtype: Any, name: str) -> Any:
    if kind == "affine":
        return AffineConditioning(initialization=initialization, dtype=dtype, name=name)
    if kind == "scale":
        return ConditionalScaling(initialization=initialization, dtype=dtype, name=name)
    if kind == "bias":
        return ConditionalBiasing(dtype=dtype, name=name)
    return ConcatConditioning(dtype=dtype, name=name)


def _check_conditioning(placement: str, kind: str, initialization: str) -> None:
    for name, value, known in (
        ("placement", placement, PLACEMENTS),
        ("kind", kind, KINDS),
    ):
        if value not in known:
            raise ValueError(f"Unknown {name} '{value}'." + did_you_mean(value, known))
    if kind in ("bias", "concat") and initialization != "identity":
        raise ValueError(
            "`initialization` chooses the start of a scale, which kind='affine' and "
            f"kind='scale' have. Received: kind='{kind}', "
            f"initialization='{initialization}'. Leave `initialization` out."
        )
    if kind in ("bias", "concat") and placement == "end":
        warnings.warn(
            f"AffinePNN with kind='{kind}' and placement='end': the parameters only "
            "add a number to the logit, so that at a given mass the order of events "
            "does not depend on it. Use kind='affine' or placement='all'.",
            stacklevel=3,
        )
