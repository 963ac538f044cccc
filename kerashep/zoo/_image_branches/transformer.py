"""Patches of images that attend to each other."""

from typing import Any

import keras
from keras import ops

from kerashep.layers._hidden import l2_regularizer
from kerashep.zoo._image_branches.parts import BranchParts

_HEADS = 4
_SPREAD = 0.02  # of the initial places, as in the paper


def transformer(images: Any, parts: BranchParts, prefix: str) -> Any:
    """Patches, embedded with their place, and `depth` transformer blocks; their mean.

    A block is `x = x + A(N(x))`, `x = x + M(N(x))`: N normalises each patch, A is
    attention with four heads, M a hidden layer of twice the width. A patch is what one
    number is left of in a branch of convolutions: the window of `pools` to the power of
    `depth`, one cell without.

    Reference: [Dosovitskiy et al., 2020](https://arxiv.org/abs/2010.11929).
    """
    x = _embedded(_patches(images, parts, prefix), parts, prefix)
    for i in range(parts.depth):
        name = f"{prefix}_block_{i}"
        seen = _norm(x, parts, f"{name}_norm_a")
        regularizer = l2_regularizer(parts.l2)
        attended = keras.layers.MultiHeadAttention(
            _HEADS,
            max(1, parts.filters // _HEADS),
            kernel_regularizer=regularizer,
            bias_regularizer=regularizer,
            dtype=parts.dtype,
            name=f"{name}_attention",
        )(seen, seen)
        x = _sum(x, parts.dropout(attended, f"{name}_dropout"), parts, f"{name}_sum_a")
        hidden = _dense(2 * parts.filters, parts, f"{name}_hidden")(
            _norm(x, parts, f"{name}_norm_b")
        )
        hidden = ops.gelu(hidden, approximate=True)  # the exact one is not in ONNX
        hidden = parts.dropout(hidden, f"{name}_hidden_dropout")
        hidden = _dense(parts.filters, parts, f"{name}_out")(hidden)
        x = _sum(x, hidden, parts, f"{name}_sum_b")
    x = _norm(x, parts, f"{prefix}_norm")
    name = f"{prefix}_mean"
    return keras.layers.GlobalAveragePooling1D(dtype=parts.dtype, name=name)(x)


def _patches(images: Any, parts: BranchParts, prefix: str) -> Any:
    """`(batch, patches, numbers of each)`; the image is padded to whole patches."""
    rows, columns, layers = images.shape[1:]
    high, wide = (size**parts.depth for size in parts.window(prefix))
    down, across = -(-rows // high), -(-columns // wide)
    missing = (down * high - rows, across * wide - columns)
    if any(missing):
        images = ops.pad(images, ((0, 0), (0, missing[0]), (0, missing[1]), (0, 0)))
    x = ops.reshape(images, (-1, down, high, across, wide, layers))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
    return ops.reshape(x, (-1, down * across, high * wide * layers))


def _embedded(patches: Any, parts: BranchParts, prefix: str) -> Any:
    """A linear map of each patch plus a learnt vector for its place."""
    return keras.layers.EinsumDense(
        "bpn,nw->bpw",
        output_shape=(patches.shape[1], parts.filters),
        bias_axes="pw",
        bias_initializer=keras.initializers.RandomNormal(stddev=_SPREAD),
        kernel_regularizer=l2_regularizer(parts.l2),
        dtype=parts.dtype,
        name=f"{prefix}_embedding",
    )(patches)


def _dense(units: int, parts: BranchParts, name: str) -> Any:
    return keras.layers.Dense(
        units,
        kernel_regularizer=l2_regularizer(parts.l2),
        bias_regularizer=l2_regularizer(parts.l2),
        dtype=parts.dtype,
        name=name,
    )


def _norm(x: Any, parts: BranchParts, name: str) -> Any:
    return keras.layers.LayerNormalization(dtype=parts.dtype, name=name)(x)


def _sum(x: Any, inner: Any, parts: BranchParts, name: str) -> Any:
    return keras.layers.Add(dtype=parts.dtype, name=name)([x, inner])
