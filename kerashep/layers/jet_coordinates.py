"""Constituents seen from their jet."""

from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._four_vectors import (
    FourVectors,
    check_four_vectors,
    safe_sqrt,
    without_padding,
    working_dtype,
    wrapped,
)

NAMES = ("deta", "dphi", "dr", "log_pt", "log_e", "log_pt_share", "log_e_share")
_SMALLEST = 1e-6


@kerashep_export
class JetCoordinates(keras.layers.Layer):
    """Seven features of each constituent relative to the sum of all, the jet.

    `deta` and `dphi` (wrapped to [-pi, pi]) from the jet's axis, their length `dr`, the
    logarithms of pt and energy, and those of their shares in the jet's: all of order
    one, unchanged when the event is turned about the beam, and but for `log_e` when it
    is boosted along it.

    Values and gradients are finite for any finite input; logarithms end at 1e-6.
    Computed and returned in float32 at least, under mixed policies too.

    Reference: the inputs of [Qu and Gouskos, 2020](https://arxiv.org/abs/1902.08570),
    table 2.

    Args:
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Call arguments:
        inputs: The four-vectors.
        mask: `(batch, n)`, False for padding, whose features are zeros; by default the
            Keras mask of the inputs, which is passed on.

    Input shape:
        `(batch, n, 4)` as (E, px, py, pz), in GeV.

    Output shape:
        `(batch, n, 7)`.

    Raises:
        ValueError: If the last axis has not four components.

    Example:

    >>> layer = JetCoordinates()
    >>> tuple(layer(keras.ops.ones((8, 20, 4))).shape)
    (8, 20, 7)
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        check_four_vectors(self, input_shape, "(E, px, py, pz)")
        self.input_spec = keras.InputSpec(ndim=3, axes={2: 4})

    def call(self, inputs: Any, mask: Any = None) -> Any:
        x = without_padding(ops.cast(inputs, working_dtype(self)), mask)
        one, jet = FourVectors(x), FourVectors(ops.sum(x, axis=1, keepdims=True))
        deta = one.eta - jet.eta
        dphi = wrapped(one.phi - jet.phi)
        dr = safe_sqrt(deta * deta + dphi * dphi)
        log_pt, log_e = _log(one.pt), _log(one.E)
        shares = [log_pt - _log(jet.pt), log_e - _log(jet.E)]
        found = ops.stack([deta, dphi, dr, log_pt, log_e, *shares], axis=-1)
        absent = ops.logical_and(one.pt2 == 0, one.E == 0)
        kept = ops.expand_dims(ops.logical_not(absent), -1)
        return ops.where(kept, found, ops.zeros_like(found))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return mask

    def compute_output_spec(self, inputs: Any, mask: Any = None) -> Any:
        shape = (*inputs.shape[:2], len(NAMES))
        return keras.KerasTensor(shape, working_dtype(self))


def _log(values: Any) -> Any:
    return ops.log(ops.maximum(values, _SMALLEST))
