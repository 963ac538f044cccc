"""Blocks of convolutions to which their input is added."""

from typing import Any

import keras

from kerashep.zoo._image_branches.parts import BranchParts

_WIDENING = 4


def residual(images: Any, parts: BranchParts, prefix: str) -> Any:
    """A convolution and `depth` residual blocks of two convolutions each.

    `x + B(C(D(ReLU(B(C(x))))))`, then ReLU: C convolves 3 x 3, B normalises the batch,
    D drops out.

    Reference: [He et al., 2016](https://arxiv.org/abs/1512.03385).
    """
    x = _start(images, parts, prefix)
    for i in range(parts.depth):
        name = f"{prefix}_block_{i}"
        inner = parts.norm(
            _conv(x, parts, parts.filters, f"{name}_a"), f"{name}_norm_a"
        )
        inner = parts.relu(inner, f"{name}_a")
        inner = _conv(inner, parts, parts.filters, f"{name}_b")
        inner = parts.norm(inner, f"{name}_norm_b")
        x = parts.relu(_sum(x, inner, parts, f"{name}_sum"), name)
        x = parts.pool(x, prefix)
    return parts.flat(x, f"{prefix}_flat")


def wide_residual(images: Any, parts: BranchParts, prefix: str) -> Any:
    """The same with four times as many filters, normalised before the convolutions.

    `S(x) + C(D(ReLU(B(C(ReLU(B(x)))))))`; S is a 1 x 1 convolution where the number of
    channels changes.

    Reference: [Zagoruyko and Komodakis, 2016](https://arxiv.org/abs/1605.07146).
    """
    width = _WIDENING * parts.filters
    x = _start(images, parts, prefix)
    for i in range(parts.depth):
        name = f"{prefix}_block_{i}"
        inner = _relu(parts.norm(x, f"{name}_norm_a"), parts, f"{name}_a_relu")
        inner = parts.norm(_conv(inner, parts, width, f"{name}_a"), f"{name}_norm_b")
        inner = _conv(parts.relu(inner, f"{name}_b"), parts, width, f"{name}_b")
        if i == 0:
            kind = keras.layers.Conv2D
            x = parts.conv(kind, width, 1, f"{name}_shortcut")(x)
        x = _sum(x, inner, parts, f"{name}_sum")
        x = parts.pool(x, prefix)
    x = _relu(parts.norm(x, f"{prefix}_norm"), parts, f"{prefix}_relu")
    return parts.flat(x, f"{prefix}_flat")


def _start(images: Any, parts: BranchParts, prefix: str) -> Any:
    return _conv(images, parts, parts.filters, f"{prefix}_start")


def _conv(x: Any, parts: BranchParts, filters: int, name: str) -> Any:
    return parts.conv(keras.layers.Conv2D, filters, 3, f"{name}_conv")(x)


def _relu(x: Any, parts: BranchParts, name: str) -> Any:
    return keras.layers.ReLU(dtype=parts.dtype, name=name)(x)


def _sum(x: Any, inner: Any, parts: BranchParts, name: str) -> Any:
    return keras.layers.Add(dtype=parts.dtype, name=name)([x, inner])
