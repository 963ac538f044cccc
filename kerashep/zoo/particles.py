"""Four-vectors of padded particles as the input of a model."""

from typing import Any

import keras
from keras import ops

from kerashep.zoo.blocks import feature_input


def particle_input(num_features: int) -> tuple[Any, Any, Any]:
    """The input `x` of flat four-vectors, the vectors, and which of them are there.

    Args:
        num_features: Four times the number of particles: E, px, py, pz of the first,
            those of the second, and so on, as `kerashep.data.particles` makes them.

    Returns:
        `x` `(batch, 4 n)`, the vectors `(batch, n, 4)`, and the mask `(batch, n)`,
        False where all four components are zero: padding. The vectors are float32
        under every policy.

    Raises:
        ValueError: If the features are no whole number of four-vectors.
    """
    x = feature_input(num_features)
    if num_features % 4:
        raise ValueError(
            "`num_features` must be four times the number of particles (E, px, py, pz "
            f"each). Received: num_features={num_features}."
        )
    # In half precision a vector has no mass: no policy may cast it.
    vectors = keras.layers.Reshape(
        (num_features // 4, 4), dtype="float32", autocast=False, name="four_vectors"
    )(x)
    return x, vectors, ops.any(vectors != 0, axis=-1)
