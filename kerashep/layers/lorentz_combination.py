"""Combination layer of the LoLa tagger."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._boost_arguments import checked_count, times_columns
from kerashep.layers._four_vectors import without_padding, working_dtype


@kerashep_export
class LorentzCombination(keras.layers.Layer):
    """Appends sums of the constituents' four-vectors to them (CoLa).

    `k'_j = sum_i k_i C_ij` with the columns of `C`: one of ones (the sum of all, the
    jet), the identity (each constituent), and `num_combinations` trainable ones. The
    momenta are linear, so the jet that splits into two constituents can be found by
    the network.

    Sums are computed, and returned, in float32 at least, under mixed policies too: a
    mass is the small difference of large numbers.

    Reference: [Butter et al., 2017](https://arxiv.org/abs/1707.08966), section 2.

    Args:
        num_combinations: Number of trainable combinations.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Call arguments:
        inputs: The four-vectors.
        mask: `(batch, n)`, False for padding, which takes no part whatever it holds;
            by default the Keras mask of the inputs. The output's mask is False for
            padded constituents only.

    Input shape:
        `(batch, n, 4)` as (E, px, py, pz).

    Output shape:
        `(batch, 1 + n + num_combinations, 4)`: the sum, the constituents (zeros for
        padding), the combinations.

    Raises:
        ValueError: If `num_combinations` is no positive integer or the inputs are no
            four-vectors.

    Example:

    >>> layer = LorentzCombination(3)
    >>> tuple(layer(keras.ops.ones((8, 20, 4))).shape)
    (8, 24, 4)
    """

    def __init__(self, num_combinations: int, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True
        self.num_combinations = checked_count("num_combinations", num_combinations)

    def build(self, input_shape: Any) -> None:
        shape = tuple(input_shape)
        if len(shape) != 3 or shape[1] is None or shape[2] != 4:
            raise ValueError(
                f"Layer '{self.name}' expects four-vectors (E, px, py, pz) of shape "
                f"(batch, n, 4). Received: shape {shape}."
            )
        self.input_spec = keras.InputSpec(ndim=3, axes={1: shape[1], 2: 4})
        self.kernel = self.add_weight(
            shape=(shape[1], self.num_combinations),
            initializer="glorot_uniform",
            autocast=False,
            name="kernel",
        )

    def call(self, inputs: Any, mask: Any = None) -> Any:
        x = without_padding(ops.cast(inputs, working_dtype(self)), mask)
        columns = ops.transpose(x, (0, 2, 1))
        combined = times_columns(columns, ops.convert_to_tensor(self.kernel))
        parts = [ops.sum(x, axis=1, keepdims=True), x]
        return ops.concatenate([*parts, ops.transpose(combined, (0, 2, 1))], axis=1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return None
        kept = ops.cast(mask, "bool")
        first = ops.ones_like(kept[:, :1])
        others = ops.repeat(first, self.num_combinations, axis=1)
        return ops.concatenate([first, kept, others], axis=1)

    def compute_output_spec(self, inputs: Any, mask: Any = None) -> Any:
        count = 1 + inputs.shape[1] + self.num_combinations
        return keras.KerasTensor((inputs.shape[0], count, 4), working_dtype(self))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_combinations": self.num_combinations}
