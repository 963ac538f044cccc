"""Common orientation of events ("data fixing")."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerashep._export import kerashep_export
from kerashep._symmetry import reflected, rotated
from kerashep.layers._vectors import check_width, checked_vectors, component


@kerashep_export
class CanonicalFrame(keras.layers.Layer):
    """Turns and reflects every event to one orientation, and drops what is then zero.

    All momenta are rotated about the beam until the reference (the light lepton) has
    `phi = 0`, reflected along z if its `pz` is negative, and along y if the partner
    (the tau) then has a negative `py`. The `py` of the reference, now zero, is left
    out. The other features stay as they are.

    If the reference is missing (NaN) or has no transverse momentum the event is not
    rotated; if the component that would decide a reflection is missing it is not
    reflected. NaN stays NaN.

    Like `RandomRotation` it must see physical units, before any scaling, and in full
    precision: under a mixed dtype policy give it `dtype="float32"`. Gradients pass
    through the rotation, which is singular where the reference has none.

    Reference: [Strong, 2020](https://arxiv.org/abs/2002.01427), section 4.5.2.

    Args:
        vectors: Columns `(px, py, pz)` or `(px, py)` of each momentum.
        reference: Which of `vectors` gives the rotation and the reflection along z; it
            must have a `pz`.
        partner: Which of `vectors` gives the reflection along y.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Input shape:
        `(batch, ..., features)`.

    Output shape:
        `(batch, ..., features - 1)`, the columns in their order.

    Raises:
        ValueError: If `vectors` are no columns of the features or share one, or
            `reference` and `partner` are not two of them.

    Example:

    >>> frame = CanonicalFrame(vectors=((0, 1, 2), (3, 4, 5)))
    >>> event = keras.ops.array([[0.0, 2.0, -1.0, 3.0, 0.0, 1.0]])
    >>> [round(float(value), 4) + 0.0 for value in frame(event)[0]]
    [2.0, 1.0, 0.0, 3.0, -1.0]
    """

    def __init__(
        self,
        vectors: Sequence[Sequence[int]],
        reference: int = 0,
        partner: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.vectors = checked_vectors(vectors)
        known = range(len(self.vectors))
        if not {reference, partner} <= set(known) or reference == partner:
            raise ValueError(
                "`reference` and `partner` must be two positions in `vectors`, which "
                f"holds {len(known)}. Received: reference={reference}, "
                f"partner={partner}."
            )
        if len(self.vectors[reference]) < 3:
            raise ValueError(
                "The reference must have three columns (px, py, pz). "
                f"Received: {self.vectors[reference]}."
            )
        self.reference = reference
        self.partner = partner

    def build(self, input_shape: Any) -> None:
        width = check_width(self, self.vectors, input_shape)
        self.input_spec = keras.InputSpec(min_ndim=2, axes={-1: width})

    def call(self, inputs: Any) -> Any:
        dtype = keras.backend.result_type(self.variable_dtype, "float32")
        x = ops.cast(inputs, dtype)
        px, py, pz = self.vectors[self.reference]
        cosine, sine = _direction(x[..., px], x[..., py])
        first, second = component(self.vectors, "x"), component(self.vectors, "y")
        x = rotated(x, first, second, cosine, -sine, ops)
        x = reflected(x, component(self.vectors, "z"), _sign(x[..., pz]), ops)
        upwards = _sign(x[..., self.vectors[self.partner][1]])
        x = reflected(x, second, upwards, ops)
        kept = ops.concatenate([x[..., :py], x[..., py + 1 :]], axis=-1)
        return ops.cast(kept, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], input_shape[-1] - 1)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "vectors": [list(vector) for vector in self.vectors],
            "reference": self.reference,
            "partner": self.partner,
        }


def _direction(px: Any, py: Any) -> tuple[Any, Any]:
    """Cosine and sine of the azimuth; of 0 where it is undefined."""
    missing = ops.logical_or(ops.isnan(px), ops.isnan(py))
    zero, one = ops.zeros_like(px), ops.ones_like(px)
    # No NaN from here on. Each is taken out by its own `isnan`: in other choices the
    # converter to ONNX multiplies by 0, which keeps it.
    px, py = ops.where(ops.isnan(px), zero, px), ops.where(ops.isnan(py), zero, py)
    square = px * px + py * py
    defined = ops.logical_and(square > 0, ops.logical_not(missing))
    pt = ops.sqrt(ops.where(defined, square, one))
    return ops.where(defined, px, one) / pt, ops.where(defined, py, zero) / pt


def _sign(value: Any) -> Any:
    """-1 where `value` is negative, 1 elsewhere (zero, NaN)."""
    return ops.where(value < 0, -ops.ones_like(value), ops.ones_like(value))
