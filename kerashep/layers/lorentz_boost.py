"""Combinations of four-vectors, boosted into the rest frames of others."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashep._export import kerashep_export
from kerashep.layers._boost import boosted, rest_frames
from kerashep.layers._boost_arguments import (
    checked_choice,
    checked_count,
    fixed_weights,
    times_columns,
)
from kerashep.layers._four_vectors import first_mask, without_padding, working_dtype

MODES = ("pairs", "product", "combinations")
POSITIVITY = ("absolute", "constraint")


@kerashep_export
class LorentzBoost(keras.layers.Layer):
    """Combines four-vectors into particles and rest frames, and boosts one into other.

    Particles `P = W_p^T X` and rest frames `R = W_r^T X` are sums of the inputs with
    positive weights, the same for all events. With `gamma = E_R / m_R` and
    `w = p_R / m_R` the boosted particle is

        E' = gamma E - w.p,    p' = p + w (w.p / (1 + gamma) - E).

    Which particle is boosted into which frame is the `mode`:

    - `"pairs"`: the m-th particle into the m-th frame; `num_particles` outputs.
    - `"product"`: every particle into every frame; `num_particles num_restframes`
      outputs, all frames of the first particle first.
    - `"combinations"`: there are particles only, each boosted into the rest frame of
      every other; `num_particles^2 - num_particles` outputs. First those of particle i
      into frame j with i < j, then those with i > j, each row by row.

    Precision: sums and boosts are computed, and returned, in float32 at least, under
    mixed policies too; only they keep the masses. In float32 the energies and momenta
    of fast vectors cancel to about `gamma 6e-8` of the energy, which bounds what any
    formula can know of the boosted momentum. The one above is evaluated as a sum of
    positive terms: a frame boosted into itself keeps less than 1e-6 of its energy as
    momentum. Under a float64 policy both are 2e9 times smaller. On processors that
    shorten float32 in matrix products (TF32) switch that off.

    A vector that is massless or space-like has no rest frame: its squared mass is taken
    as `epsilon p^2` with the `epsilon` of the dtype, which is also the smallest that
    can be resolved, so the Lorentz factor is at most 2897 in float32 and 6.7e7 in
    float64. A zero vector is taken to be at rest: nothing is boosted. Values and
    gradients are finite in all these cases.

    Reference: [Erdmann et al., 2018](https://arxiv.org/abs/1812.09722).

    Args:
        num_particles: Number of particles.
        num_restframes: Number of rest frames. By default as many as particles, which
            `"pairs"` requires; not to be given for `"combinations"`.
        mode: `"pairs"`, `"product"` or `"combinations"`.
        particle_weights: `(n, num_particles)` fixed weights, used as they are (zero and
            negative ones too) and not trained. By default they are trained.
        restframe_weights: `(n, num_restframes)`, likewise.
        positivity: How trained weights are positive. `"absolute"`: by the absolute
            value in the forward pass, as in the paper. `"constraint"`: negative ones
            are set to zero after each update. They start normally distributed with a
            standard deviation of one over the number of columns (for `"constraint"`,
            their absolute values).
        **kwargs: Forwarded to `keras.layers.Layer` (`name`, `dtype`, ...).

    Call arguments:
        inputs: The four-vectors, or a pair of them and auxiliary columns that are no
            components of a momentum (charge, b-tag), summed with the particle weights.
        mask: `(batch, n)`, False for padding, which takes no part whatever it holds;
            by default the Keras mask of the inputs.

    Input shape:
        `(batch, n, 4)` as (E, px, py, pz); auxiliary columns `(batch, n, k)`.

    Output shape:
        `(batch, outputs, 4)`; with auxiliary columns a pair of that and
        `(batch, num_particles, k)`.

    Raises:
        ValueError: If an argument does not fit the mode, fixed weights do not fit the
            inputs, or the inputs are no four-vectors.

    Example:

    >>> layer = LorentzBoost(1, particle_weights=[[1.0]], restframe_weights=[[1.0]])
    >>> [float(v) for v in layer(keras.ops.array([[[5.0, 0.0, 0.0, 4.0]]]))[0, 0]]
    [3.0, 0.0, 0.0, 0.0]
    """

    def __init__(
        self,
        num_particles: int,
        num_restframes: int | None = None,
        mode: str = "pairs",
        particle_weights: Any = None,
        restframe_weights: Any = None,
        positivity: str = "absolute",
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True
        self.num_particles = checked_count("num_particles", num_particles)
        self.num_restframes = num_restframes
        self.mode = checked_choice("mode", mode, MODES)
        self.positivity = checked_choice("positivity", positivity, POSITIVITY)
        self._frames = self._number_of_frames(restframe_weights)
        self.particle_weights = fixed_weights(
            "particle_weights", particle_weights, self.num_particles
        )
        self.restframe_weights = fixed_weights(
            "restframe_weights", restframe_weights, self._frames
        )

    def build(self, input_shape: Any) -> None:
        first = input_shape[0]
        paired = isinstance(first, (tuple, list))
        shape = tuple(first if paired else input_shape)
        fits = len(shape) == 3 and shape[1] is not None and shape[2] == 4
        if paired:
            other = tuple(input_shape[1]) if len(input_shape) == 2 else ()
            fits = fits and len(other) == 3 and other[1] == shape[1]
        if not fits:
            raise ValueError(
                f"Layer '{self.name}' expects four-vectors (E, px, py, pz) of shape "
                "(batch, n, 4), or a pair of them and auxiliary columns of shape "
                f"(batch, n, k). Received: {input_shape}."
            )
        self.particle_kernel = self._kernel(
            "particle", self.particle_weights, (shape[1], self.num_particles)
        )
        self.restframe_kernel = None
        if self.mode != "combinations":
            self.restframe_kernel = self._kernel(
                "restframe", self.restframe_weights, (shape[1], self._frames)
            )

    @property
    def particle_combinations(self) -> Any:
        """`(n, num_particles)` weights as the forward pass uses them."""
        return self._positive(self.particle_kernel, self.particle_weights)

    @property
    def restframe_combinations(self) -> Any:
        """`(n, frames)` weights as the forward pass uses them."""
        if self.restframe_kernel is None:
            return self.particle_combinations
        return self._positive(self.restframe_kernel, self.restframe_weights)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        paired = isinstance(inputs, (tuple, list))
        vectors = inputs[0] if paired else inputs
        particles, frames = self._combined(vectors, first_mask(mask))
        output = ops.transpose(self._boosted(particles, frames), (0, 2, 1))
        if not paired:
            return output
        auxiliary = self._transposed(inputs[1], first_mask(mask))
        combined = times_columns(auxiliary, self.particle_combinations)
        return output, ops.transpose(combined, (0, 2, 1))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None

    def compute_output_spec(self, inputs: Any, mask: Any = None) -> Any:
        paired = isinstance(inputs, (tuple, list))
        batch = (inputs[0] if paired else inputs).shape[0]
        dtype = working_dtype(self)
        output = keras.KerasTensor((batch, self.num_outputs, 4), dtype)
        if not paired:
            return output
        shape = (batch, self.num_particles, inputs[1].shape[-1])
        return output, keras.KerasTensor(shape, dtype)

    @property
    def num_outputs(self) -> int:
        """Number of boosted four-vectors."""
        if self.mode == "combinations":
            return self.num_particles * (self.num_particles - 1)
        return self.num_particles * (self._frames if self.mode == "product" else 1)

    def get_config(self) -> dict[str, Any]:
        fixed = (self.particle_weights, self.restframe_weights)
        weights = [None if values is None else values.tolist() for values in fixed]
        return {
            **super().get_config(),
            "num_particles": self.num_particles,
            "num_restframes": self.num_restframes,
            "mode": self.mode,
            "particle_weights": weights[0],
            "restframe_weights": weights[1],
            "positivity": self.positivity,
        }

    def _number_of_frames(self, restframe_weights: Any) -> int:
        given = self.num_restframes
        if self.mode == "combinations":
            if given is not None or restframe_weights is not None:
                raise ValueError(
                    "Mode 'combinations' boosts particles into each other: leave out "
                    "`num_restframes` and `restframe_weights`. "
                    f"Received: num_restframes={given}."
                )
            if self.num_particles < 2:
                raise ValueError(
                    "Mode 'combinations' needs `num_particles` of at least 2. "
                    f"Received: num_particles={self.num_particles}."
                )
        frames = self.num_particles if given is None else given
        if self.mode == "pairs" and frames != self.num_particles:
            raise ValueError(
                "Mode 'pairs' has one rest frame a particle. Received: "
                f"num_particles={self.num_particles}, num_restframes={given}."
            )
        return checked_count("num_restframes", frames)

    def _kernel(self, name: str, fixed: Any, shape: tuple[int, int]) -> Any:
        if fixed is None:
            bounded = self.positivity == "constraint"
            normal = _absolute_normal if bounded else _normal
            return self.add_weight(
                shape=shape,
                initializer=normal(1.0 / shape[1]),
                constraint=keras.constraints.NonNeg() if bounded else None,
                autocast=False,
                name=f"{name}_kernel",
            )
        if fixed.shape != shape:
            raise ValueError(
                f"`{name}_weights` must have shape {shape}: one row for each of the "
                f"{shape[0]} input vectors. Received: shape {fixed.shape}."
            )
        return self.add_weight(
            shape=shape,
            initializer=lambda _, dtype=None: ops.convert_to_tensor(fixed, dtype),
            trainable=False,
            autocast=False,
            name=f"{name}_kernel",
        )

    def _positive(self, kernel: Any, fixed: Any) -> Any:
        values = ops.convert_to_tensor(kernel)
        absolute = fixed is None and self.positivity == "absolute"
        return ops.abs(values) if absolute else values

    def _transposed(self, values: Any, mask: Any) -> Any:
        kept = without_padding(ops.cast(values, working_dtype(self)), mask)
        return ops.transpose(kept, (0, 2, 1))

    def _combined(self, vectors: Any, mask: Any) -> tuple[Any, Any]:
        columns = self._transposed(vectors, mask)
        particles = times_columns(columns, self.particle_combinations)
        if self.restframe_kernel is None:
            return particles, particles
        return particles, times_columns(columns, self.restframe_combinations)

    def _boosted(self, particles: Any, frames: Any) -> Any:
        every = self.mode != "pairs"
        found = boosted(particles, rest_frames(frames), every=every)
        if not every:
            return found
        found = ops.reshape(found, (-1, 4, self.num_particles * self._frames))
        if self.mode == "product":
            return found
        grid = np.arange(found.shape[2]).reshape(self.num_particles, self._frames)
        upper, lower = np.triu_indices_from(grid, 1), np.tril_indices_from(grid, -1)
        order = np.concatenate([grid[upper], grid[lower]]).astype("int32")
        return ops.take(found, order, axis=2)


def _normal(deviation: float) -> Any:
    return keras.initializers.RandomNormal(0.0, deviation)


def _absolute_normal(deviation: float) -> Any:
    normal = _normal(deviation)
    return lambda shape, dtype=None: ops.abs(normal(shape, dtype=dtype))
