"""Deep sets of constituents."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._four_vectors import working_dtype
from kerashep.layers.jet_coordinates import JetCoordinates
from kerashep.zoo.fully_connected import FullyConnected
from kerashep.zoo.particles import particle_input
from kerashep.zoo.registry import register_model


@register_model("particle_flow_network")
@kerashep_export
class ParticleFlowNetwork(keras.Model):
    """Classification of sets: one network for each particle, summed, then another.

    `score = F(sum_i Phi(p_i))`: the order of particles does not matter, and padding
    takes no part. Particles are given to `Phi` as `kerashep.layers.JetCoordinates`.

    Reference: [Komiske et al., 2018](https://arxiv.org/abs/1810.05165), with
    `Phi` of 100, 100, 256 and `F` of 100, 100, 100 units, ReLU.

    Args:
        num_features: Four times the number of particles, see the inputs.
        particle_units: Width of each layer of `Phi`.
        units: Width of each layer of `F`.
        activation: Name, see `kerashep.layers.DenseConcat`.
        dropout: Dropout rate after each layer of `F`, in `[0, 1)`.
        batch_norm: Whether to normalise after each activation of `F`.
        l2: L2 factor of all kernels and biases.
        dtype: Dtype policy of the dense layers but the head; coordinates and the sum
            are float32 at least.
        name: Name of the model.
        trainable: Whether its weights are trained.

    Inputs:
        Dict `{"x": (batch, num_features)}`: (E, px, py, pz) of the first particle, of
        the second, and so on, in GeV as they are, zeros for padding. A scaler must
        leave them alone (`preprocessing.scaling: none` in a recipe).

    Output:
        Signal probability, `(batch, 1)`, float32 under every dtype policy.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> model = ParticleFlowNetwork(num_features=80)
    >>> tuple(model({"x": keras.ops.ones((2, 80))}).shape)
    (2, 1)
    """

    takes_four_vectors = True

    def __init__(
        self,
        num_features: int,
        particle_units: Sequence[int] = (100, 100, 256),
        units: Sequence[int] = (100, 100, 100),
        activation: str = "relu",
        dropout: float = 0.0,
        batch_norm: bool = False,
        l2: float = 0.0,
        dtype: Any = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        # === Arguments ===
        each = FullyConnected(particle_units, activation, 0.0, False, l2, dtype)
        layers = FullyConnected(units, activation, dropout, batch_norm, l2, dtype)
        # === Graph ===
        x, vectors, mask = particle_input(num_features)
        exact = working_dtype(layers.dtype)
        seen = JetCoordinates(dtype=exact, name="jet_coordinates")(vectors, mask=mask)
        found = ops.cast(each.hidden(seen, prefix="particle_"), exact)
        present = ops.expand_dims(mask, -1)
        total = ops.sum(ops.where(present, found, ops.zeros_like(found)), axis=1)
        score = layers.score(layers.hidden(total))
        super().__init__(inputs={"x": x}, outputs=score, name=name, trainable=trainable)
        # === Config ===
        self.num_features = num_features
        self.particle_units = tuple(particle_units)
        self.stack = layers

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "trainable": self.trainable,
            "num_features": self.num_features,
            "particle_units": list(self.particle_units),
            **self.stack.get_config(),
        }
