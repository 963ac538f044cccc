"""Lorentz Boost Network for a positive quantity such as a jet's mass."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashep._export import kerashep_export
from kerashep.layers._four_vectors import working_dtype
from kerashep.zoo.boosted_features import FEATURES, PAIR_FEATURES, BoostedFeatures
from kerashep.zoo.fully_connected import FullyConnected
from kerashep.zoo.particles import particle_input
from kerashep.zoo.registry import register_model


@register_model("lbn_regressor")
@kerashep_export
class LBNRegressor(keras.Model):
    """Regression of a positive quantity on features of boosted combinations.

    Trained with `kerashep.losses.TrimmedRatioLoss`. The front is that of
    `LBNClassifier`; the layers behind it those of the reference.

    Reference: M. Rieger et al., solution of the IML challenge 2018: M = 50, hidden
    layers of 2048 to 128 units, ELU, batch normalisation, L2 of 1.5e-5.

    Args:
        num_features: Four times the number of particles, see the inputs.
        combinations: Number M of combined particles.
        restframes: Number of combined rest frames; by default as many.
        mode: Which particle is boosted into which frame: `"pairs"` (M outputs),
            `"product"` or `"combinations"`.
        positivity: How the weights of combinations are positive: `"absolute"` values,
            or a `"constraint"`.
        features: Single features of boosted particles, see
            `kerashep.layers.FourVectorFeatures`.
        pair_features: Features of pairs of them.
        units: Width of each hidden layer behind.
        activation: Name, see `kerashep.layers.DenseConcat`.
        dropout: Dropout rate after each hidden layer, in `[0, 1)`.
        batch_norm: Whether to normalise after each activation too.
        l2: L2 factor of kernels and biases of the dense layers.
        scale: Size of the predicted quantity, such as 80 for GeV of W jets.
        dtype: Dtype policy of the dense layers but the head; boosts and features are
            float32 at least.
        name: Name of the model.
        trainable: Whether its weights are trained.

    Inputs:
        Dict `{"x": (batch, num_features)}`: (E, px, py, pz) of the first particle, of
        the second, and so on, in GeV as they are, zeros for padding. A scaler must
        leave them alone (`preprocessing.scaling: none` in a recipe).

    Output:
        The quantity, positive, `(batch, 1)`, float32 under every dtype policy.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    >>> model = LBNRegressor(num_features=800, units=[8], scale=80.0)
    >>> tuple(model({"x": keras.ops.ones((2, 800))}).shape)
    (2, 1)
    """

    takes_four_vectors = True
    regresses = True

    def __init__(
        self,
        num_features: int,
        combinations: int = 50,
        restframes: int | None = None,
        mode: str = "pairs",
        positivity: str = "absolute",
        features: Sequence[str] = FEATURES,
        pair_features: Sequence[str] = PAIR_FEATURES,
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
        boosted = BoostedFeatures(
            combinations,
            restframes,
            mode,
            positivity,
            features,
            pair_features,
            working_dtype(layers.dtype),
        )
        # === Graph ===
        x, vectors, mask = particle_input(num_features)
        hidden = layers.hidden(boosted.normalised(vectors, mask))
        output = layers.positive(hidden, scale)
        super().__init__(
            inputs={"x": x}, outputs=output, name=name, trainable=trainable
        )
        # === Config ===
        self.num_features = num_features
        self.scale = scale
        self.boosted, self.stack = boosted, layers

    def last_hidden(self) -> Any:
        """Symbolic output of the last hidden layer."""
        return self.get_layer("positive").input

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "trainable": self.trainable,
            "num_features": self.num_features,
            "scale": self.scale,
            **self.boosted.get_config(),
            **self.stack.get_config(),
        }
