"""Concatenation of features and physics parameters."""

from typing import Any

from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._conditioning import ConditioningLayer, align


@kerashep_export
class ConcatConditioning(ConditioningLayer):
    """Appends the physics parameters to the features: `z = [x, m]`.

    Reference: [Baldi et al., 2016](https://arxiv.org/abs/1601.07913).

    Args:
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Call arguments:
        inputs: Pair `(x, m)`. A mask of `x` is passed on.

    Input shape:
        `x`: `(batch, ..., features)`; `m`: `(batch, num_parameters)`, or with as
        many axes as `x`; of order one.

    Output shape:
        `(batch, ..., features + num_parameters)`.

    Example:

    >>> layer = ConcatConditioning()
    >>> tuple(layer((keras.ops.ones((8, 27)), keras.ops.ones((8, 1)))).shape)
    (8, 28)
    """

    def call(self, inputs: Any) -> Any:
        x, m = inputs
        shape = (*ops.shape(x)[:-1], m.shape[-1])
        return ops.concatenate([x, ops.broadcast_to(align(m, x), shape)], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        x_shape, m_shape = input_shape
        return (*x_shape[:-1], x_shape[-1] + m_shape[-1])
