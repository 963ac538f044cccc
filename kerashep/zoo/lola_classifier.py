"""The LoLa top tagger."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._four_vectors import working_dtype
from kerashep.layers.lorentz_combination import LorentzCombination
from kerashep.layers.lorentz_layer import LorentzLayer
from kerashep.zoo.fully_connected import FullyConnected
from kerashep.zoo.particles import particle_input
from kerashep.zoo.registry import register_model


@register_model("lola_classifier")
@kerashep_export
class LoLaClassifier(keras.Model):
    """Classification by invariants of constituents and of their combinations.

    Sums of constituents (CoLa), their masses, transverse momenta, weighted energies and
    Minkowski distances (LoLa), normalised, then hidden layers.

    Reference: [Butter et al., 2017](https://arxiv.org/abs/1707.08966): 10 combinations,
    hidden layers of 100 and 50 units, ReLU; the batch normalisation in front of them is
    ours, in place of a scaling of the inputs.

    Args:
        num_features: Four times the number of particles, see the inputs.
        combinations: Number of trainable combinations.
        units: Width of each hidden layer behind.
        activation: Name, see `kerashep.layers.DenseConcat`.
        dropout: Dropout rate after each hidden layer, in `[0, 1)`.
        batch_norm: Whether to normalise after each activation too.
        l2: L2 factor of kernels and biases of the dense layers.
        dtype: Dtype policy of the dense layers but the head; invariants are float32 at
            least.
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

    >>> tuple(LoLaClassifier(num_features=80)({"x": keras.ops.ones((2, 80))}).shape)
    (2, 1)
    """

    takes_four_vectors = True

    def __init__(
        self,
        num_features: int,
        combinations: int = 10,
        units: Sequence[int] = (100, 50),
        activation: str = "relu",
        dropout: float = 0.0,
        batch_norm: bool = False,
        l2: float = 0.0,
        dtype: Any = None,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        # === Arguments ===
        layers = FullyConnected(units, activation, dropout, batch_norm, l2, dtype)
        exact = working_dtype(layers.dtype)
        combined = LorentzCombination(combinations, dtype=exact, name="combination")
        invariants = LorentzLayer(dtype=exact, name="invariants")
        # === Graph ===
        x, vectors, mask = particle_input(num_features)
        vectors = combined(vectors, mask=mask)
        mask = combined.compute_mask(None, mask)
        found = invariants(vectors, mask=mask)
        found = ops.reshape(found, (-1, found.shape[1] * found.shape[2]))
        found = keras.layers.BatchNormalization(dtype=exact, name="normalisation")(
            found
        )
        score = layers.score(layers.hidden(found))
        super().__init__(inputs={"x": x}, outputs=score, name=name, trainable=trainable)
        # === Config ===
        self.num_features = num_features
        self.combinations = combinations
        self.stack = layers

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "trainable": self.trainable,
            "num_features": self.num_features,
            "combinations": self.combinations,
            **self.stack.get_config(),
        }
