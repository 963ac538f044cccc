"""Dropout whose noise is learnt, by a price on information."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export


@kerashep_export
class InformationDropout(keras.layers.Layer):
    """Multiplies activations by log-normal noise, as much as each can bear.

    `z = f e`, `log e ~ N(0, alpha^2)`, with `alpha = max_alpha sigmoid(W f + b)` for
    every unit of every event, in training only. What units tell of the event is paid
    for: the loss grows by `beta` times the divergence from a log-uniform prior. That is
    `-log alpha` up to a constant for a unit with `f > 0`, the constant chosen such that
    the largest noise costs nothing; a unit that is off is free. It is summed over units
    and averaged over the batch; the weights of events do not enter.

    Put it behind a ReLU, in place of a dropout.

    Reference: [Achille and Soatto, 2018](https://arxiv.org/abs/1611.01353); there
    `alpha` is a function of what the layer before sees, here of what it gives.

    Args:
        beta: Price of information; 0 leaves the noise without a reason to grow.
        max_alpha: Largest standard deviation of the noise's logarithm.
        seed: Of the noise; from Keras' global generator by default.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        `(batch, ..., units)`, not negative.

    Output shape:
        Same as the input.

    Raises:
        ValueError: If `beta` is negative or `max_alpha` not positive.

    Example:

    >>> layer = InformationDropout(beta=1e-3)
    >>> tuple(layer(keras.ops.ones((2, 5)), training=True).shape)
    (2, 5)
    """

    def __init__(
        self,
        beta: float = 1e-3,
        max_alpha: float = 0.7,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not beta >= 0:
            raise ValueError(f"`beta` must be >= 0. Received: beta={beta}.")
        if not max_alpha > 0:
            raise ValueError(
                f"`max_alpha` must be positive. Received: max_alpha={max_alpha}."
            )
        self.beta, self.max_alpha, self.seed = float(beta), float(max_alpha), seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        width = input_shape[-1]
        self.input_spec = keras.InputSpec(min_ndim=2, axes={-1: width})
        self.kernel = self.add_weight(
            name="kernel", shape=(width, width), initializer="glorot_uniform"
        )
        self.bias = self.add_weight(name="bias", shape=(width,), initializer="zeros")

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        logit = ops.matmul(inputs, self.kernel) + self.bias
        # -log(alpha / max_alpha), in at least 32 bits: it is summed over all units.
        price = ops.softplus(-ops.cast(logit, "float32"))
        paid = ops.where(inputs > 0, price, ops.zeros_like(price))
        events = ops.cast(ops.shape(inputs)[0], "float32")
        self.add_loss(self.beta * ops.sum(paid) / events)
        alpha = self.max_alpha * ops.sigmoid(logit)
        normal = keras.random.normal(
            ops.shape(inputs), dtype=inputs.dtype, seed=self.seed_generator
        )
        return inputs * ops.exp(alpha * normal)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "beta": self.beta,
            "max_alpha": self.max_alpha,
            "seed": self.seed,
        }
