"""What the conditioning layers share: the pair `(x, m)` and linear maps of `m`."""

from typing import Any

import keras
from keras import ops


class ConditioningLayer(keras.layers.Layer):
    """Base of the layers called on `(x, m)`: features and physics parameters.

    `x` has shape `(batch, ..., features)`. `m` has the rank of `x`, or is
    `(batch, num_parameters)` and then holds for every element of an event.
    Subclasses create their weights in `build_weights`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        x_shape, m_shape = self._checked(input_shape)
        self.input_spec = [
            keras.InputSpec(ndim=len(x_shape), axes={-1: x_shape[-1]}),
            keras.InputSpec(ndim=len(m_shape), axes={-1: m_shape[-1]}),
        ]
        self.build_weights(x_shape[-1], m_shape[-1])

    def build_weights(self, num_features: int, num_parameters: int) -> None:
        """Creates the weights; none by default."""

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of `x`: conditioning acts on each element by itself."""
        return None if previous_mask is None else previous_mask[0]

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape[0])

    def add_projection(
        self, name: str, num_features: int, num_parameters: int, bias: float
    ) -> tuple[Any, Any]:
        """Glorot-uniform kernel and constant bias of a linear map of `m`."""
        kernel = self.add_weight(
            name=f"{name}_kernel",
            shape=(num_parameters, num_features),
            initializer="glorot_uniform",
        )
        constant = keras.initializers.Constant(bias)
        offset = self.add_weight(
            name=f"{name}_bias", shape=(num_features,), initializer=constant
        )
        return kernel, offset

    def _checked(self, input_shape: Any) -> tuple[Any, Any]:
        is_pair = len(input_shape) == 2 and all(
            isinstance(shape, (tuple, list)) for shape in input_shape
        )
        if not is_pair:
            raise ValueError(
                f"Layer '{self.name}' must be called on a pair `(x, m)` of features "
                f"and parameters. Received: inputs of shape {input_shape}."
            )
        x_shape, m_shape = input_shape
        if len(x_shape) < 2 or len(m_shape) not in (2, len(x_shape)):
            raise ValueError(
                f"Layer '{self.name}' expects `x` of shape (batch, ..., features) and "
                "`m` of shape (batch, num_parameters) or with as many axes as `x`. "
                f"Received: x of shape {x_shape} and m of shape {m_shape}."
            )
        if x_shape[-1] is None or m_shape[-1] is None:
            raise ValueError(
                f"Layer '{self.name}' needs the last axis of `x` and `m` to be known. "
                f"Received: x of shape {x_shape} and m of shape {m_shape}."
            )
        return x_shape, m_shape


def align(m: Any, x: Any) -> Any:
    """`m` with axes of length one put in, so that it broadcasts against `x`."""
    for _ in range(len(x.shape) - len(m.shape)):
        m = ops.expand_dims(m, 1)
    return m
