"""What the layers that transform events at random share."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerashep.layers._vectors import check_width, checked_vectors


class RandomSymmetry(keras.layers.Layer):
    """Base of the layers that change the momenta of an event in training only.

    Subclasses transform in `transform(x, shape)`, where `shape` is that of one random
    number an event. They compute in at least 32 bits under every dtype policy.
    """

    def __init__(
        self, vectors: Sequence[Sequence[int]], seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.vectors = checked_vectors(vectors)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        width = check_width(self, self.vectors, input_shape)
        self.input_spec = keras.InputSpec(min_ndim=2, axes={-1: width})

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            dtype = keras.backend.result_type(self.variable_dtype, "float32")
            x = ops.cast(inputs, dtype)
            shape = (ops.shape(x)[0], *(1 for _ in x.shape[1:-1]))
            inputs = self.transform(x, shape)
        return ops.cast(inputs, self.compute_dtype)

    def transform(self, x: Any, shape: Any) -> Any:
        """Transformed events."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vectors": [list(vector) for vector in self.vectors],
            "seed": self.seed,
        }
