"""One network a mass, trained and served as one model."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers.nearest_selection import NearestSelection
from kerashep.zoo.blocks import DenseStack, feature_input, parameter_input
from kerashep.zoo.registry import register_model


@register_model("individual_nns")
@kerashep_export
class IndividualNNs(keras.Model):
    """A `SingleNN` for each mass; an event is scored by the one nearest to its mass.

    Only the network that scores an event learns from it, so the networks train
    independently of each other, on the signal of their mass and the background
    whose mass input is nearest to theirs. Half-way between two masses the lower
    one's network is taken.

    Reference: [Anzalone et al., 2022](https://arxiv.org/abs/2202.00424), section 6.2.

    Args:
        num_features: Number of event features.
        masses_gev: Masses in GeV, strictly increasing.
        units: Width of each hidden layer.
        activation: Hidden activation.
        dropout: Dropout rate after each hidden layer, in `[0, 1)`.
        kernel_l2: L2 factor of the hidden kernels (1e-4 in the reference).
        bias_l2: L2 factor of the hidden biases (1e-5 in the reference).
        dtype: Dtype policy of every layer but the heads.
        name: Name of the model.
        trainable: Whether its weights are trained.

    Inputs:
        Dict `{"x": (batch, num_features), "m": (batch, 1)}`: `x` standardised, `m`
        the mass in GeV.

    Output:
        Signal probability, `(batch, 1)`, float32 under every dtype policy.

    Example:

    >>> IndividualNNs(num_features=27, masses_gev=(500, 1000)).count_params()
    147502
    """

    def __init__(
        self,
        num_features: int,
        masses_gev: Sequence[float],
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
        masses = _checked(masses_gev)
        # === Graph ===
        x, m = feature_input(num_features), parameter_input(1)
        prefixes = [f"network_{i}_" for i in range(len(masses))]
        scores = [stack.score(stack.hidden(x, prefix=p), prefix=p) for p in prefixes]
        select = NearestSelection(masses, dtype="float32", name="nearest_mass")
        super().__init__(
            inputs={"x": x, "m": m},
            outputs=select((ops.stack(scores, axis=1), m)),
            name=name,
            trainable=trainable,
        )
        # === Config ===
        self.num_features = num_features
        self.masses_gev = masses
        self.stack = stack

    def last_hidden(self) -> Any:
        """Symbolic last hidden layer `(batch, units[-1])` of the chosen network."""
        heads = [
            self.get_layer(f"network_{i}_score") for i in range(len(self.masses_gev))
        ]
        hidden = ops.stack([head.input for head in heads], axis=1)
        select = NearestSelection(self.masses_gev, dtype="float32")
        return select((hidden, self.input["m"]))

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "trainable": self.trainable,
            "num_features": self.num_features,
            "masses_gev": list(self.masses_gev),
            **self.stack.get_config(),
        }


def _checked(masses_gev: Sequence[float]) -> tuple[float, ...]:
    masses = tuple(float(mass) for mass in masses_gev)
    if not masses or masses[0] <= 0 or list(masses) != sorted(set(masses)):
        raise ValueError(
            "`masses_gev` must be positive and strictly increasing. "
            f"Received: masses_gev={masses_gev}."
        )
    return masses
