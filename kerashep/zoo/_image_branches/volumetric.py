"""Images as a volume."""

from typing import Any

import keras
from keras import ops

from kerashep.zoo._image_branches.parts import BranchParts
from kerashep.zoo._image_branches.plain import plain


def volumetric(images: Any, parts: BranchParts, prefix: str) -> Any:
    """(3 x 3 x 3 convolution, ReLU, dropout) x depth, the layers being a third axis.

    A single image has no depth: it goes through 3 x 3 convolutions.

    Reference: [Yao et al., 2015](https://arxiv.org/abs/1502.08029).
    """
    if images.shape[-1] == 1:
        return plain(images, parts, prefix)
    x = ops.expand_dims(images, -1)
    for i in range(parts.depth):
        kind = keras.layers.Conv3D
        x = parts.conv(kind, parts.filters, 3, f"{prefix}_conv_{i}")(x)
        x = parts.relu(x, f"{prefix}_{i}")
        channels = ops.reshape(x, (-1, *x.shape[1:3], x.shape[3] * x.shape[4]))
        channels = parts.pool(channels, prefix)
        x = ops.reshape(channels, (-1, *channels.shape[1:3], *x.shape[3:]))
    return parts.flat(x, f"{prefix}_flat")
