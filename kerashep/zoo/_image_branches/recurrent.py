"""Images as a sequence from the inside out."""

from typing import Any

import keras
from keras import ops

from kerashep.layers._hidden import l2_regularizer
from kerashep.zoo._image_branches.parts import BranchParts
from kerashep.zoo._image_branches.plain import plain

_UNITS = 100


def recurrent(images: Any, parts: BranchParts, prefix: str) -> Any:
    """One convolutional network for each image in turn, then an LSTM over them.

    A single image is no sequence: it goes through the convolutions alone.

    Reference: [Donahue et al., 2015](https://arxiv.org/abs/1411.4389).
    """
    rows, columns, layers = images.shape[1:]
    if layers == 1:
        return plain(images, parts, prefix)
    each = ops.reshape(ops.transpose(images, (0, 3, 1, 2)), (-1, rows, columns, 1))
    found = plain(each, parts, prefix)
    sequence = ops.reshape(found, (-1, layers, found.shape[-1]))
    regularizer = l2_regularizer(parts.l2)
    last = keras.layers.LSTM(
        _UNITS,
        kernel_regularizer=regularizer,
        recurrent_regularizer=regularizer,
        unroll=True,
        dtype=parts.dtype,
        name=f"{prefix}_lstm",
    )(sequence)
    return parts.dropout(last, f"{prefix}_lstm_dropout")
