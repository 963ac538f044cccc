"""What the branches of a network are built from."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from kerashep.layers._hidden import check_hidden, l2_regularizer


class BranchParts:
    """Makes layers only; it is neither a layer nor a model.

    Args:
        filters: Number of filters of a convolution.
        depth: Number of convolutions, or of blocks of them.
        pools: Name of a branch -> rows and columns of the maximum that is taken after
            each of its convolutions or blocks.
        dropout: Rate after each ReLU, in `[0, 1)`.
        l2: L2 factor of all kernels and biases.
        dtype: Dtype policy.

    Raises:
        ValueError: If an argument is out of range.
    """

    def __init__(
        self,
        filters: int,
        depth: int,
        pools: Mapping[str, Sequence[int]],
        dropout: float,
        l2: float,
        dtype: Any,
    ) -> None:
        check_hidden(1, dropout, l2)
        for name, value in (("filters", filters), ("depth", depth)):
            if value != int(value) or value < 1:
                raise ValueError(
                    f"`{name}` must be a positive integer. Received: {name}={value}."
                )
        for branch, window in pools.items():
            if len(window) != 2 or min(window) < 1:
                raise ValueError(
                    "`pools` must hold rows and columns, positive integers, of a "
                    f"branch. Received: {branch}={list(window)}."
                )
        self.filters, self.depth = filters, depth
        self.pools = {branch: tuple(window) for branch, window in pools.items()}
        self.dropout_rate, self.l2 = dropout, l2
        self.dtype = keras.dtype_policies.get(dtype)

    def conv(
        self, kind: Any, filters: int, kernel: Any, name: str
    ) -> keras.layers.Layer:
        """A convolution without activation that keeps the size of the image.

        Args:
            kind: Class of the layer.
            filters: Their number.
            kernel: Size of a filter.
            name: Of the layer.
        """
        return kind(
            filters,
            kernel,
            padding="same",
            kernel_initializer="he_normal",
            kernel_regularizer=l2_regularizer(self.l2),
            bias_regularizer=l2_regularizer(self.l2),
            dtype=self.dtype,
            name=name,
        )

    def norm(self, x: Any, name: str) -> Any:
        """Batch normalisation."""
        return keras.layers.BatchNormalization(dtype=self.dtype, name=name)(x)

    def relu(self, x: Any, name: str) -> Any:
        """ReLU and dropout; names end as `name` does."""
        x = keras.layers.ReLU(dtype=self.dtype, name=f"{name}_relu")(x)
        return self.dropout(x, f"{name}_dropout")

    def dropout(self, x: Any, name: str) -> Any:
        """Dropout, if there is any."""
        if not self.dropout_rate:
            return x
        return keras.layers.Dropout(self.dropout_rate, dtype=self.dtype, name=name)(x)

    def pool(self, x: Any, prefix: str) -> Any:
        """The maximum of each window of the branch `prefix`, if it has one.

        Windows that stick out of the image at its end are cut. In XLA on a CPU a step
        of the network takes two thirds of the time it takes with Keras' pooling.
        """
        high, wide = self.window(prefix)
        if (high, wide) == (1, 1):
            return x
        _, rows, columns, channels = x.shape
        down, across = -(-rows // high), -(-columns // wide)
        missing = (
            (0, 0),
            (0, down * high - rows),
            (0, across * wide - columns),
            (0, 0),
        )
        if (down * high, across * wide) != (rows, columns):
            x = ops.pad(x, missing, constant_values=-math.inf)
        x = ops.reshape(x, (-1, down, high, across, wide, channels))
        return ops.max(x, axis=(2, 4))

    def window(self, prefix: str) -> tuple[int, ...]:
        """Rows and columns of the windows of the branch `prefix`."""
        return self.pools.get(prefix, (1, 1))

    def flat(self, x: Any, name: str) -> Any:
        """One row of features a candidate."""
        return keras.layers.Flatten(dtype=self.dtype, name=name)(x)

    def get_config(self) -> dict[str, Any]:
        """The arguments, as JSON."""
        return {
            "filters": self.filters,
            "depth": self.depth,
            "pools": {branch: list(window) for branch, window in self.pools.items()},
        }
