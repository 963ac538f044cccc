"""Kinematics of four-vectors with finite values and gradients everywhere.

Square roots, quotients and angles are taken of values for which they are regular;
`where` chooses them before the operation and the result after it, so that no infinite
derivative is multiplied by zero.
"""

import math
from functools import cached_property
from typing import Any

import keras
import numpy as np
from keras import ops

# |eta| and |y| go up to asinh(1e5) = 12.2; a detector ends at 5.
_STEEPEST = 1e-5


def working_dtype(layer: keras.layers.Layer | keras.DTypePolicy) -> str:
    """Float32 under low-precision policies, float64 under a float64 policy."""
    return str(keras.backend.result_type(layer.variable_dtype, "float32"))


def check_four_vectors(layer: keras.layers.Layer, shape: Any, components: str) -> None:
    """Refuses what is not `(batch, ..., 4)`.

    Raises:
        ValueError: Naming the components that are expected.
    """
    if len(shape) < 2 or shape[-1] != 4:
        raise ValueError(
            f"Layer '{layer.name}' expects four-vectors {components} of shape "
            f"(batch, ..., 4). Received: shape {tuple(shape)}."
        )


def resolution(values: Any) -> float:
    """Machine epsilon of the dtype of `values`."""
    return float(np.finfo(keras.backend.standardize_dtype(values.dtype)).eps)


def without_padding(values: Any, mask: Any) -> Any:
    """`(batch, n, k)` with zeros, and no gradient, where the mask is False."""
    if mask is None:
        return values
    kept = ops.expand_dims(ops.cast(mask, "bool"), -1)
    return ops.where(kept, values, ops.zeros_like(values))


def first_mask(mask: Any) -> Any:
    """The mask of the first of several inputs."""
    return mask[0] if isinstance(mask, (list, tuple)) else mask


def safe_sqrt(values: Any) -> Any:
    """Square root; 0, with a derivative of 0, of what is not positive."""
    positive = values > 0
    root = ops.sqrt(ops.where(positive, values, ops.ones_like(values)))
    return ops.where(positive, root, ops.zeros_like(values))


def safe_quotient(numerator: Any, denominator: Any, otherwise: Any) -> Any:
    """`numerator / denominator`; `otherwise` where that is not positive.

    What has no square in the precision (1e-19 in float32) counts as zero: derivatives
    divide by the square.
    """
    positive = denominator > _smallest_normal(denominator) ** 0.5
    divisor = ops.where(positive, denominator, ops.ones_like(denominator))
    return ops.where(positive, numerator / divisor, otherwise)


def wrapped(angle: Any) -> Any:
    """The same angle in [-pi, pi]."""
    return angle - 2 * math.pi * ops.round(angle / (2 * math.pi))


class FourVectors:
    """Features of four-vectors, each computed when first asked for.

    Args:
        vectors: `(..., n, 4)` as (E, px, py, pz). Every feature is `(..., n)`.
    """

    def __init__(self, vectors: Any) -> None:
        self.E, self.px, self.py, self.pz = (vectors[..., i] for i in range(4))

    @cached_property
    def pt2(self) -> Any:
        """Squared transverse momentum."""
        return self.px * self.px + self.py * self.py

    @cached_property
    def p2(self) -> Any:
        """Squared momentum."""
        return self.pt2 + self.pz * self.pz

    @cached_property
    def p(self) -> Any:
        """Momentum."""
        return safe_sqrt(self.p2)

    @cached_property
    def pt(self) -> Any:
        """Transverse momentum."""
        return safe_sqrt(self.pt2)

    @cached_property
    def eta(self) -> Any:
        """Pseudorapidity, within +-12.2; 0 of a zero vector."""
        return _rapidity(self.pz, self.pt)

    @cached_property
    def phi(self) -> Any:
        """Azimuth in [-pi, pi]; 0 along the beam, and if pt has no square."""
        defined = self.pt2 > _smallest_normal(self.pt2)
        px = ops.where(defined, self.px, ops.ones_like(self.px))
        return ops.arctan2(ops.where(defined, self.py, ops.zeros_like(self.py)), px)

    @cached_property
    def m2(self) -> Any:
        """Squared mass, negative for space-like vectors."""
        return (self.E - self.p) * (self.E + self.p)

    @cached_property
    def m(self) -> Any:
        """Mass; 0 below `sqrt(epsilon) p`, where the precision resolves none."""
        known = self.m2 > resolution(self.p) * self.p2
        return safe_sqrt(ops.where(known, self.m2, ops.zeros_like(self.m2)))

    @cached_property
    def beta(self) -> Any:
        """`p / E`, at most 1; 0 of a zero vector."""
        at_most = ops.where(self.p > 0, ops.ones_like(self.p), ops.zeros_like(self.p))
        return safe_quotient(ops.minimum(self.p, self.E), self.E, at_most)

    @cached_property
    def gamma(self) -> Any:
        """`E / m`, at most `1 / sqrt(epsilon)`; 1 of a zero vector."""
        mass = safe_sqrt(ops.maximum(self.m2, resolution(self.p) * self.p2))
        return safe_quotient(self.E, mass, ops.ones_like(mass))

    @cached_property
    def y(self) -> Any:
        """Rapidity `atanh(pz / E)`, within +-12.2; 0 of a zero vector."""
        return _rapidity(self.pz, safe_sqrt((self.E - self.pz) * (self.E + self.pz)))

    @cached_property
    def direction(self) -> Any:
        """`(..., n, 3)` unit vectors; zeros of a zero vector."""
        zero = ops.zeros_like(self.p)
        parts = (safe_quotient(c, self.p, zero) for c in (self.px, self.py, self.pz))
        return ops.stack(list(parts), axis=-1)


def _smallest_normal(values: Any) -> float:
    """Below it numbers of the dtype lose digits, and have infinite reciprocals."""
    return float(np.finfo(keras.backend.standardize_dtype(values.dtype)).tiny)


def _rapidity(pz: Any, transverse: Any) -> Any:
    size = ops.maximum(transverse, _STEEPEST * ops.abs(pz))
    return ops.arcsinh(safe_quotient(pz, size, ops.zeros_like(pz)))
