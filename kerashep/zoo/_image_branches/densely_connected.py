"""Convolutions that see the output of all before them."""

from typing import Any

import keras

from kerashep.zoo._image_branches.parts import BranchParts

_LAYERS = 4


def densely_connected(images: Any, parts: BranchParts, prefix: str) -> Any:
    """A convolution and `depth` dense blocks, each with a transition behind it.

    A block is four times `x = [x, D(C(ReLU(B(x))))]`, each adding half of `filters`
    channels by a 3 x 3 convolution C (B normalises the batch, D drops out); a
    transition halves the channels by a 1 x 1 convolution.

    Reference: [Huang et al., 2017](https://arxiv.org/abs/1608.06993).
    """
    growth = max(1, parts.filters // 2)
    kind = keras.layers.Conv2D
    x = parts.conv(kind, parts.filters, 3, f"{prefix}_start_conv")(images)
    for i in range(parts.depth):
        for j in range(_LAYERS):
            name = f"{prefix}_block_{i}_{j}"
            new = parts.conv(kind, growth, 3, f"{name}_conv")(_active(x, parts, name))
            both = [x, parts.dropout(new, f"{name}_dropout")]
            x = keras.layers.Concatenate(dtype=parts.dtype, name=f"{name}_all")(both)
        name = f"{prefix}_transition_{i}"
        channels = x.shape[-1] // 2
        x = parts.conv(kind, channels, 1, f"{name}_conv")(_active(x, parts, name))
        x = parts.pool(x, prefix)
    return parts.flat(_active(x, parts, prefix), f"{prefix}_flat")


def _active(x: Any, parts: BranchParts, name: str) -> Any:
    x = parts.norm(x, f"{name}_norm")
    return keras.layers.ReLU(dtype=parts.dtype, name=f"{name}_relu")(x)
