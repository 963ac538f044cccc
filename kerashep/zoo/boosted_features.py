"""Normalised features of boosted combinations: the front of a Lorentz Boost Network."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashep.layers.four_vector_features import FourVectorFeatures
from kerashep.layers.lorentz_boost import LorentzBoost

FEATURES = ("E", "pt", "eta", "phi", "m")
PAIR_FEATURES = ("pair_cos",)


class BoostedFeatures:
    """Combinations of particles, boosted, and their features, batch-normalised.

    Makes layers only; it is neither a layer nor a model.

    Args:
        combinations: Number of combined particles.
        restframes: Number of combined rest frames; see `kerashep.layers.LorentzBoost`,
            as for the others.
        mode: `"pairs"`, `"product"` or `"combinations"`.
        positivity: `"absolute"` or `"constraint"`.
        features: Names of single features, see `kerashep.layers.FourVectorFeatures`.
        pair_features: Names of pair features.
        dtype: Dtype of boosts, features and normalisation.
    """

    def __init__(
        self,
        combinations: int,
        restframes: int | None,
        mode: str,
        positivity: str,
        features: Sequence[str],
        pair_features: Sequence[str],
        dtype: str,
    ) -> None:
        self.dtype = dtype
        self.boost = LorentzBoost(
            combinations,
            restframes,
            mode,
            positivity=positivity,
            dtype=dtype,
            name="boost",
        )
        self.features = FourVectorFeatures(
            features, pair_features, dtype=dtype, name="features"
        )

    def normalised(self, vectors: Any, mask: Any) -> Any:
        """`(batch, width)` features, normalised.

        Args:
            vectors: Symbolic `(batch, n, 4)`.
            mask: Symbolic `(batch, n)`, False for padding.
        """
        found = self.features(self.boost(vectors, mask=mask))
        return keras.layers.BatchNormalization(dtype=self.dtype, name="normalisation")(
            found
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments, as JSON."""
        return {
            "combinations": self.boost.num_particles,
            "restframes": self.boost.num_restframes,
            "mode": self.boost.mode,
            "positivity": self.boost.positivity,
            "features": list(self.features.features),
            "pair_features": list(self.features.pair_features),
        }
