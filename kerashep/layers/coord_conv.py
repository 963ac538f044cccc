"""Convolution that sees where it is."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashep._export import kerashep_export


@kerashep_export
class CoordConv(keras.layers.Conv2D):
    """Keras' `Conv2D` on the image and two more channels: row and column.

    The coordinates run from -1 to 1 over the image (0, if it has one row or column), so
    that a filter may depend on the place, which a plain convolution cannot.

    Reference: [Liu et al., 2018](https://arxiv.org/abs/1807.03247).

    Args:
        filters: Number of filters.
        kernel_size: Rows and columns of a filter, or one number.
        **kwargs: Forwarded to `keras.layers.Conv2D` (`padding`, `activation`, ...).

    Input shape:
        `(batch, rows, columns, channels)`, rows and columns known.

    Output shape:
        That of the `Conv2D`.

    Raises:
        ValueError: For `data_format="channels_first"`, or images of unknown size.

    Example:

    >>> layer = CoordConv(8, 3, padding="same")
    >>> tuple(layer(keras.ops.zeros((2, 7, 11, 6))).shape)
    (2, 7, 11, 8)
    """

    def __init__(self, filters: int, kernel_size: Any, **kwargs: Any) -> None:
        super().__init__(filters, kernel_size, **kwargs)
        if self.data_format != "channels_last":
            raise ValueError(
                "CoordConv takes images of shape (batch, rows, columns, channels): "
                f"data_format='channels_last'. Received: '{self.data_format}'."
            )

    def build(self, input_shape: Any) -> None:
        if len(input_shape) != 4 or None in input_shape[1:]:
            raise ValueError(
                f"Layer '{self.name}' takes (batch, rows, columns, channels), of which "
                f"only the batch may be unknown. Received: {tuple(input_shape)}."
            )
        channels = input_shape[-1]
        super().build((*input_shape[:-1], channels + 2))
        self.input_spec = keras.InputSpec(ndim=4, axes={-1: channels})

    def call(self, inputs: Any) -> Any:
        rows, columns = inputs.shape[1:3]
        like = ops.ones_like(inputs[..., :1])
        places = [
            like * ops.reshape(self._coordinates(rows), (1, rows, 1, 1)),
            like * ops.reshape(self._coordinates(columns), (1, 1, columns, 1)),
        ]
        return super().call(ops.concatenate([inputs, *places], axis=-1))

    def _coordinates(self, size: int) -> Any:
        places = np.linspace(-1.0, 1.0, size) if size > 1 else np.zeros(1)
        return ops.convert_to_tensor(places, self.compute_dtype)
