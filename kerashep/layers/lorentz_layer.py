"""Lorentz layer of the LoLa tagger."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._boost_arguments import checked_count
from kerashep.layers._four_vectors import FourVectors, without_padding, working_dtype


@kerashep_export
class LorentzLayer(keras.layers.Layer):
    """Invariants of four-vectors and of their distances to all others (LoLa).

    For each vector j, over all vectors m, with trainable matrices `w`:

    - its squared mass `m^2_j`;
    - its transverse momentum `pT_j`;
    - `num_energies` times `sum_m w_jm E_m`;
    - `num_sums` times `sum_m w_jm d^2_jm`;
    - `num_minima` times `min_m w_jm d^2_jm`, the vector itself left out;

    with the squared Minkowski distance `d^2_jm`, the square of the difference of
    energies less that of momenta. All but the transverse momentum and the energies are
    invariant under boosts; values are in the units of the inputs, squared for masses
    and distances.

    Computed and returned in float32 at least, under mixed policies too.

    Reference: [Butter et al., 2017](https://arxiv.org/abs/1707.08966), section 2, with
    one energy, two sums and two minima.

    Args:
        num_energies: Number of weighted sums of energies.
        num_sums: Number of weighted sums of distances.
        num_minima: Number of minima of weighted distances.
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Call arguments:
        inputs: The four-vectors, of `LorentzCombination` in the tagger.
        mask: `(batch, n)`, False for padding, which enters no sum and no minimum and
            whose own outputs are zero; by default the Keras mask of the inputs, which
            is passed on.

    Input shape:
        `(batch, n, 4)` as (E, px, py, pz), n at least 2.

    Output shape:
        `(batch, n, 2 + num_energies + num_sums + num_minima)`.

    Raises:
        ValueError: If a number is negative or the inputs are no four-vectors.

    Example:

    >>> layer = LorentzLayer()
    >>> tuple(layer(keras.ops.ones((8, 24, 4))).shape)
    (8, 24, 7)
    """

    def __init__(
        self,
        num_energies: int = 1,
        num_sums: int = 2,
        num_minima: int = 2,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True
        self.num_energies = checked_count("num_energies", num_energies, 0)
        self.num_sums = checked_count("num_sums", num_sums, 0)
        self.num_minima = checked_count("num_minima", num_minima, 0)

    def build(self, input_shape: Any) -> None:
        shape = tuple(input_shape)
        if len(shape) != 3 or shape[1] is None or shape[1] < 2 or shape[2] != 4:
            raise ValueError(
                f"Layer '{self.name}' expects four-vectors (E, px, py, pz) of shape "
                f"(batch, n, 4) with n at least 2. Received: shape {shape}."
            )
        self.input_spec = keras.InputSpec(ndim=3, axes={1: shape[1], 2: 4})
        self.energy_kernel = self._kernel("energy", self.num_energies, shape[1])
        self.sum_kernel = self._kernel("sum", self.num_sums, shape[1])
        self.minimum_kernel = self._kernel("minimum", self.num_minima, shape[1])

    def call(self, inputs: Any, mask: Any = None) -> Any:
        x = without_padding(ops.cast(inputs, working_dtype(self)), mask)
        vectors = FourVectors(x)
        parts = [ops.stack([vectors.m2, vectors.pt], axis=-1)]
        parts += [
            ops.expand_dims(ops.matmul(vectors.E, ops.transpose(kernel)), -1)
            for kernel in _matrices(self.energy_kernel)
        ]
        present = _pairs(x, mask)
        distance = _squared_distances(vectors)
        zero = ops.zeros_like(distance)
        for kernel in _matrices(self.sum_kernel):
            kept = ops.where(present, distance * kernel, zero)
            parts.append(ops.sum(kept, axis=2, keepdims=True))
        for kernel in _matrices(self.minimum_kernel):
            parts.append(_minimum(distance * kernel, present))
        return without_padding(ops.concatenate(parts, axis=-1), mask)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return mask

    def compute_output_spec(self, inputs: Any, mask: Any = None) -> Any:
        width = 2 + self.num_energies + self.num_sums + self.num_minima
        return keras.KerasTensor((*inputs.shape[:2], width), working_dtype(self))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_energies": self.num_energies,
            "num_sums": self.num_sums,
            "num_minima": self.num_minima,
        }

    def _kernel(self, name: str, copies: int, count: int) -> Any:
        if not copies:
            return None
        return self.add_weight(
            shape=(copies, count, count),
            initializer=keras.initializers.RandomNormal(0.0, count**-0.5),
            autocast=False,
            name=f"{name}_kernel",
        )


def _matrices(kernel: Any) -> list[Any]:
    if kernel is None:
        return []
    values = ops.convert_to_tensor(kernel)
    return [values[i] for i in range(values.shape[0])]


def _squared_distances(vectors: FourVectors) -> Any:
    """`(batch, n, n)`; from differences, which cancel less than products."""
    parts = (vectors.E, vectors.px, vectors.py, vectors.pz)
    energy, px, py, pz = (ops.expand_dims(c, 2) - ops.expand_dims(c, 1) for c in parts)
    return energy * energy - (px * px + py * py + pz * pz)


def _pairs(x: Any, mask: Any) -> Any:
    """`(batch or 1, n, n)` whether m is another vector than j, and there."""
    others = ops.logical_not(ops.eye(x.shape[1], dtype="bool"))
    others = ops.expand_dims(others, 0)
    if mask is None:
        return others
    return ops.logical_and(others, ops.expand_dims(ops.cast(mask, "bool"), 1))


def _minimum(values: Any, present: Any) -> Any:
    """`(batch, n, 1)` smallest present value; 0 where there is none."""
    largest = float(np.finfo(keras.backend.standardize_dtype(values.dtype)).max)
    kept = ops.where(present, values, largest * ops.ones_like(values))
    smallest = ops.min(kept, axis=2, keepdims=True)
    some = ops.any(present, axis=2, keepdims=True)
    return ops.where(some, smallest, ops.zeros_like(smallest))
