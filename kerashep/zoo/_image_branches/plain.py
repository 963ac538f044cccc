"""Images as the channels of plain convolutions."""

from typing import Any

import keras

from kerashep.layers.coord_conv import CoordConv
from kerashep.zoo._image_branches.parts import BranchParts


def plain(images: Any, parts: BranchParts, prefix: str) -> Any:
    """(3 x 3 convolution, ReLU, dropout) x depth, the layers being channels."""
    return _stack(keras.layers.Conv2D, images, parts, prefix)


def coordinates(images: Any, parts: BranchParts, prefix: str) -> Any:
    """The same with convolutions that see row and column.

    Reference: [Liu et al., 2018](https://arxiv.org/abs/1807.03247).
    """
    return _stack(CoordConv, images, parts, prefix)


def _stack(kind: Any, x: Any, parts: BranchParts, prefix: str) -> Any:
    for i in range(parts.depth):
        x = parts.conv(kind, parts.filters, 3, f"{prefix}_conv_{i}")(x)
        x = parts.relu(x, f"{prefix}_{i}")
        x = parts.pool(x, prefix)
    return parts.flat(x, f"{prefix}_flat")
